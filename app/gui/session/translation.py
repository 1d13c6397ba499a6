"""The window's language: texts are written in English and looked up when they are shown."""

from __future__ import annotations

import gettext

from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from analytics.domain.errors import Phrase, fill_template
from app.error_reporting import ErrorReport
from resources.translations import LANGUAGES, load_translations, match_language, name_language

LANGUAGE_NAMES = {code: name_language(code) for code in LANGUAGES}
"""Each in its own language: whoever looks for it may read no other."""


class _Language:
    """The one language that the process speaks."""

    def __init__(self) -> None:
        self.name = LANGUAGES[0]
        self.catalogue: gettext.NullTranslations = gettext.NullTranslations()
        self.qt_translators: list[QTranslator] = []
        self.translates_names = False


_language = _Language()


class _QtTexts(QTranslator):
    """Texts of Qt that its own catalogue lacks; ours has them under Qt's contexts."""

    def isEmpty(self) -> bool:  # noqa: N802
        """An empty one would not be installed."""
        return False

    def translate(
        self, context: str, text: str, _disambiguation: str | None = None, _n: int = -1
    ) -> str | None:
        """The text in the window's language; None where others are to be asked."""
        translated = _language.catalogue.pgettext(context, text) if text else ""
        return translated if translated != text else None


def tr(text: str, **fields: object) -> str:
    """The text in the window's language, its ``{fields}`` filled in as `str.format` does."""
    translated = _language.catalogue.gettext(text) if text else ""
    return translated.format(**fields) if fields else translated


def trn(singular: str, plural: str, n: int, **fields: object) -> str:
    """As `tr`, in the form that a number asks for; it is the field ``n``, its thousands set apart."""
    return _language.catalogue.ngettext(singular, plural, n).format(n=QLocale().toString(int(n)), **fields)


def display_name(name: str, *, is_demonstration: bool | None = None) -> str:
    """How to show the name of a venue, zone, line or camera; files and the history keep the name itself.

    Names that people gave are shown as they are. Those of the demonstration nobody here gave: they are
    translated while it is open.

    Args:
        is_demonstration: whether it is one of those; None: if the demonstration is open.
    """
    if not (_language.translates_names if is_demonstration is None else is_demonstration):
        return name
    return _language.catalogue.pgettext("demonstration", name)


def translate_names(is_demonstration: bool) -> None:
    """Say whose names `display_name` is asked for from now on."""
    _language.translates_names = is_demonstration


def current_language() -> str:
    """Its code, such as ``zh_CN``."""
    return _language.name


def resolve_language(setting: str) -> str:
    """The language of a setting that may be ``system``: the system's own where it is known, else English."""
    if setting in LANGUAGES:
        return setting
    return match_language(QLocale.system().name())


def install_language(app: QApplication, language: str) -> None:
    """Speak a language from now on; every widget gets a ``LanguageChange`` event, soon.

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
    """For Qt's own dialogs and menus; the last one is asked first."""
    from_qt = QTranslator(app)
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if from_qt.load(f"qtbase_{language}", folder):
        return [from_qt, _QtTexts(app)]
    from_qt.deleteLater()
    return [_QtTexts(app)]


def say(phrase: Phrase) -> str:
    """A phrase in the window's language."""
    return fill_template(phrase.template, phrase.fields, tr)


def say_error(report: ErrorReport) -> str:
    """Return what went wrong and what to do, in the window's language."""
    told = report.render(tr)
    return f"{told.problem} {told.remedy}".strip()


class Translated:
    """Mixed into a widget, before Qt's class: shows every text again when the language changes."""

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        raise NotImplementedError

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)  # type: ignore[misc]
