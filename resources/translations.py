"""Translation catalogues from English to other languages, by gettext."""

from __future__ import annotations

import gettext
import sys

from resources.files import resource_path

DOMAIN = "app"
SOURCE_LANGUAGE = "en"
"""Language of the texts in the source code."""


def list_languages() -> tuple[str, ...]:
    """Return the codes of English and of every language with a catalogue."""
    found = {file.parents[1].name for file in resource_path("locales").glob(f"*/LC_MESSAGES/{DOMAIN}.mo")}
    return (SOURCE_LANGUAGE, *sorted(found - {SOURCE_LANGUAGE}))


LANGUAGES = list_languages()


def load_translations(language: str) -> gettext.NullTranslations:
    """Return the translations for a language; identity for English and for an absent catalogue."""
    found = gettext.translation(
        DOMAIN, localedir=str(resource_path("locales")), languages=[language], fallback=True
    )
    return _BundleTranslations(found) if getattr(sys, "frozen", False) else found


def name_command(text: str) -> str:
    """Return the text with its commands as entered here: a bundle has an executable instead of Python."""
    return text.replace("python -m app", "expoflow") if getattr(sys, "frozen", False) else text


class _BundleTranslations(gettext.NullTranslations):
    """Translations with commands as entered in a bundle."""

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
    """Return a language's name for itself, which its speakers recognise."""
    if language == SOURCE_LANGUAGE:
        return "English"
    name = load_translations(language).pgettext("language", "name")
    return language if name == "name" else name


def match_language(locale: str) -> str:
    """Return the language for a system locale such as ``de_AT.UTF-8``; English if there is none."""
    requested = locale.replace("-", "_").split(".")[0].casefold()
    for language in LANGUAGES:
        if language.casefold() == requested:
            return language
    spoken = requested.split("_")[0]
    return next((one for one in LANGUAGES if one.casefold().split("_")[0] == spoken), SOURCE_LANGUAGE)
