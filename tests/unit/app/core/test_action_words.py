"""What the audit log says is read by people: every action and every name of a part has Chinese words."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator

from app.access.audit_log import LOG_QUARANTINED, RESTORED, Outcome
from app.core.change_set import LISTED_PARTS
from app.core.document import VenueSettings
from resources.translations import load_translations
from tests.support.command_line import PROJECT

ACTION_AT = {"doing": 2, "changing": 2, "changes_venue": 1, "record_audit": 1}
"""Where these take the action."""


OF_THE_LOG = {LOG_QUARANTINED, RESTORED}
OF_DIFFERENCES = {
    f"{part} {change}" for part in LISTED_PARTS.values() for change in ("added", "changed", "removed")
} | {f"setting {field.name}" for field in dataclasses.fields(VenueSettings)}


def list_calls() -> Iterator[tuple[str, ast.Call]]:
    for file in sorted((PROJECT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", "")
                if name in ACTION_AT or name == "require":
                    yield name, node


def find_action(name: str, call: ast.Call) -> ast.expr | None:
    if name == "require":
        return next((k.value for k in call.keywords if k.arg == "action"), None)
    return call.args[ACTION_AT[name]] if len(call.args) > ACTION_AT[name] else None


def test_every_action_and_part_has_chinese_words() -> None:
    actions, parts = set(), set()
    for name, call in list_calls():
        action = find_action(name, call)
        if isinstance(action, ast.Constant) and isinstance(action.value, str):
            actions.add(action.value)
        for node in ast.walk(call):
            if isinstance(node, ast.Dict):
                parts |= {key.value for key in node.keys if isinstance(key, ast.Constant)}
    assert len(actions) > 40
    assert {"file", "user"} <= parts
    chinese = load_translations("zh_CN")
    words = actions | parts | OF_THE_LOG | OF_DIFFERENCES | {outcome.value for outcome in Outcome}
    assert not {word for word in words if chinese.gettext(word) == word}
