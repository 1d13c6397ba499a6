"""Catalogues of translations: English texts to another language, by gettext."""

from __future__ import annotations

import gettext

from resources.files import resource_path

DOMAIN = "app"
LANGUAGES = ("en", "zh_CN")
"""The first is the language that the texts in the program are written in."""


def load_translations(language: str) -> gettext.NullTranslations:
    """The translations into a language; those that change nothing for English and for an absent catalogue."""
    return gettext.translation(
        DOMAIN, localedir=str(resource_path("locales")), languages=[language], fallback=True
    )
