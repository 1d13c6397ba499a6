"""Settings card of the retention of tracks and the backups."""

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
from app.gui.session.permissions import require_permission
from app.gui.session.translation import join_sentences, tr
from app.gui.settings.retention import RetentionState, RetentionViewModel, TighterLimits
from app.gui.widgets.forms import make_body, make_combo_box, make_form, name_control
from app.gui.widgets.layouts import fill, make_label, make_row
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.safe_question import ask_confirmation
from app.gui.widgets.settings_card import SettingsCard
from app.maintenance.edit_retention import describe_expiring_days

_MAX_DAYS, _MAX_GB = 3_650.0, 100_000.0
_BYTES_PER_MB = 1e6


class RetentionCard(SettingsCard):
    """Card of a `RetentionState`; input applies at once or after a confirmation."""

    def __init__(self, viewmodel: RetentionViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._question: QMessageBox | None = None
        self._message = make_label(role="muted", wraps=True, parent=self)
        self._days = NumberField(minimum=0.0, maximum=_MAX_DAYS, decimals=0, unit="d", parent=self)
        self._size = NumberField(minimum=0.0, maximum=_MAX_GB, decimals=1, unit="GB", parent=self)
        self._days.valueChanged.connect(viewmodel.choose_days)
        self._size.valueChanged.connect(viewmodel.choose_size)
        self._backups = make_combo_box(self)
        self._labels = {name: QLabel(self) for name in ("days", "size", "backups")}
        self._back_up, self._restore, self._check, self._repair = (QPushButton(self) for _ in range(4))
        self._back_up.clicked.connect(viewmodel.back_up)
        self._restore.clicked.connect(self._confirm_restore)
        self._check.clicked.connect(viewmodel.check)
        self._repair.clicked.connect(viewmodel.repair)
        for control in (self._days, self._size, self._back_up, self._repair):
            require_permission(control, Permission.CHANGE_SETTINGS)
        require_permission(self._restore, Permission.ERASE)
        self._body = QWidget(self)
        self._build()
        viewmodel.state_changed.connect(self._show_state)
        viewmodel.failed.connect(self._on_failed)
        viewmodel.done.connect(self._on_done)
        viewmodel.confirmation_requested.connect(self._confirm_limits)
        self.retranslate()

    @property
    def question(self) -> QMessageBox | None:
        """The open confirmation of restoring or of tighter limits, if any."""
        return self._question

    def retranslate(self) -> None:
        self._title.setText(tr("Tracks and backups"))
        for name, text, control in (
            ("days", tr("Keep tracks for"), self._days),
            ("size", tr("Limit tracks to"), self._size),
            ("backups", tr("Backups"), self._backups),
        ):
            self._labels[name].setText(text)
            control.setAccessibleName(text)
        self._days.setSuffix(" " + tr("days"))
        self._days.setSpecialValueText(tr("for ever"))
        self._size.setSpecialValueText(tr("without limit"))
        for button, text in (
            (self._back_up, tr("Back up now")),
            (self._restore, tr("Restore…")),
            (self._check, tr("Check the history")),
            (self._repair, tr("Repair")),
        ):
            name_control(button, text)
        self._show_state()

    def watch(self, is_visible: bool) -> None:
        self._viewmodel.watch(is_visible)

    def _build(self) -> None:
        form = make_form(*zip(self._labels.values(), (self._days, self._size, self._backups), strict=True))
        form.setColumnStretch(2, 0)
        form.setColumnStretch(3, 1)
        form.addWidget(self._restore, 2, 2)
        body = make_body(self._body)
        body.addLayout(form)
        body.addLayout(fill(make_row(), self._back_up, self._check, self._repair, 1))
        body.addWidget(self._message)
        self.column.addWidget(self._body)

    def _show_state(self) -> None:
        state = self._viewmodel.state
        self._body.setVisible(state.has_venue)
        self._text.setText(_describe(state))
        for field, value in ((self._days, state.max_days), (self._size, state.max_gb)):
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
        self._message.setText("\n".join(state.message))
        self._message.setVisible(bool(state.message))

    def _confirm_restore(self) -> None:
        name = self._backups.currentData()
        if name is None:
            return
        self._confirm(
            tr("Restore a backup"),
            tr("Restore the backup of {time}?", time=self._backups.currentText()),
            tr(
                "Plan, zones, cameras and settings return to their state at that time. Tracks and "
                "users are not changed; replaced files are kept under another name. Stop recording "
                "first."
            ),
            yes=tr("Restore"),
            on_answer=lambda is_agreed: self._viewmodel.restore(name) if is_agreed else None,
        )

    def _confirm_limits(self, limits: TighterLimits) -> None:
        if self._question is not None:
            return
        text = (
            tr("Keep tracks for {days:g} days only?", days=limits.max_days)
            if limits.max_days is not None
            else tr("Limit tracks to {size:g} GB?", size=limits.max_gb)
        )
        self._confirm(
            tr("Delete tracks sooner"),
            text,
            "\n\n".join(describe_expiring_days(limits.lost_days, tr=tr)),
            yes=tr("Delete sooner"),
            on_answer=lambda is_agreed: (
                self._viewmodel.apply_limits(limits) if is_agreed else self._viewmodel.discard_limits()
            ),
        )

    def _confirm(
        self, title: str, text: str, information: str, *, yes: str, on_answer: Callable[[bool], object]
    ) -> None:
        def finish(is_agreed: bool) -> None:
            self._question = None
            on_answer(is_agreed)

        self._question = ask_confirmation(self, title, text, information, yes=yes, on_answer=finish)

    def _on_failed(self, report: ErrorReport) -> None:
        message = report.render(tr)
        self.notice.show_message(message.problem, message.remedy, tone="bad")

    def _on_done(self, words: str) -> None:
        self.notice.show_message(words, tone="good")


def _describe(state: RetentionState) -> str:
    if not state.has_venue:
        return tr("Open a venue to see the retention of its tracks, and its backups.")
    words = [
        tr(
            "While recording, older tracks are deleted once a day; the results of those days are "
            "kept for ever. Everything else is backed up every hour, and daily backups are kept "
            "for a week."
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
    return join_sentences(words)
