"""Every sentence of an error has a Chinese one, which keeps its fields."""

from __future__ import annotations

import ast
import re
import string
from pathlib import Path

import pytest

import app.core.file_format  # noqa: F401 - its errors are among those looked for
from analytics.evaluation.clip_labels import LABEL_FAULTS
from analytics.store.store_failures import REMEDY
from app.access.roles import Permission, Role
from app.analysis.detection_file import REASONS, REMEDIES
from app.analysis.track_file import REASONS as TRACK_REASONS
from app.core.file_schema import ENTRY_NAMES
from app.settings.field_faults import FAULT_TEXTS
from resources.translations import load_translations
from tests.support.error_texts import find_error_texts, list_error_names
from vision.pipeline.messages import MASK_DOES_NOT_FIT

ROOT = Path(__file__).parents[3]
FROM_TABLES = (
    *(role.value for role in Role),
    *(permission.value for permission in Permission),
    MASK_DOES_NOT_FIT,
    *FAULT_TEXTS.values(),
    *ENTRY_NAMES.values(),
    *REASONS.values(),
    *TRACK_REASONS.values(),
    *REMEDIES.values(),
    *LABEL_FAULTS.values(),
    REMEDY,
)
FROM_VARIABLES = ("pixel", "floor point", "in the picture", "on the floor", "cameras", "zones", "lines")
PASSED_ON = {
    "value.template",
    "template",
    "sentence.template",
    "actor.role.value",
    "permission.value",
    "role.value",
    "REASONS[reason]",
    "reasons[reason]",
    "FAULT_TEXTS[fault['type']]",
    "singulars.get(key, key)",
    "LABEL_FAULTS[fault]",
    "MASK_DOES_NOT_FIT",
    "REMEDY",
    "loss.template",
} | {f"{owner}.{part}_template" for owner in ("error", "words") for part in ("problem", "remedy")}
"""Templates that come from the tables above, or from another error."""
FROM_ANOTHER_PROCESS = {
    "failed['problem']",
    "failed['remedy']",
    "str(packed['template'])",
    "str(packed['problem'])",
} | {"str(packed['remedy'])"}
OF_PHRASES = {"place", "kind", "what", "kind_of_entry"}
"""Variables that hold one of FROM_VARIABLES."""


def list_fields(text: str) -> set[str]:
    return {name for _before, name, _format, _how in string.Formatter().parse(text) if name}


def has_words(text: str) -> bool:
    return re.search(r"[A-Za-z]{2}", re.sub(r"\{[^}]*\}", "", text)) is not None


def find_all() -> tuple[dict[str, str], dict[str, str]]:
    """Templates, and expressions that were not followed, with where they are."""
    templates: dict[str, str] = {}
    unresolved: dict[str, str] = {}
    sources = {
        file.relative_to(ROOT): file.read_text(encoding="utf-8")
        for package in ("analytics", "vision", "app")
        for file in sorted((ROOT / package).rglob("*.py"))
    }
    # what cannot name an error needs no parsing
    names = list_error_names(s for s in sources.values() if re.search(r"^\s*class \w+\(", s, re.MULTILINE))
    is_named = re.compile(rf"\b({'|'.join([*names, 'Phrase'])})\b")
    for place, source in sources.items():
        if not is_named.search(source):
            continue
        found = find_error_texts(source, names)
        templates |= {text: f"{place}:{line}" for text, line in found.templates.items()}
        unresolved |= {text: f"{place}:{line}" for text, line in found.unresolved.items()}
    return templates, unresolved


def test_every_error_is_translated() -> None:
    templates, unresolved = find_all()
    assert len(templates) > 300
    assert set(unresolved) <= PASSED_ON | FROM_ANOTHER_PROCESS | OF_PHRASES, unresolved
    chinese = load_translations("zh_CN")
    texts = {**dict.fromkeys((*FROM_TABLES, *FROM_VARIABLES), "a table"), **templates}
    untranslated = {
        text: where for text, where in texts.items() if has_words(text) and chinese.gettext(text) == text
    }
    assert not untranslated
    wrong_fields = {
        text: where
        for text, where in texts.items()
        if list_fields(chinese.gettext(text)) != list_fields(text)
    }
    assert not wrong_fields


@pytest.mark.parametrize(
    "source",
    [
        "raise VenueError('Planted problem.', 'Planted remedy.', name=name)",
        "raise VenueError('Planted problem.' if a else 'Other.', 'Planted remedy.')",
        "_FORMAT = 'Planted remedy.'\nraise VenueError('Planted problem.', _FORMAT)",
        "def _make(problem, x):\n    return VenueError(problem, 'Planted remedy.')\n"
        "raise _make('Planted problem.', 1)",
        "class A:\n  def make(self, p, r):\n    return VenueError(p, r)\n"
        "  def f(self):\n    raise self.make('Planted problem.', 'Planted remedy.')",
        "T = {1: ('Planted problem.', 'Planted remedy.')}\nproblem, remedy = T[1]\n"
        "raise VenueError(problem, remedy)",
    ],
)
def test_a_planted_error_is_found(source: str) -> None:
    ast.parse(source)
    found = find_error_texts(source, {"VenueError"})
    assert {"Planted problem.", "Planted remedy."} <= set(found.templates)
    assert not found.unresolved


def test_errors_of_errors_are_errors() -> None:
    sources = [
        "class Far(Near): ...",
        "class Near(errors.ExpoFlowError): ...",
        "class Other(ValueError): ...",
    ]
    assert list_error_names(sources) == {"ErrorTemplates", "ExpoFlowError", "Near", "Far"}


def test_what_cannot_be_followed_is_named() -> None:
    assert find_error_texts("raise VenueError(x + 'a', f'{y}')", {"VenueError"}).unresolved == {
        "x + 'a'": 1,
        "f'{y}'": 1,
    }
