"""Catalogues of translations: English texts to another language, by gettext."""

from __future__ import annotations

import gettext
import sys

from resources.files import resource_path

DOMAIN = "app"
SOURCE_LANGUAGE = "en"
"""The language that the texts in the program are written in."""


def list_languages() -> tuple[str, ...]:
    """English, and every language that a catalogue is there for, by their codes."""
    found = {file.parents[1].name for file in resource_path("locales").glob(f"*/LC_MESSAGES/{DOMAIN}.mo")}
    return (SOURCE_LANGUAGE, *sorted(found - {SOURCE_LANGUAGE}))


LANGUAGES = list_languages()


def load_translations(language: str) -> gettext.NullTranslations:
    """The translations into a language; those that change nothing for English and for an absent catalogue."""
    found = gettext.translation(
        DOMAIN, localedir=str(resource_path("locales")), languages=[language], fallback=True
    )
    return _BundleTranslations(found) if getattr(sys, "frozen", False) else found


def name_command(text: str) -> str:
    """The text, its commands as they are entered here: a bundle has no Python, but an executable."""
    return text.replace("python -m app", "expoflow") if getattr(sys, "frozen", False) else text


class _BundleTranslations(gettext.NullTranslations):
    """Other translations, their commands as they are entered in a bundle."""

    def __init__(self, found: gettext.NullTranslations) -> None:
        super().__init__()
        self.add_fallback(found)

    def gettext(self, message: str) -> str:
        return name_command(super().gettext(message))

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return name_command(super().ngettext(msgid1, msgid2, n))

    def pgettext(self, context: str, message: str) -> str:
        return name_command(super().pgettext(context, message))


def name_language(language: str) -> str:
    """What a language calls itself: whoever looks for it may read no other."""
    if language == SOURCE_LANGUAGE:
        return "English"
    name = load_translations(language).pgettext("language", "name")
    return language if name == "name" else name


def match_language(locale: str) -> str:
    """The language for a system's locale such as ``de_AT.UTF-8``; English where there is none for it."""
    wanted = locale.replace("-", "_").split(".")[0].casefold()
    for language in LANGUAGES:
        if language.casefold() == wanted:
            return language
    spoken = wanted.split("_")[0]
    return next((one for one in LANGUAGES if one.casefold().split("_")[0] == spoken), SOURCE_LANGUAGE)
