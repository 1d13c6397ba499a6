"""The command line speaks the language of the settings or the system, where its texts are translated."""

from __future__ import annotations

import ast
import re
import string

import pytest

from app.cameras.probe_camera import SUB_STREAM_EXPLANATION
from app.console.language import choose_language
from resources.translations import load_translations
from tests.support.command_modules import list_command_modules


@pytest.mark.parametrize(
    ("setting", "environment", "language"),
    [
        ("en", {"LANG": "zh_CN.UTF-8"}, "en"),
        ("zh_CN", {}, "zh_CN"),
        ("system", {}, "en"),
        ("system", {"LANG": "zh_CN.UTF-8"}, "zh_CN"),
        ("system", {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        ("system", {"LC_ALL": "", "LC_MESSAGES": "zh_TW", "LANG": "en_GB"}, "zh_CN"),
    ],
)
def test_the_settings_decide_and_otherwise_the_system(
    setting: str, environment: dict[str, str], language: str
) -> None:
    assert choose_language(setting, environment) == language


def list_texts() -> dict[str, str]:
    """Every text that is given to ``tr``, and where."""
    texts = {SUB_STREAM_EXPLANATION: "find_cameras.py"}
    for file in list_command_modules():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "tr":
                (argument, *_) = node.args
                assert isinstance(argument, ast.Constant), f"{file.name}:{node.lineno}"
                texts[argument.value] = f"{file.name}:{node.lineno}"
    return texts


def list_fields(text: str) -> set[str]:
    return {name for _before, name, _format, _how in string.Formatter().parse(text) if name}


def test_every_text_has_a_chinese_one_with_its_fields() -> None:
    texts, chinese = list_texts(), load_translations("zh_CN")
    assert len(texts) > 30
    words = {text: where for text, where in texts.items() if re.search("[A-Za-z]{2}", text)}
    assert not {text: where for text, where in words.items() if chinese.gettext(text) == text}
    assert not {
        text: where
        for text, where in texts.items()
        if list_fields(chinese.gettext(text)) != list_fields(text)
    }
