"""Asks for a period, says what goes with it, and erases it for whoever types the venue's name."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.theme import current_theme
from app.gui.translation import display_name, tr
from app.gui.viewmodels.erasure import ErasureViewModel
from app.gui.widgets.failure_note import FailureNote
from app.gui.widgets.moment_edit import MomentEdit
from app.gui.widgets.work_row import WorkRow

_WIDTH = 620


class EraseDialog(QDialog):
    """Nothing goes by a key or a click alone: the name has to be typed first."""

    def __init__(self, viewmodel: ErasureViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        viewmodel.setParent(self)
        self._viewmodel = viewmodel
        self.setWindowTitle(tr("Erase a period"))
        self.setMinimumWidth(_WIDTH)
        self.start, self.end, self.typed = MomentEdit(self), MomentEdit(self), QLineEdit(self)
        self.camera = QComboBox(self)
        self.copies = QCheckBox(tr("Delete backups and files put aside, too"), self)
        self.copies.setAccessibleName(self.copies.text())
        self._told = QLabel(self)
        self._told.setTextFormat(Qt.TextFormat.PlainText)
        self._told.setWordWrap(True)
        self._told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._failure, self._work = FailureNote(self), WorkRow(self)
        self.erase, self.close_button = QPushButton(tr("Erase for ever"), self), QPushButton(self)
        self.erase.setAccessibleName(self.erase.text())
        self.erase.setProperty("role", "danger")
        self._build()
        self.start.moment_chosen.connect(lambda start_s: viewmodel.look(start_s, viewmodel.state.period_s[1]))
        self.end.moment_chosen.connect(lambda end_s: viewmodel.look(viewmodel.state.period_s[0], end_s))
        self.camera.activated.connect(lambda index: viewmodel.choose_camera(str(self.camera.itemData(index))))
        self.copies.toggled.connect(viewmodel.include_copies)
        self.typed.textChanged.connect(lambda _text: self._show_buttons())
        self.erase.clicked.connect(lambda: viewmodel.erase(self.typed.text()))
        self.close_button.clicked.connect(self.reject)
        viewmodel.state_changed.connect(self._show_state)
        venue = viewmodel.venue
        if venue is not None:
            for edit, moment_s in zip((self.start, self.end), viewmodel.state.period_s, strict=True):
                edit.show_moment(moment_s, venue.exhibition)
            # to the minute, as the fields show it
            start_s, end_s = (moment_s // 60 * 60 for moment_s in viewmodel.state.period_s)
            viewmodel.look(start_s, end_s)
        self._show_state()

    @property
    def told(self) -> str:
        """The sentences that are shown."""
        return self._told.text()

    def reject(self) -> None:
        """Close, but not while something is being erased."""
        if not self._viewmodel.state.is_erasing:
            super().reject()

    def _build(self) -> None:
        theme = current_theme()
        form = QFormLayout()
        venue = self._viewmodel.venue
        name = "" if venue is None else venue.name
        for label, field in (
            (tr("From"), self.start),
            (tr("Until"), self.end),
            (tr("Seen by"), self.camera),
        ):
            form.addRow(label, field)
            field.setAccessibleName(label)
        confirm = tr("To erase it, type {name}", name=name)
        self.typed.setAccessibleName(confirm)
        self.typed.setPlaceholderText(name)
        last = QFormLayout()
        last.addRow(confirm, self.typed)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.erase)
        for button in (self.close_button, self.erase):
            # Enter in a field erases nothing
            button.setAutoDefault(False)
        column = QVBoxLayout(self)
        column.setSpacing(theme.space_m)
        column.addLayout(form)
        column.addWidget(self._failure)
        column.addWidget(self._told, 1)
        column.addWidget(self.copies)
        column.addLayout(last)
        column.addWidget(self._work)
        column.addLayout(buttons)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._failure.show_failure(state.problem, state.remedy, "")
        self._list_cameras()
        waiting = (
            "" if state.planned or state.problem or state.is_erased else tr("Looking at what would be erased")
        )
        self._told.setText("\n\n".join(state.sentences) or waiting)
        self.copies.setVisible(bool(state.planned and state.planned.copies))
        self._work.show_work(
            tr("Erasing the period") if state.is_erasing else "",
            done=state.done,
            total=state.total,
            can_stop=False,
        )
        for field in (self.start, self.end, self.camera, self.typed, self.copies):
            field.setEnabled(not state.is_erasing and not state.is_erased)
        self._show_buttons()
        # what is told grows and shrinks, and wrapped words do not ask for room by themselves
        self.resize(self.width(), max(self._least_height(), self.minimumSizeHint().height()))

    def _list_cameras(self) -> None:
        state = self._viewmodel.state
        listed = [("", tr("All cameras")), *((name, display_name(name)) for name in state.cameras)]
        if self.camera.count() != len(listed):
            self.camera.clear()
            for name, words in listed:
                self.camera.addItem(words, name)
        self.camera.setCurrentIndex(self.camera.findData(state.camera))

    def _least_height(self) -> int:
        layout = self.layout()
        return 0 if layout is None else layout.totalHeightForWidth(self.width())

    def _show_buttons(self) -> None:
        state = self._viewmodel.state
        self.erase.setVisible(not state.is_erased)
        self.erase.setEnabled(self._viewmodel.is_confirmed_by(self.typed.text()) and not state.is_erasing)
        self.close_button.setText(tr("Close") if state.is_erased else tr("Cancel"))
        self.close_button.setAccessibleName(self.close_button.text())
        self.close_button.setEnabled(not state.is_erasing)
