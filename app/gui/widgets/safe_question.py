"""A confirmation of which every answer but one changes nothing."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def ask_confirmation(
    parent: QWidget,
    title: str,
    text: str,
    information: str,
    *,
    yes: str,
    on_answer: Callable[[bool], object],
) -> QMessageBox:
    """Open a confirmation whose default, Escape and closing are Cancel; it is deleted once answered.

    Args:
        yes: what the button says that goes on.
        on_answer: called once, with True only after that button.
    """
    question = QMessageBox(
        QMessageBox.Icon.Warning, title, text, QMessageBox.StandardButton.Cancel, parent.window()
    )
    question.setTextFormat(Qt.TextFormat.PlainText)
    question.setInformativeText(information)
    go_on = question.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
    question.setDefaultButton(QMessageBox.StandardButton.Cancel)
    question.setEscapeButton(QMessageBox.StandardButton.Cancel)

    def finish() -> None:
        is_agreed = question.clickedButton() is go_on
        question.deleteLater()
        on_answer(is_agreed)

    question.setWindowModality(Qt.WindowModality.WindowModal)
    question.finished.connect(finish)
    question.open()
    return question
