"""Archiving, restoring and unattended recording of a venue, and the support bundle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, Unpack

from PySide6.QtCore import Signal

from analytics.domain.errors import fill_template
from app.archive.archive_venue import ARCHIVE_SUFFIX, ArchivedVenue, archive_venue
from app.archive.unarchive_venue import (
    ArchiveContents,
    RestoredVenue,
    inspect_archive,
    unarchive_venue,
)
from app.core.document import FOLDER_SUFFIX
from app.core.job import JobContext
from app.doctor.support_bundle import plan_bundle, write_bundle
from app.gui.session.camera_words import describe_recorder
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import display_name, tr
from app.gui.session.view_model import VenueParts, VenueViewModel

T = TypeVar("T")
_MB = 1e6


@dataclass(frozen=True, slots=True)
class WholeVenueState:
    """The state of the card; texts are translated.

    Attributes:
        folder: of the open venue; empty for none.
        recorded_by: who records it where it is another process; empty otherwise.
        note: what was done last.
    """

    folder: str = ""
    recorded_by: str = ""
    archive_name: str = f"hall{ARCHIVE_SUFFIX}"
    is_busy: bool = False
    note: str = ""


class WholeVenueViewModel(VenueViewModel[WholeVenueState]):
    """Archives, restores and makes support bundles in the background, with progress in the status bar."""

    venue_restored = Signal(object)
    """The folder of a restored venue to open."""
    agreement_needed = Signal(object, object, object)
    """The `ArchiveContents` of a large venue, its file and target folder; `restore` after confirmation."""
    failed = Signal(object)
    """An `ErrorReport`."""

    def __init__(self, *, monitor: PipelineMonitor, **parts: Unpack[VenueParts]) -> None:
        super().__init__(WholeVenueState(), **parts)
        self._monitor = monitor
        self._is_busy = False
        self._describe_note: Callable[[], str] = lambda: ""
        self._app_state.venue_opened.connect(self.refresh)
        for changed in (monitor.started, monitor.stopped):
            changed.connect(self.refresh)
        # a cancelled job calls no callback
        self._job_runner.job_finished.connect(self._on_job_finished)
        self._job: object = None

    def archive(self, file: Path) -> None:
        venue = self._app_state.venue
        if venue is None or self._is_busy:
            return
        self._begin(
            lambda: tr("Archiving the venue"),
            lambda context: archive_venue(venue.folder, file, context),
            self._on_archived,
        )

    def restore(self, file: Path, parent: Path, *, is_confirmed: bool = False) -> None:
        """Restore a venue from a file into a new folder of ``parent``, named like the file, and open it.

        Args:
            is_confirmed: also where it takes much room.
        """
        if self._is_busy:
            return
        stem = file.name.removesuffix(".zip").removesuffix(FOLDER_SUFFIX)
        folder = parent / f"{stem or 'hall'}{FOLDER_SUFFIX}"

        def work(context: JobContext) -> RestoredVenue | ArchiveContents:
            contents = inspect_archive(file)
            if contents.is_large and not is_confirmed:
                return contents
            return unarchive_venue(file, folder, context, is_agreed=is_confirmed)

        def on_done(found: RestoredVenue | ArchiveContents) -> None:
            if isinstance(found, ArchiveContents):
                self.agreement_needed.emit(found, file, parent)
            else:
                self._on_restored(found)

        self._begin(lambda: tr("Restoring the venue"), work, on_done)

    def list_bundle(self, findings: str) -> tuple[tuple[str, str], ...]:
        """Return names and descriptions of a support bundle's contents, in the current language."""
        venue = self._app_state.venue
        parts = plan_bundle(None if venue is None else venue.folder, findings=findings)
        return tuple((part.name, fill_template(part.what.template, part.what.fields, tr)) for part in parts)

    def save_bundle(self, file: Path, findings: str) -> None:
        venue = self._app_state.venue
        folder = None if venue is None else venue.folder
        self._begin(
            lambda: tr("Making the support bundle"),
            lambda context: write_bundle(file, plan_bundle(folder, findings=findings), context),
            lambda _names: self._set_note(
                lambda: tr("The support bundle was saved to {file}.", file=str(file))
            ),
        )

    def refresh(self) -> None:
        venue, recorder = self._app_state.venue, self._monitor.recorder
        state = WholeVenueState(
            folder="" if venue is None else str(venue.folder),
            recorded_by=""
            if venue is None or recorder is None
            else describe_recorder(recorder, time_zone=venue.exhibition.time_zone),
            archive_name=f"{'hall' if venue is None else venue.folder.stem}{ARCHIVE_SUFFIX}",
            is_busy=self._is_busy,
            note=self._describe_note(),
        )
        self._set_state(state)

    def _begin(
        self, title: Callable[[], str], work: Callable[[JobContext], T], on_done: Callable[[T], None]
    ) -> None:
        self._is_busy = True
        self._describe_note = lambda: ""
        self.refresh()
        handle = self._job_runner.run(title, work, on_done=on_done, on_failed=self.failed.emit)
        if handle.is_finished:
            self._is_busy = False
            self.refresh()
        else:
            self._job = handle

    def _on_job_finished(self, job: object) -> None:
        if job is self._job:
            self._job, self._is_busy = None, False
            self.refresh()

    def _on_archived(self, made: ArchivedVenue) -> None:
        file, size = str(made.file), made.size_bytes / _MB
        self._set_note(lambda: tr("The archive was saved to {file} ({size:.1f} MB).", file=file, size=size))

    def _on_restored(self, restored: RestoredVenue) -> None:
        name = restored.venue.exhibition.name

        def describe() -> str:
            words = tr(
                "{venue} was restored. Enter its cameras' passwords on this machine.",
                venue=display_name(name),
            )
            off = restored.describe_switched_off()
            if off is None:
                return words
            remedy = tr(
                "Enable only what you recognise: Settings, Other systems; Reports, Scheduled reports."
            )
            return "\n".join((words, fill_template(off.template, off.fields, tr), remedy))

        self._set_note(describe)
        self.venue_restored.emit(restored.venue.folder)

    def _set_note(self, describe: Callable[[], str]) -> None:
        self._describe_note = describe
        self.refresh()
