"""Every text of the window has a Chinese translation, and the fonts can show it."""

from __future__ import annotations

import ast
import dataclasses
import re
import string
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from fontTools.ttLib import TTFont
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from app.core.change_set import LISTED_PARTS
from app.core.document import VenueSettings
from app.gui.session.translation import current_language, install_language, resolve_language, tr, trn
from app.gui.settings.page import Section
from app.gui.window.pages import PAGES
from app.print.fonts import FAMILY, load_fonts
from resources.files import resource_path
from resources.locales.make_translations import merge_parts
from resources.translations import load_translations

ROOT = Path(__file__).parents[5]
APP = ROOT / "app"
PRODUCT = ("app", "vision", "analytics", "resources")
OTHER_TEXTS = {"qt.po", "demonstration.po"}
"""Of Qt, and of the demonstration's files."""
OF_THE_AUDIT_LOG = {
    f"{part} {how}" for part in LISTED_PARTS.values() for how in ("added", "changed", "removed")
} | {f"setting {field.name}" for field in dataclasses.fields(VenueSettings)}
"""What it puts together of a noun and a verb."""
CATALOGUE = resource_path("locales", "zh_CN", "LC_MESSAGES")


@cache
def list_texts() -> dict[tuple[str, ...], str]:
    """Arguments of every ``tr`` (one) and ``trn`` (two) that are written out, and where they are."""
    texts: dict[tuple[str, ...], str] = {}
    for file in sorted([*(APP / "gui").rglob("*.py"), *(APP / "print").rglob("*.py")]):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            name = getattr(getattr(node, "func", None), "id", "")
            if not isinstance(node, ast.Call) or name not in ("tr", "trn"):
                continue
            arguments = node.args[: 1 if name == "tr" else 2]
            if all(isinstance(a, ast.Constant) and isinstance(a.value, str) for a in arguments):
                texts[tuple(a.value for a in arguments)] = f"{file.name}:{node.lineno}"  # type: ignore[attr-defined]
    return texts


def find_fields(text: str) -> set[str]:
    return {name for _before, name, _format, _how in string.Formatter().parse(text) if name}


def translate(text: tuple[str, ...]) -> str:
    catalogue = load_translations("zh_CN")
    return catalogue.gettext(text[0]) if len(text) == 1 else catalogue.ngettext(*text, 2)


def test_every_text_has_a_chinese_translation() -> None:
    texts = list_texts()
    assert len(texts) > 50
    untranslated = {
        text: where
        for text, where in texts.items()
        if re.search(r"[A-Za-z]{2}", re.sub(r"\{[^}]*\}", "", text[0])) and translate(text) in text
    }
    assert not untranslated


def test_translations_keep_the_fields() -> None:
    wrong = {
        text: translate(text) for text in list_texts() if find_fields(translate(text)) - find_fields(text[-1])
    }
    assert not wrong


def test_percent_is_written_in_one_way_in_each_language() -> None:
    """``57 %`` in English, ``57%`` in Chinese; a format such as ``{share:.0%}`` knows no language."""
    parts = "".join(file.read_text(encoding="utf-8") for file in sorted((CATALOGUE / "parts").glob("*.po")))
    pairs = re.findall(r'^msgid "(.*)"\nmsgstr "(.*)"$', parts, re.MULTILINE)
    assert len(pairs) > 1000
    own = r"\{[^{}]*%\}"
    assert not [english for english, _ in pairs if re.search(rf"[\d}}]%|{own}", english)]
    assert not [chinese for _, chinese in pairs if re.search(rf"[\d}}] %|{own}", chinese)]


def test_shares_of_the_window_come_from_one_function() -> None:
    """What formats a percentage by itself forgets one of the languages."""
    found = [
        f"{file.name}:{number}"
        for file in sorted((APP / "gui").rglob("*.py"))
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r'f".*(\{[^{}]*%\}|\} ?%)', line) and "_report(" not in line
    ]
    assert not found


@pytest.mark.parametrize(
    "title",
    [spec.title for spec in PAGES.values()] + [*Section, "Log files", "Cache"],
)
def test_titles_from_tables_are_translated(title: str) -> None:
    assert translate((title,)) != title


def test_the_catalogue_is_made_of_its_parts() -> None:
    merged = merge_parts(CATALOGUE, "zh_CN")
    catalogue = load_translations("zh_CN")
    for message in merged:
        if message.id:
            text = (message.id,) if isinstance(message.id, str) else tuple(message.id)
            string_ = message.string if isinstance(message.string, str) else message.string[0]
            in_context = catalogue.pgettext(message.context, text[0]) if message.context else translate(text)
            assert in_context == string_, "run make translations"
    assert catalogue.gettext("") != ""


def test_no_translation_is_of_a_text_that_is_gone() -> None:
    """A text that is put together is found by its beginning and end."""
    written = {
        " ".join(node.value.split())
        for top in PRODUCT
        for file in (ROOT / top).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    written |= OF_THE_AUDIT_LOG
    words = "\n".join(written)
    gone = []
    for part in sorted((CATALOGUE / "parts").glob("*.po")):
        if part.name in OTHER_TEXTS:
            continue
        with part.open("rb") as content:
            for message in read_po(content):
                text = message.id if isinstance(message.id, str) else message.id[0]
                text = " ".join(text.split())
                if text not in written and not (text[:20] in words and text[-20:] in words):
                    gone.append((part.name, text))
    assert not gone


def list_code_points(weight: str) -> set[int]:
    """Of the file itself: Qt borrows from the system's fonts what ours lacks."""
    with TTFont(resource_path("fonts", f"ExpoFlowSansSC-{weight}.otf")) as font:
        return set(font.getBestCmap())


def test_every_chinese_character_is_in_our_font(qapp: QApplication) -> None:
    assert FAMILY in load_fonts()
    content = "".join(file.read_text(encoding="utf-8") for file in (CATALOGUE / "parts").glob("*.po"))
    for points in map(list_code_points, ("Regular", "Bold")):
        assert not {letter for letter in content if letter.isprintable() and ord(letter) not in points}


def render(text: str) -> bytes:
    image = QImage(64, 64, QImage.Format.Format_Grayscale8)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setFont(QFont(FAMILY, 24))
    painter.drawText(8, 48, text)
    painter.end()
    return bytes(image.constBits())


def test_chinese_characters_are_drawn_and_differ(qapp: QApplication) -> None:
    assert render("展") != render("区")
    assert render("展") != render("")
    assert render("展") == render("展")


def test_a_language_reaches_every_widget(qtbot: QtBot, qapp: QApplication) -> None:
    class Greeting(QLabel):
        def changeEvent(self, event) -> None:  # type: ignore[no-untyped-def]
            self.setText(tr("Settings"))

    greeting = Greeting()
    qtbot.addWidget(greeting)
    install_language(qapp, "zh_CN")
    qtbot.waitUntil(lambda: greeting.text() == "设置")
    assert current_language() == "zh_CN"
    assert trn("{n} camera", "{n} cameras", 3) == "3 路摄像头"
    install_language(qapp, "en")
    qtbot.waitUntil(lambda: greeting.text() == "Settings")
    assert trn("{n} camera", "{n} cameras", 1) == "1 camera"
    assert tr("An unknown text of {what}", what="ours") == "An unknown text of ours"


def test_a_named_language_is_taken_as_it_is() -> None:
    assert resolve_language("zh_CN") == "zh_CN"
    assert resolve_language("system") in ("en", "zh_CN")


def test_dialogs_of_qt_speak_the_language(qtbot: QtBot, qapp: QApplication) -> None:
    install_language(qapp, "zh_CN")
    question = QMessageBox()
    question.setStandardButtons(QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.Cancel)
    files = QFileDialog()
    files.setOption(QFileDialog.Option.DontUseNativeDialog)
    for dialog in (question, files):
        qtbot.addWidget(dialog)
    assert {button.text() for button in question.buttons()} == {"是(&Y)", "取消"}
    labels = {label.text() for label in files.findChildren(QLabel)}
    assert {"查找范围(&L)：", "文件类型(&T)："} <= labels
    assert not any(re.search(r"[A-Za-z]{2}", label) for label in labels)
    install_language(qapp, "en")
    assert QCoreApplication.translate("QFileSystemModel", "Folder") == "Folder"


def test_rare_characters_of_names_are_in_our_own_font() -> None:
    points = list_code_points("Regular")
    assert {ord(letter) for letter in "喆堃鋆珺㛃𬭎齉㑇"} <= points, "run make fonts"
    assert not points & set(range(0x2E80, 0x2FE0)), "PDF readers would copy radicals"
