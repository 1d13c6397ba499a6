"""Whether a release feed is asked for newer versions, and what it said, for the settings page."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.access.roles import Permission
from app.error_reporting import ErrorReport
from app.gui.permissions import needs
from app.gui.translation import tr
from app.gui.viewmodels.updates import UpdatesState, UpdatesViewModel
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.settings_card import SettingsCard

_FIELD_WIDTH = 420


class UpdatesCard(SettingsCard):
    """Shows an `UpdatesState`; the page about a version opens in the browser of whoever asks for it."""

    def __init__(self, viewmodel: UpdatesViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self.setProperty("role", "card")
        self._title, self._text, self._label, self._found = (QLabel(self) for _ in range(4))
        self._title.setProperty("role", "title")
        self._text.setProperty("role", "muted")
        for label in (self._text, self._found):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._found.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._switch, self._address = QCheckBox(self), QLineEdit(self)
        self._address.setMinimumWidth(_FIELD_WIDTH)
        self._address.setPlaceholderText("https://api.github.com/repos/OWNER/NAME/releases/latest")
        self._look, self._open, self._dismiss = (QPushButton(self) for _ in range(3))
        self._notice = NotificationBanner(self)
        self._notice.hide()
        for control in (self._switch, self._address):
            needs(control, Permission.INTEGRATE)
        self._switch.clicked.connect(self._choose)
        self._address.editingFinished.connect(self._take_address)
        self._look.clicked.connect(viewmodel.look_if_due)
        self._open.clicked.connect(self._open_page)
        self._dismiss.clicked.connect(viewmodel.dismiss)
        self._build()
        viewmodel.state_changed.connect(self._show_state)
        viewmodel.failed.connect(self._on_failed)
        self.retranslate()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._title.setText(tr("Updates"))
        self._text.setText(
            tr(
                "Off unless an administrator switches it on. Then a release feed is asked once a day for the "
                "newest version, while a window is open; it learns the address of this machine, and nothing "
                "else. Nothing is fetched or installed."
            )
        )
        self._switch.setText(tr("Ask once a day whether there is a newer version"))
        self._label.setText(tr("Address of the release feed"))
        self._look.setText(tr("Ask now"))
        self._look.setToolTip(tr("Once a day at most"))
        self._open.setText(tr("Open the page about it"))
        self._dismiss.setText(tr("Tell of it no more"))
        for control in (self._switch, self._look, self._open, self._dismiss):
            control.setAccessibleName(control.text())
        self._address.setAccessibleName(self._label.text())
        self._show_state()

    def watch(self, is_seen: bool) -> None:
        """Read again what holds when somebody sees the card."""
        if is_seen:
            self._viewmodel.refresh()

    def _build(self) -> None:
        form = QGridLayout()
        form.setHorizontalSpacing(24)
        form.setVerticalSpacing(10)
        form.setColumnStretch(2, 1)
        form.addWidget(self._switch, 0, 0, 1, 3)
        form.addWidget(self._label, 1, 0)
        form.addWidget(self._address, 1, 1)
        buttons = QHBoxLayout()
        for button in (self._look, self._open, self._dismiss):
            buttons.addWidget(button)
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 16)
        column.setSpacing(12)
        for widget in (self._title, self._text, self._notice):
            column.addWidget(widget)
        column.addLayout(form)
        column.addWidget(self._found)
        column.addLayout(buttons)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._switch.setChecked(state.choice.is_on)
        if not self._address.hasFocus():
            self._address.setText(self._viewmodel.proposed_address)
        self._found.setText(describe_updates(state))
        self._look.setVisible(state.choice.is_on)
        self._look.setEnabled(state.is_due)
        self._open.setVisible(state.news is not None and bool(state.news.page))
        self._dismiss.setVisible(state.news is not None and not state.is_dismissed)

    def _choose(self, is_on: bool) -> None:
        self._notice.hide()
        self._viewmodel.switch(is_on=is_on, address=self._address.text())

    def _take_address(self) -> None:
        choice = self._viewmodel.state.choice
        if choice.is_on and self._address.text().strip() != choice.address:
            self._choose(True)

    def _open_page(self) -> None:
        news = self._viewmodel.state.news
        if news is not None and news.page:
            QDesktopServices.openUrl(QUrl(news.page))

    def _on_failed(self, report: ErrorReport) -> None:
        self._notice.show_message(lambda: report.tell_again(tr).problem, lambda: report.tell_again(tr).remedy)


def describe_updates(state: UpdatesState) -> str:
    """What is known, in sentences; times are this machine's."""
    choice = state.choice
    if not choice.is_on:
        return tr("Nobody is asked.")
    if choice.looked_utc_s is None:
        return tr("It was not asked yet.")
    moment = datetime.fromtimestamp(choice.looked_utc_s, tz=UTC).astimezone().strftime("%Y-%m-%d %H:%M")
    words = [tr("Asked last on {moment}.", moment=moment)]
    if state.problem is not None:
        told = state.problem.tell_again(tr)
        words += [told.problem, told.remedy]
    elif choice.has_failed:
        words.append(tr("It gave no answer that could be used."))
    if state.news is not None:
        words.append(tr("ExpoFlow {version} is out.", version=state.news.version))
        if state.news.page:
            words.append(state.news.page)
    elif not choice.has_failed:
        words.append(tr("This is the newest version."))
    return " ".join(words)
