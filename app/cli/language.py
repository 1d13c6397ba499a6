"""The language of the command line: that of the settings, or of the system."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations

from resources.translations import LANGUAGES, load_translations

_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The first that is set decides, by POSIX."""


def tr(text: str, **fields: object) -> str:
    """The text in the language of the person, its ``{fields}`` filled in as `str.format` does."""
    translated = translate(text)
    return translated.format(**fields) if fields else translated


def translate(template: str) -> str:
    """The template in the language of the person, its fields kept."""
    return _load_catalogue().gettext(template) if template else ""


def choose_language(setting: str, environment: Mapping[str, str]) -> str:
    """The language of a setting that may be ``system``: Chinese where the system speaks it, else English."""
    if setting in LANGUAGES:
        return setting
    told = next((environment[name] for name in _LOCALE_VARIABLES if environment.get(name)), "")
    return "zh_CN" if told.lower().startswith("zh") else LANGUAGES[0]


@cache
def _load_catalogue() -> NullTranslations:
    from app.settings.file import read_settings

    return load_translations(choose_language(read_settings().settings.language, os.environ))
