"""The language of the command line: the configured one or the system's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations

import typer

from analytics.domain.errors import Phrase, fill_template
from resources.translations import LANGUAGES, load_translations, match_language

_LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANG")
"""The first that is set decides, as in POSIX."""


def tr(text: str, **fields: object) -> str:
    """Translate a text into the user's language and fill in its ``{fields}`` as `str.format` does."""
    translated = translate(text)
    return translated.format(**fields) if fields else translated


def translate(template: str) -> str:
    """Translate a template into the user's language, leaving its fields."""
    return _load_catalogue().gettext(template) if template else ""


def translate_phrase(text: Phrase | str) -> str:
    """Translate a text of the program, with its fields, into the user's language."""
    if isinstance(text, str):
        return translate(text)
    return fill_template(text.template, text.fields, translate)


def choose_language(setting: str, environment: Mapping[str, str]) -> str:
    """Return the language of a setting that may be ``system``: the system's if supported, else English."""
    if setting in LANGUAGES:
        return setting
    locale_name = next((environment[name] for name in _LOCALE_VARIABLES if environment.get(name)), "")
    return match_language(locale_name)


def check_language(code: str | None) -> str | None:
    """Return the code given for ``--language`` if that language exists.

    Raises:
        typer.BadParameter: there is none.
    """
    if code is None or code in LANGUAGES:
        return code
    raise typer.BadParameter(
        tr(
            "ExpoFlow has no language '{code}'; choose one of: {codes}",
            code=code,
            codes=", ".join(LANGUAGES),
        )
    )


@cache
def find_language() -> str:
    """Return the user's language."""
    from app.settings.file import read_settings

    return choose_language(read_settings().settings.language, os.environ)


@cache
def _load_catalogue() -> NullTranslations:
    return load_translations(find_language())
