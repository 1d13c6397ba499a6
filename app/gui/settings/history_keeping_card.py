"""How long tracks are kept, and backups: a card of the settings page."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import (
    QLabel,
    QMessageBox,
    QPushButton,
    QWidget,
)

from app.access.roles import Permission
from app.error_reporting import ErrorReport
from app.gui.session.permissions import needs
from app.gui.session.translation import tr
from app.gui.settings.history_keeping import HistoryKeepingViewModel, KeepingState, Shortening
from app.gui.widgets.forms import make_body, make_choice, make_form, make_label, make_row, name_control
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.safe_question import ask_first
from app.gui.widgets.settings_card import SettingsCard
from app.maintenance.edit_retention import describe_lost_days

_MAX_DAYS, _MAX_GB = 3_650.0, 100_000.0
_BYTES_PER_MB = 1e6


class HistoryKeepingCard(SettingsCard):
    """Shows a `KeepingState`; what a person enters holds at once, or after a question."""

    def __init__(self, viewmodel: HistoryKeepingViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._question: QMessageBox | None = None
        self._told = make_label(role="muted", wraps=True, is_plain=True, parent=self)
        self._days = NumberField(least=0.0, most=_MAX_DAYS, decimals=0, unit="d", parent=self)
        self._size = NumberField(least=0.0, most=_MAX_GB, decimals=1, unit="GB", parent=self)
        self._days.valueChanged.connect(viewmodel.choose_days)
        self._size.valueChanged.connect(viewmodel.choose_size)
        self._backups = make_choice(self)
        self._labels = {name: QLabel(self) for name in ("days", "size", "backups")}
        self._back_up, self._restore, self._check, self._repair = (QPushButton(self) for _ in range(4))
        self._back_up.clicked.connect(viewmodel.back_up)
        self._restore.clicked.connect(self._ask_to_restore)
        self._check.clicked.connect(viewmodel.check)
        self._repair.clicked.connect(viewmodel.repair)
        for control in (self._days, self._size, self._back_up, self._repair):
            needs(control, Permission.CHANGE_SETTINGS)
        needs(self._restore, Permission.ERASE)
        self._body = QWidget(self)
        self._build()
        viewmodel.state_changed.connect(self._show_state)
        viewmodel.failed.connect(self._on_failed)
        viewmodel.done.connect(self._on_done)
        viewmodel.shortening_asked.connect(self._ask_to_shorten)
        self.retranslate()

    @property
    def question(self) -> QMessageBox | None:
        """What is asked before a backup is put back or tracks go sooner, while it is asked."""
        return self._question

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._title.setText(tr("Tracks and backups"))
        for name, text, control in (
            ("days", tr("Tracks are kept for"), self._days),
            ("size", tr("Tracks may take"), self._size),
            ("backups", tr("Backups"), self._backups),
        ):
            self._labels[name].setText(text)
            control.setAccessibleName(text)
        self._days.setSuffix(" " + tr("days"))
        self._days.setSpecialValueText(tr("for ever"))
        self._size.setSpecialValueText(tr("without limit"))
        for button, text in (
            (self._back_up, tr("Back up now")),
            (self._restore, tr("Put back…")),
            (self._check, tr("Check the history")),
            (self._repair, tr("Repair")),
        ):
            name_control(button, text)
        self._show_state()

    def watch(self, is_seen: bool) -> None:
        """Have the folder looked at while somebody sees the card."""
        self._viewmodel.watch(is_seen)

    def _build(self) -> None:
        form = make_form(*zip(self._labels.values(), (self._days, self._size, self._backups), strict=True))
        form.setColumnStretch(2, 0)
        form.setColumnStretch(3, 1)
        form.addWidget(self._restore, 2, 2)
        body = make_body(self._body)
        body.addLayout(form)
        body.addLayout(make_row(self._back_up, self._check, self._repair))
        body.addWidget(self._told)
        self.column.addWidget(self._body)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._body.setVisible(state.has_venue)
        self._text.setText(_describe(state))
        for field, value in ((self._days, state.kept_days), (self._size, state.max_gb)):
            field.blockSignals(True)
            field.setValue(value)
            field.blockSignals(False)
        shown = [self._backups.itemData(index) for index in range(self._backups.count())]
        if shown != [row.name for row in state.backups]:
            self._backups.clear()
            for row in state.backups:
                self._backups.addItem(row.text, row.name)
        self._backups.setEnabled(bool(state.backups))
        self._restore.setEnabled(bool(state.backups))
        self._repair.setVisible(state.is_damaged)
        self._told.setText("\n".join(state.told))
        self._told.setVisible(bool(state.told))

    def _ask_to_restore(self) -> None:
        name = self._backups.currentData()
        if name is None:
            return
        self._ask(
            tr("Put a backup back"),
            tr("Put the backup of {time} back?", time=self._backups.currentText()),
            tr(
                "Plan, zones, cameras and settings become what they were. Tracks and users stay; what is "
                "replaced is kept under another name. Stop the recording first."
            ),
            yes=tr("Put back"),
            on_answer=lambda is_agreed: self._viewmodel.restore(name) if is_agreed else None,
        )

    def _ask_to_shorten(self, asked: Shortening) -> None:
        if self._question is not None:
            return
        text = (
            tr("Keep tracks for {days:g} days only?", days=asked.kept_days)
            if asked.kept_days is not None
            else tr("Let tracks take {size:g} GB only?", size=asked.max_gb)
        )
        self._ask(
            tr("Tracks are deleted sooner"),
            text,
            "\n\n".join(describe_lost_days(asked.lost_days, tr=tr)),
            yes=tr("Delete sooner"),
            on_answer=lambda is_agreed: (
                self._viewmodel.shorten(asked) if is_agreed else self._viewmodel.keep()
            ),
        )

    def _ask(
        self, title: str, text: str, information: str, *, yes: str, on_answer: Callable[[bool], object]
    ) -> None:
        def finish(is_agreed: bool) -> None:
            self._question = None
            on_answer(is_agreed)

        self._question = ask_first(self, title, text, information, yes=yes, on_answer=finish)

    def _on_failed(self, report: ErrorReport) -> None:
        told = report.render(tr)
        self.notice.show_message(told.problem, told.remedy, tone="bad")

    def _on_done(self, words: str) -> None:
        self.notice.show_message(words, tone="good")


def _describe(state: KeepingState) -> str:
    if not state.has_venue:
        return tr("Open a venue to see how long its tracks are kept, and its backups.")
    words = [
        tr(
            "Older tracks are deleted once a day while it is recorded; what was counted of their days is "
            "kept for ever. A recording backs everything else up every hour, and keeps a week of days."
        )
    ]
    if state.tracks is not None:
        words.append(
            tr(
                "Track files: {files} ({size} MB). Backups: {count}.",
                files=state.tracks.files,
                size=f"{state.tracks.size_bytes / _BYTES_PER_MB:.1f}",
                count=len(state.backups),
            )
        )
    return " ".join(words)
