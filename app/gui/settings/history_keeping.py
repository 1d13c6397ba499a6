"""How long tracks are kept, and the backups of a venue, as the settings page tells and changes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, Unpack

from PySide6.QtCore import Signal

from analytics.domain.errors import DamagedStoreError, ExpoFlowError, fill_template
from analytics.domain.exhibition import find_time_zone
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport, describe_error
from app.gui.session.job_runner import Title
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.maintenance.edit_retention import (
    KeptTracks,
    choose_retention,
    find_lost_days,
    is_shortened,
    measure_tracks,
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
    """A backup: its name, and when it was made by the venue's clock."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class KeepingState:
    """What the card shows.

    Attributes:
        kept_days, max_gb: 0 is without limit.
        tracks: what there is of tracks; None while that is being read.
        backups: the newest first.
        told: what a check or a repair found, in words; empty before the first.
        is_damaged: the last check found something to repair.
    """

    has_venue: bool = False
    kept_days: float = 0.0
    max_gb: float = 0.0
    tracks: KeptTracks | None = None
    backups: tuple[BackupRow, ...] = ()
    told: tuple[str, ...] = ()
    is_damaged: bool = False


@dataclass(frozen=True, slots=True)
class Shortening:
    """Tighter limits that somebody chose, and what they cost.

    Attributes:
        kept_days, max_gb: as in `choose_retention`; None leaves one as it is.
        lost_days: as `find_lost_days` gives them.
    """

    folder: Path
    kept_days: float | None
    max_gb: float | None
    lost_days: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was read of a venue's folder; ``damage``: its history cannot be read, and can be repaired."""

    venue: Venue
    tracks: KeptTracks | None
    backups: tuple[Backup, ...]
    damage: ErrorReport | None


class HistoryKeepingViewModel(VenueViewModel[KeepingState]):
    """Reads when somebody looks; a choice is written at once, after a question where tracks go sooner."""

    failed = Signal(object)
    """An `ErrorReport`: nothing was changed."""
    done = Signal(str)
    """What was done, in words."""
    shortening_asked = Signal(object)
    """A `Shortening`: nothing is changed until somebody answers by `shorten` or `keep`."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(KeepingState(), **parts)
        self._is_watched = False
        self._state = self._describe_venue()
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.changed.connect(self._on_changed)

    def watch(self, is_watched: bool) -> None:
        """Whether somebody looks: only then the folder is read."""
        self._is_watched = is_watched
        if is_watched:
            self._read()

    def choose_days(self, kept_days: float) -> None:
        """Keep tracks for so many days from now on, 0: for ever; somebody is asked before they go sooner."""
        self._choose(kept_days, None)

    def choose_size(self, max_gb: float) -> None:
        """Let tracks take so many GB from now on, 0: any number; somebody is asked before they go sooner."""
        self._choose(None, max_gb)

    def shorten(self, asked: Shortening) -> None:
        """Let tracks go sooner, as somebody agreed."""
        venue = self._app_state.venue
        if venue is not None and venue.folder == asked.folder:
            self._write(venue, asked.kept_days, asked.max_gb)

    def keep(self) -> None:
        """Change nothing: the fields show again what holds."""
        self.state_changed.emit()

    def back_up(self) -> None:
        """Back the venue up now."""
        self._work(
            "backup",
            lambda: tr("Backing up the venue"),
            lambda venue, _context: back_up_venue(venue.folder),
            lambda backup: self.done.emit(
                tr("Backup {name}: {files} files.", name=backup.name, files=backup.files)
            ),
        )

    def check(self) -> None:
        """Read all databases and track files, and say what is wrong."""
        self._work(
            "check history",
            lambda: tr("Reading the history"),
            lambda venue, context: check_history(venue.folder, context),
            self._show_check,
        )

    def repair(self) -> None:
        """Make a damaged history again."""

        def work(venue: Venue, context: JobContext) -> tuple[str, HistoryCheck]:
            repairs = [report.describe() for report in repair_history(venue.folder)]
            words = " ".join(fill_template(told.template, told.fields, tr) for told in repairs)
            return words, check_history(venue.folder, context)

        def show(found: tuple[str, HistoryCheck]) -> None:
            self._show_check(found[1])
            if found[0] or not found[1].faults:
                self.done.emit(found[0] or tr("The history is sound; there was nothing to repair."))
            self._app_state.announce(ChangeSet(events=True), initiator=self)

        self._work("repair history", lambda: tr("Repairing the history"), work, show)

    def restore(self, name: str) -> None:
        """Put a backup back."""

        def work(venue: Venue, _context: JobContext) -> tuple[Venue, int]:
            report = restore_venue(venue.folder, name)
            return read_venue(venue.folder), len(report.files)

        def show(found: tuple[Venue, int]) -> None:
            venue, files = found
            self.done.emit(tr("{count} files of the backup were put back.", count=files))
            self._app_state.show_venue(venue)

        self._work("restore backup", lambda: tr("Putting the backup back"), work, show)

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

    def _choose(self, kept_days: float | None, max_gb: float | None) -> None:
        venue = self._app_state.venue
        if venue is None:
            return
        if not is_shortened(venue.settings, kept_days=kept_days, max_gb=max_gb):
            self._write(venue, kept_days, max_gb)
            return

        def look(_context: JobContext) -> Shortening:
            lost = find_lost_days(venue, kept_days=kept_days, max_gb=max_gb)
            return Shortening(venue.folder, kept_days, max_gb, lost)

        self._job_runner.run_latest(
            "lost tracks",
            lambda: tr("Looking at what would be deleted"),
            look,
            on_done=self.shortening_asked.emit,
            on_failed=self._fail_to_choose,
        )

    def _fail_to_choose(self, report: ErrorReport) -> None:
        self.failed.emit(report)
        # a field shows what was typed; it is to show again what holds
        self.state_changed.emit()

    def _write(self, venue: Venue, kept_days: float | None, max_gb: float | None) -> None:
        try:
            changed = choose_retention(venue.folder, kept_days=kept_days, max_gb=max_gb)
        except ExpoFlowError as error:
            self._fail_to_choose(describe_error(error, translate=tr))
            return
        self._app_state.replace_venue(changed, ChangeSet(settings=True), initiator=self)
        self._change_state(
            kept_days=changed.settings.tracks_kept_days, max_gb=changed.settings.tracks_most_gb
        )

    def _read(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            return

        def read(_context: JobContext) -> _Kept:
            from analytics.store.recovery.folder_backup import list_backups

            tracks, damage = None, None
            try:
                tracks = measure_tracks(venue)
            except DamagedStoreError as error:
                # backups are what is wanted now
                damage = describe_error(error, translate=tr)
            return _Kept(venue, tracks, tuple(list_backups(venue.folder)), damage)

        self._job_runner.run_latest(
            "kept tracks",
            lambda: tr("Looking at tracks and backups"),
            read,
            on_done=self._show_kept,
            on_failed=self.failed.emit,
        )

    def _show_kept(self, found: _Kept) -> None:
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
        told = tuple(fill_template(fault.template, fault.fields, tr) for fault in found.faults)
        if not told:
            sound = tr("The history is sound: databases and {files} track files.", files=found.track_files)
            told = (sound,)
        self._change_state(told=told, is_damaged=bool(found.faults))

    def _on_venue_opened(self) -> None:
        self._set_state(self._describe_venue())
        if self._is_watched:
            self._read()

    def _on_changed(self, changes: ChangeSet, initiator: object) -> None:
        if changes.settings and initiator is not self:
            described = self._describe_venue()
            self._change_state(kept_days=described.kept_days, max_gb=described.max_gb)

    def _describe_venue(self) -> KeepingState:
        venue = self._app_state.venue
        if venue is None:
            return KeepingState()
        settings = venue.settings
        return KeepingState(True, settings.tracks_kept_days, settings.tracks_most_gb)
