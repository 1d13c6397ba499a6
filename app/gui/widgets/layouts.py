"""Helpers that fill rows, columns and cards in one call and set up labels and buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QSignalBlocker, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QBoxLayout,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLayout,
    QPushButton,
    QSplitter,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.session.plan_editor_history import StepTitles
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr

Part = QWidget | QLayout | int | tuple[QWidget | QLayout, int] | tuple[QWidget, int, Qt.AlignmentFlag]
"""A widget or layout, alone or with its stretch and alignment; a number is a stretch of free space."""
Margins = int | tuple[int, int, int, int]
Box = TypeVar("Box", bound=QBoxLayout)
Tool = TypeVar("Tool")


def fill(box: Box, *parts: Part, margins: Margins | None = None, spacing: int | None = None) -> Box:
    """Add parts to a row or column, and return it; None for pixels keeps the current value."""
    _space(box, margins, spacing)
    for part in parts:
        content, *how = part if isinstance(part, tuple) else (part,)
        if isinstance(content, int):
            box.addStretch(content)
        elif isinstance(content, QLayout):
            box.addLayout(content, *how)
        else:
            box.addWidget(content, *how)  # type: ignore[arg-type]
    return box


def make_row(
    parent: QWidget | None = None,
    *,
    margins: Margins | None = None,
    spacing: int | None = None,
) -> QHBoxLayout:
    """Return an empty row, the layout of ``parent`` if given; None for pixels keeps the style's value."""
    return _space(QHBoxLayout(parent) if parent is not None else QHBoxLayout(), margins, spacing)


def make_column(
    parent: QWidget | None = None,
    *,
    margins: Margins | None = None,
    spacing: int | None = None,
) -> QVBoxLayout:
    """Return an empty column, like `make_row`."""
    return _space(QVBoxLayout(parent) if parent is not None else QVBoxLayout(), margins, spacing)


def _space(box: Box, margins: Margins | None, spacing: int | None) -> Box:
    if margins is not None:
        box.setContentsMargins(*(margins if isinstance(margins, tuple) else (margins,) * 4))
    if spacing is not None:
        box.setSpacing(spacing)
    return box


def make_card(
    *parts: Part, parent: QWidget | None = None, margins: Margins | None = None, spacing: int | None = None
) -> QFrame:
    """Return a frame styled as a card with its parts in a column, as for `fill`."""
    card = QFrame(parent)
    card.setProperty("role", "card")
    fill(QVBoxLayout(card), *parts, margins=margins, spacing=spacing)
    return card


def make_splitter(
    orientation: Qt.Orientation,
    *parts: QWidget | tuple[QWidget, int],
    parent: QWidget | None = None,
    sizes_px: Sequence[int] = (),
    handle_px: int | None = None,
) -> QSplitter:
    """Return a splitter of parts, with or without stretch, that cannot be collapsed."""
    splitter = QSplitter(orientation, parent)
    for number, part in enumerate(parts):
        widget, *stretch = part if isinstance(part, tuple) else (part,)
        splitter.addWidget(widget)
        if stretch:
            splitter.setStretchFactor(number, *stretch)
    splitter.setChildrenCollapsible(False)
    if sizes_px:
        splitter.setSizes(sizes_px)
    if handle_px is not None:
        splitter.setHandleWidth(handle_px)
    return splitter


def make_label(
    role: str = "",
    *,
    wraps: bool = False,
    is_selectable: bool = False,
    parent: QWidget | None = None,
    text: str = "",
) -> QLabel:
    """Return a plain-text label; ``role`` is its look in the style sheet, empty for the usual one."""
    label = QLabel(text, parent)
    if role:
        label.setProperty("role", role)
    label.setWordWrap(wraps)
    label.setTextFormat(Qt.TextFormat.PlainText)
    if is_selectable:
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def style_labels(role: str, *labels: QLabel) -> None:
    """Style labels of sentences by a role; they wrap and show plain text."""
    for label in labels:
        if role:
            label.setProperty("role", role)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)


def style_message(label: QLabel) -> None:
    """Style a label as an error message above the part that it belongs to."""
    style_labels("banner", label)
    label.setProperty("tone", "bad")
    label.setMargin(current_theme().space_s)


def show_text(label: QLabel, text: str) -> None:
    """Show a text, or hide the label if it is empty."""
    label.setText(text)
    label.setVisible(bool(text))


def name_button(button: QAbstractButton, text: str, name: str = "") -> None:
    """Set a button's text, and its accessible name and tool tip if given."""
    button.setText(text)
    button.setAccessibleName(name or text)
    if name:
        button.setToolTip(name)


def name_field(field: QWidget, name: str) -> None:
    """Set a field's accessible name and, if given, its tool tip."""
    field.setAccessibleName(name)
    field.setToolTip(name)


def make_button(text: str, parent: QWidget, *, role: str = "") -> QPushButton:
    """Return a dialog button that is not the default for Enter."""
    button = QPushButton(text, parent)
    button.setAccessibleName(text)
    button.setAutoDefault(False)
    if role:
        button.setProperty("role", role)
    return button


def make_dialog_buttons(dialog: QDialog, text: str) -> tuple[QDialogButtonBox, QPushButton]:
    """Return a dialog's button box and its accepting button; the other button cancels."""
    box = QDialogButtonBox(dialog)
    accept, cancel = QPushButton(text, dialog), QPushButton(tr("Cancel"), dialog)
    # buttons created by the box would be styled before they have a role
    accept.setProperty("role", "primary")
    box.addButton(accept, QDialogButtonBox.ButtonRole.AcceptRole)
    box.addButton(cancel, QDialogButtonBox.ButtonRole.RejectRole)
    for button in (accept, cancel):
        button.setAccessibleName(button.text())
    box.accepted.connect(dialog.accept)
    box.rejected.connect(dialog.reject)
    return box, accept


def explain_disabled(button: QAbstractButton, reason: str) -> None:
    """Disable a button that cannot be used for a reason, which is its tool tip; empty enables it."""
    button.setEnabled(not reason)
    button.setToolTip(reason)


def open_dialog(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def style_tools(role: str, *buttons: QToolButton) -> None:
    """Style tool buttons by a role and allow keyboard focus; a ``layer`` is checkable."""
    for button in buttons:
        button.setProperty("role", role)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        if role == "layer":
            button.setCheckable(True)


def name_tools(
    tools: Mapping[Tool, QToolButton], names: Mapping[Tool, tuple[str, str]], keys: Mapping[Tool, str]
) -> None:
    for tool, (text, name) in names.items():
        name_button(tools[tool], text, name)
        tools[tool].setToolTip(tr("{name} ({count})", name=name, count=keys[tool]))


def bind_key(keys: str | QKeySequence.StandardKey, place: QWidget, act: Callable[[], object]) -> None:
    """Let keys act while the focus is in a widget or its children."""
    # a standard key binds all of its sequences; made a QKeySequence, only the first
    shortcut = QShortcut(QKeySequence(keys) if isinstance(keys, str) else keys, place)
    shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    shortcut.activated.connect(act)


def show_steps(undo: QToolButton, redo: QToolButton, steps: StepTitles) -> None:
    for button, text, is_possible in (
        (undo, steps.undo_text, steps.can_undo),
        (redo, steps.redo_text, steps.can_redo),
    ):
        name_field(button, text)
        button.setEnabled(is_possible)


def make_open_card(
    margins: int | tuple[int, int, int, int], *, spacing: int | None = None
) -> tuple[QFrame, QVBoxLayout]:
    """Return a card and its empty column; None for pixels keeps the style's value."""
    card = QFrame()
    card.setProperty("role", "card")
    return card, make_column(card, margins=margins, spacing=spacing)


def set_roles(*roles: tuple[QWidget, str]) -> None:
    for widget, role in roles:
        widget.setProperty("role", role)


def name_buttons(*texts: tuple[QAbstractButton, str, str]) -> None:
    for button, text, name in texts:
        name_button(button, text, name)


def fill_combo_box_values(box: QComboBox, choices: Iterable[tuple[object, str]]) -> None:
    """Replace the entries of a combo box by values and texts, without a signal; keep the choice."""
    chosen = box.currentData()
    with QSignalBlocker(box):
        box.clear()
        for value, text in choices:
            box.addItem(text, value)
        box.setCurrentIndex(max(0, box.findData(chosen)))


def show_choice(box: QComboBox, value: object) -> None:
    """Select a value of a combo box, without a signal."""
    with QSignalBlocker(box):
        box.setCurrentIndex(box.findData(value))


def set_up_rows(table: QTableView, model: QAbstractItemModel, *, stretched: int) -> None:
    """Show a model's rows without a grid; column ``stretched`` takes the free space."""
    table.setModel(model)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    header.setSectionResizeMode(stretched, QHeaderView.ResizeMode.Stretch)


def select_row(table: QTableView, row: int | None) -> None:
    """Select a row of a table, or none, without a signal."""
    selection = table.selectionModel()
    with QSignalBlocker(selection):
        if row is None:
            selection.clear()
        elif table.currentIndex().row() != row or not selection.hasSelection():
            flags = QItemSelectionModel.SelectionFlag
            index = table.model().index(row, 0)
            selection.setCurrentIndex(index, flags.ClearAndSelect | flags.Rows | flags.Current)
    table.viewport().update()
