"""What becomes of a recording when its window is closed: a card of the settings page."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from analytics.domain.errors import ExpoFlowError
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.document import WhenClosing
from app.error_reporting import describe_error
from app.gui.session.app_state import AppState
from app.gui.session.permissions import needs
from app.gui.session.translation import tr
from app.gui.widgets.settings_card import SettingsCard
from app.gui.window.shell import ShellViewModel
from app.plan.edit_venue import choose_when_closing


class ClosingCard(SettingsCard):
    """Shows what the open venue says; a choice holds at once."""

    def __init__(self, app_state: AppState, shell: ShellViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._app_state, self._shell = app_state, shell
        self.setProperty("role", "card")
        self._title, self._text, self._label = QLabel(self), QLabel(self), QLabel(self)
        self._title.setProperty("role", "title")
        self._text.setProperty("role", "muted")
        self._text.setWordWrap(True)
        self._choice = QComboBox(self)
        self._choice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self._choice.activated.connect(lambda index: self._choose(WhenClosing(self._choice.itemData(index))))
        needs(self._choice, Permission.CHANGE_SETTINGS)
        self._label.setBuddy(self._choice)
        form = QGridLayout()
        form.setHorizontalSpacing(24)
        form.setColumnStretch(2, 1)
        form.addWidget(self._label, 0, 0)
        form.addWidget(self._choice, 0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 16)
        column.setSpacing(12)
        column.addWidget(self._title)
        column.addWidget(self._text)
        column.addLayout(form)
        app_state.venue_opened.connect(self._show_state)
        app_state.changed.connect(self._show_state)
        self.retranslate()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._title.setText(tr("Closing the window"))
        self._label.setText(tr("If this venue is being recorded"))
        self._choice.setAccessibleName(tr("If this venue is being recorded when the window is closed"))
        self._choice.clear()
        for text, value in (
            (tr("Ask every time"), WhenClosing.ASK),
            (tr("Keep recording in the background"), WhenClosing.KEEP_RECORDING),
            (tr("Stop recording and close"), WhenClosing.STOP),
        ):
            self._choice.addItem(text, value)
        self._show_state()

    def watch(self, is_seen: bool) -> None:
        """Show what holds; there is nothing to look at that another program changes."""

    def _show_state(self) -> None:
        venue = self._app_state.venue
        self._choice.setEnabled(venue is not None)
        self._text.setText(
            tr("Open a venue to see what becomes of its recording when the window is closed.")
            if venue is None
            else tr("A log-out or a shutdown of this computer ends the recording without a question.")
        )
        choice = WhenClosing.ASK if venue is None else venue.settings.when_closing
        self._choice.setCurrentIndex(self._choice.findData(choice))

    def _choose(self, choice: WhenClosing) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        try:
            changed = choose_when_closing(venue.folder, choice)
        except ExpoFlowError as error:
            self._shell.complain(describe_error(error, translate=tr))
            self._show_state()
            return
        self._app_state.replace_venue(changed, ChangeSet(settings=True), initiator=self)
