"""The window's language: texts are written in English and translated when shown."""

from __future__ import annotations

import gettext
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from analytics.domain.errors import Phrase, fill_template
from app.error_reporting import ErrorReport
from resources.translations import LANGUAGES, load_translations, match_language, name_language

LANGUAGE_NAMES = {code: name_language(code) for code in LANGUAGES}
"""Each language's name in itself, for users who read no other."""


class _Language:
    def __init__(self) -> None:
        self.name = LANGUAGES[0]
        self.catalogue: gettext.NullTranslations = gettext.NullTranslations()
        self.qt_translators: list[QTranslator] = []
        self.translates_names = False


_language = _Language()


class _QtTexts(QTranslator):
    """Translations of Qt's texts that its own catalogue lacks, under Qt's contexts."""

    def isEmpty(self) -> bool:  # noqa: N802
        """Return False, because an empty translator would not be installed."""
        return False

    def translate(
        self, context: str, text: str, _disambiguation: str | None = None, _n: int = -1
    ) -> str | None:
        """Return the text in the window's language; None to let other translators try."""
        translated = _language.catalogue.pgettext(context, text) if text else ""
        return translated if translated != text else None


def tr(text: str, **fields: object) -> str:
    """Translate a text into the window's language and fill in its ``{fields}`` as `str.format` does."""
    translated = _language.catalogue.gettext(text) if text else ""
    return translated.format(**fields) if fields else translated


def trn(singular: str, plural: str, n: int, **fields: object) -> str:
    """Like `tr`, with the plural form of a number, which is the field ``n``, with thousands separators."""
    return _language.catalogue.ngettext(singular, plural, n).format(n=QLocale().toString(int(n)), **fields)


def join_sentences(sentences: Iterable[str]) -> str:
    """Return the sentences that are not empty in a row; Chinese puts no space between them."""
    return tr("{sentence} {next_sentence}", sentence="", next_sentence="").join(filter(None, sentences))


def join_names(names: Iterable[str]) -> str:
    """Return names as a list; empty for none."""
    joined = ""
    for name in names:
        joined = tr("{list}, {next}", list=joined, next=name) if joined else name
    return joined


def display_name(name: str, *, is_demonstration: bool | None = None) -> str:
    """Return the name of a venue, zone, line or camera for display; files and history keep the original.

    Names that people gave are shown as they are. Those of the demonstration nobody here gave: they are
    translated while it is open.

    Args:
        is_demonstration: whether it is one of those; None: if the demonstration is open.
    """
    if not (_language.translates_names if is_demonstration is None else is_demonstration):
        return name
    return _language.catalogue.pgettext("demonstration", name)


def translate_names(is_demonstration: bool) -> None:
    """Set the venue whose names `display_name` translates."""
    _language.translates_names = is_demonstration


def current_language() -> str:
    """Return the current language's code, such as ``zh_CN``."""
    return _language.name


def resolve_language(setting: str) -> str:
    """Return the language of a setting that may be ``system``: the system's if supported, else English."""
    if setting in LANGUAGES:
        return setting
    return match_language(QLocale.system().name())


def install_language(app: QApplication, language: str) -> None:
    """Switch the language; every widget gets a ``LanguageChange`` event soon.

    Args:
        language: its code, such as ``zh_CN``.
    """
    _language.name = language
    _language.catalogue = load_translations(language)
    QLocale.setDefault(QLocale(language))
    for former in _language.qt_translators:
        app.removeTranslator(former)
        former.deleteLater()
    _language.qt_translators = _make_qt_translators(app, language) if language != LANGUAGES[0] else []
    for translator in _language.qt_translators:
        app.installTranslator(translator)
    for widget in app.topLevelWidgets():
        QCoreApplication.postEvent(widget, QEvent(QEvent.Type.LanguageChange))


def _make_qt_translators(app: QApplication, language: str) -> list[QTranslator]:
    """Return the translators of Qt's own dialogs and menus; Qt queries the last one first."""
    from_qt = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if from_qt.load(f"qtbase_{language}", folder):
        return [from_qt, _QtTexts(app)]
    from_qt.deleteLater()
    return [_QtTexts(app)]


def translate_phrase(phrase: Phrase) -> str:
    return fill_template(phrase.template, phrase.fields, tr)


def translate_report(report: ErrorReport) -> str:
    rendered = report.render(tr)
    return join_sentences((rendered.problem, rendered.remedy))


class Translated:
    """Mix-in before Qt's class for widgets that follow changes of the language and of the theme."""

    def retranslate(self) -> None:
        """Update all texts to the current language."""

    def _recolour(self) -> None:
        """Draw in the theme's colours what a style sheet does not reach, such as icons."""

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() is QEvent.Type.PaletteChange:
            self._recolour()
        super().changeEvent(event)  # type: ignore[misc]
