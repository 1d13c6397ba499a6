"""The retention of tracks and the backups of a venue: view-model and settings card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, Unpack

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QLabel,
    QMessageBox,
    QPushButton,
    QWidget,
)

from analytics.domain.errors import DamagedStoreError, ExpoFlowError, fill_template
from analytics.domain.exhibition import find_time_zone
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.job_runner import Title
from app.gui.session.permissions import require_permission
from app.gui.session.translation import join_sentences, tr
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.gui.widgets.forms import make_body, make_combo_box, make_form, name_control
from app.gui.widgets.layouts import fill, make_label, make_row
from app.gui.widgets.number_field import NumberField
from app.gui.widgets.safe_question import ask_confirmation
from app.gui.widgets.settings_card import SettingsCard
from app.maintenance.edit_retention import (
    StoredTracks,
    describe_expiring_days,
    find_expiring_days,
    is_shortened,
    measure_tracks,
    set_retention,
)
from app.maintenance.venue_backups import (
    HistoryCheck,
    back_up_venue,
    check_history,
    repair_history,
    restore_venue,
)

if TYPE_CHECKING:
    from analytics.store.recovery.folder_backup import Backup


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BackupRow:
    """A backup: its name, and its time by the venue's clock."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class RetentionState:
    """The state of the card.

    Attributes:
        max_days, max_gb: 0 for no limit.
        tracks: size of the stored tracks; None while being read.
        backups: the newest first.
        message: result of the last check or repair; empty before the first.
        is_damaged: the last check found something to repair.
    """

    has_venue: bool = False
    max_days: float = 0.0
    max_gb: float = 0.0
    tracks: StoredTracks | None = None
    backups: tuple[BackupRow, ...] = ()
    message: tuple[str, ...] = ()
    is_damaged: bool = False


@dataclass(frozen=True, slots=True)
class TighterLimits:
    """Tighter limits chosen by the user, and the data that they would delete.

    Attributes:
        max_days, max_gb: as in `set_retention`; None leaves one as it is.
        lost_days: as `find_expiring_days` gives them.
    """

    folder: Path
    max_days: float | None
    max_gb: float | None
    lost_days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class _StoredData:
    """Data read from a venue's folder; ``damage`` is the repairable problem of an unreadable history."""

    venue: Venue
    tracks: StoredTracks | None
    backups: tuple[Backup, ...]
    damage: ErrorReport | None


class RetentionViewModel(VenueViewModel[RetentionState]):
    """View-model of retention and backups; limits that delete tracks sooner need a confirmation."""

    failed = Signal(object)
    """An `ErrorReport`; nothing was changed."""
    done = Signal(str)
    """The result of an action, in words."""
    confirmation_requested = Signal(object)
    """A `TighterLimits`, unchanged until `apply_limits` or `discard_limits` is called."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(RetentionState(), **parts)
        self._is_visible = False
        self._state = self._describe_venue()
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.changed.connect(self._on_changed)

    def watch(self, is_visible: bool) -> None:
        """Set whether the card is visible; the folder is read only then."""
        self._is_visible = is_visible
        if is_visible:
            self._read()

    def choose_days(self, max_days: float) -> None:
        """Keep tracks for some days, 0 for ever; shorter limits need a confirmation."""
        self._choose(max_days, None)

    def choose_size(self, max_gb: float) -> None:
        """Limit tracks to some GB, 0 for no limit; tighter limits need a confirmation."""
        self._choose(None, max_gb)

    def apply_limits(self, limits: TighterLimits) -> None:
        venue = self._app_state.venue
        if venue is not None and venue.folder == limits.folder:
            self._write(venue, limits.max_days, limits.max_gb)

    def discard_limits(self) -> None:
        self.state_changed.emit()

    def back_up(self) -> None:
        self._work(
            "backup",
            lambda: tr("Backing up the venue"),
            lambda venue, _context: back_up_venue(venue.folder),
            lambda backup: self.done.emit(
                tr("Backup {name}: {files} files.", name=backup.name, files=backup.files)
            ),
        )

    def check(self) -> None:
        """Check all databases and track files, and report faults."""
        self._work(
            "check history",
            lambda: tr("Reading the history"),
            lambda venue, context: check_history(venue.folder, context),
            self._show_check,
        )

    def repair(self) -> None:
        def work(venue: Venue, context: JobContext) -> tuple[str, HistoryCheck]:
            repairs = [report.describe() for report in repair_history(venue.folder)]
            words = join_sentences(fill_template(message.template, message.fields, tr) for message in repairs)
            return words, check_history(venue.folder, context)

        def show(found: tuple[str, HistoryCheck]) -> None:
            self._show_check(found[1])
            if found[0] or not found[1].faults:
                self.done.emit(found[0] or tr("The history is intact; there was nothing to repair."))
            self._app_state.announce(ChangeSet(events=True), initiator=self)

        self._work("repair history", lambda: tr("Repairing the history"), work, show)

    def restore(self, name: str) -> None:
        def work(venue: Venue, _context: JobContext) -> tuple[Venue, int]:
            report = restore_venue(venue.folder, name)
            return read_venue(venue.folder), len(report.files)

        def show(found: tuple[Venue, int]) -> None:
            venue, files = found
            self.done.emit(tr("{count} files of the backup were restored.", count=files))
            self._app_state.show_venue(venue)

        self._work("restore backup", lambda: tr("Restoring the backup"), work, show)

    def _work(
        self,
        kind: str,
        title: Title,
        work: Callable[[Venue, JobContext], T],
        show: Callable[[T], None],
    ) -> None:
        venue = self._app_state.venue
        if venue is None:
            return

        def finish(found: T) -> None:
            shown = self._app_state.venue
            if shown is not None and shown.folder == venue.folder:
                show(found)
                self._read()

        self._job_runner.run_latest(
            kind, title, lambda context: work(venue, context), on_done=finish, on_failed=self.failed.emit
        )

    def _choose(self, max_days: float | None, max_gb: float | None) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        if not is_shortened(venue.settings, kept_days=max_days, max_gb=max_gb):
            self._write(venue, max_days, max_gb)
            return

        def compute(_context: JobContext) -> TighterLimits:
            lost = find_expiring_days(venue, kept_days=max_days, max_gb=max_gb)
            return TighterLimits(venue.folder, max_days, max_gb, lost)

        self._job_runner.run_latest(
            "lost tracks",
            lambda: tr("Checking what would be deleted"),
            compute,
            on_done=self.confirmation_requested.emit,
            on_failed=self._show_failure,
        )

    def _show_failure(self, report: ErrorReport) -> None:
        self.failed.emit(report)
        # reset the field to the value in force
        self.state_changed.emit()

    def _write(self, venue: Venue, max_days: float | None, max_gb: float | None) -> None:
        try:
            changed = set_retention(venue.folder, kept_days=max_days, max_gb=max_gb)
        except ExpoFlowError as error:
            self._show_failure(describe_error(error, translate=tr))
            return
        self._app_state.replace_venue(changed, ChangeSet(settings=True), initiator=self)
        self._change_state(max_days=changed.settings.tracks_kept_days, max_gb=changed.settings.tracks_most_gb)

    def _read(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            return

        def read(_context: JobContext) -> _StoredData:
            from analytics.store.recovery.folder_backup import list_backups

            tracks, damage = None, None
            try:
                tracks = measure_tracks(venue)
            except DamagedStoreError as error:
                # backups matter more at this point
                damage = describe_error(error, translate=tr)
            return _StoredData(venue, tracks, tuple(list_backups(venue.folder)), damage)

        self._job_runner.run_latest(
            "kept tracks",
            lambda: tr("Checking tracks and backups"),
            read,
            on_done=self._show_stored_data,
            on_failed=self.failed.emit,
        )

    def _show_stored_data(self, found: _StoredData) -> None:
        venue, backups = found.venue, found.backups
        if self._app_state.venue is None or self._app_state.venue.folder != venue.folder:
            return
        zone = find_time_zone(venue.exhibition.time_zone)
        rows = tuple(
            BackupRow(backup.name, f"{datetime.fromtimestamp(backup.made_s, zone):%Y-%m-%d %H:%M}")
            for backup in backups
        )
        self._change_state(
            tracks=found.tracks,
            backups=rows,
            is_damaged=self._state.is_damaged or found.damage is not None,
        )
        if found.damage is not None:
            self.failed.emit(found.damage)

    def _show_check(self, found: HistoryCheck) -> None:
        message = tuple(fill_template(fault.template, fault.fields, tr) for fault in found.faults)
        if not message:
            sound = tr("The history is intact: databases and {files} track files.", files=found.track_files)
            message = (sound,)
        self._change_state(message=message, is_damaged=bool(found.faults))

    def _on_venue_opened(self) -> None:
        self._set_state(self._describe_venue())
        if self._is_visible:
            self._read()

    def _on_changed(self, changes: ChangeSet, initiator: object) -> None:
        if changes.settings and initiator is not self:
            described = self._describe_venue()
            self._change_state(max_days=described.max_days, max_gb=described.max_gb)

    def _describe_venue(self) -> RetentionState:
        venue = self._app_state.venue
        if venue is None:
            return RetentionState()
        settings = venue.settings
        return RetentionState(True, settings.tracks_kept_days, settings.tracks_most_gb)


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
