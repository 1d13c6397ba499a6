"""The language of the command line: that of the settings, or of the system."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations

import typer

from resources.translations import LANGUAGES, load_translations, match_language

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
    """The language of a setting that may be ``system``: the system's own where it is known, else English."""
    if setting in LANGUAGES:
        return setting
    told = next((environment[name] for name in _LOCALE_VARIABLES if environment.get(name)), "")
    return match_language(told)


def check_language(code: str | None) -> str | None:
    """The code that was given for ``--language``, if there is such a language.

    Raises:
        typer.BadParameter: there is none.
    """
    if code is None or code in LANGUAGES:
        return code
    raise typer.BadParameter(
        tr(
            "'{code}' is no language of ExpoFlow; choose one of: {codes}",
            code=code,
            codes=", ".join(LANGUAGES),
        )
    )


@cache
def find_language() -> str:
    """The language of the person at the keyboard."""
    from app.settings.file import read_settings

    return choose_language(read_settings().settings.language, os.environ)


@cache
def _load_catalogue() -> NullTranslations:
    return load_translations(find_language())
