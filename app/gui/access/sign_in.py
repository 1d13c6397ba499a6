"""Show the sign-in form in place of the pages while the window is locked."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.gui.access.model import AccessViewModel
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, join_sentences, tr
from app.gui.widgets.forms import name_control
from app.gui.widgets.icons import show_icon
from app.gui.widgets.layouts import fill, make_column, make_label

_ICON_PX = 48
_WIDTH_PX = 400


class SignInView(Translated, QWidget):
    """A sign-in form for a locked window or for leaving a wall screen."""

    cancelled = Signal()
    """The wall screen continues."""

    def __init__(self, viewmodel: AccessViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._icon, self._title, self._text = QLabel(self), QLabel(self), QLabel(self)
        self._title.setProperty("role", "title")
        self._text.setProperty("role", "muted")
        self._text.setWordWrap(True)
        self.name, self.secret = QComboBox(self), QLineEdit(self)
        self.name.setEditable(True)
        self.secret.setEchoMode(QLineEdit.EchoMode.Password)
        self._labels = (QLabel(self), QLabel(self))
        self._fault = make_label(role="bad", wraps=True, parent=self)
        self.sign_in, self.cancel = QPushButton(self), QPushButton(self)
        self.sign_in.setProperty("role", "primary")
        self.sign_in.clicked.connect(self._on_sign_in)
        self.cancel.clicked.connect(self.cancelled)
        self.secret.returnPressed.connect(self._on_sign_in)
        self.secret.textChanged.connect(self._show_state)
        theme = current_theme()
        form = QFormLayout()
        form.setSpacing(theme.space_s)
        for label, field in zip(self._labels, (self.name, self.secret), strict=True):
            form.addRow(label, field)
        card = QFrame(self)
        card.setProperty("role", "card")
        card.setFixedWidth(_WIDTH_PX)
        column = make_column(card, margins=(28, 26, 28, 26), spacing=theme.space_m)
        for label in (self._icon, self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        fill(column, form, self._fault, self.sign_in, self.cancel)
        fill(QVBoxLayout(self), 2, (card, 0, Qt.AlignmentFlag.AlignHCenter), 3)
        viewmodel.state_changed.connect(self._show_state)
        self.retranslate()

    def retranslate(self) -> None:
        for label, field, text in zip(
            self._labels, (self.name, self.secret), (tr("Name"), tr("PIN or password")), strict=True
        ):
            label.setText(text)
            field.setAccessibleName(text)
        self.sign_in.setAccessibleName(tr("Sign in"))
        name_control(self.cancel, tr("Resume the wall screen"))
        self._draw_icon()
        self._show_state()

    def _recolour(self) -> None:
        self.retranslate()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self.secret.clear()
        self.name.clear()
        self.name.addItems([name for name, _role in self._viewmodel.state.users])
        if self._viewmodel.state.last_user:
            self.name.setCurrentText(self._viewmodel.state.last_user)
        self.secret.setFocus()

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._title.setText(tr("Wall screen") if state.is_wall else tr("Sign in"))
        self._text.setText(
            tr("Sign in to leave the wall screen.")
            if state.is_wall
            else tr(
                "The window is locked; the recording continues. Last user: '{name}'.", name=state.last_user
            )
            if state.last_user
            else tr("Choose your name and enter your PIN or password.")
        )
        self.cancel.setVisible(state.is_wall)
        self._fault.setVisible(state.fault is not None)
        if state.fault is not None:
            report = state.fault.render(tr)
            self._fault.setText(join_sentences((report.problem, report.remedy)))
        self.sign_in.setText(tr("Signing in") if state.is_busy else tr("Sign in"))
        is_possible = not state.is_busy and bool(self.secret.text())
        self.sign_in.setEnabled(is_possible)
        if state.fault is not None and not state.is_busy:
            self.secret.setFocus()

    def _on_sign_in(self) -> None:
        if self.sign_in.isEnabled():
            secret = self.secret.text()
            self.secret.clear()
            self._viewmodel.sign_in(self.name.currentText(), secret)

    def _draw_icon(self) -> None:
        show_icon(self._icon, "lock", current_theme().accent, _ICON_PX)
