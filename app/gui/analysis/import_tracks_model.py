"""View-model of the import of positions that other sensors measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, Unpack

from analytics.domain.arrays import Interval
from analytics.domain.floor_geometry import Polygon
from app.analysis.import_tracks import (
    Identities,
    ImportedTracks,
    PastImport,
    TracksPreview,
    import_tracks,
    list_imports,
    preview_tracks,
    read_covered_floor,
)
from app.cameras.edit_masks import RemoveCamera
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.facts.history_extent import read_history_extent
from app.gui.session.job_runner import JobHandle
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.plan.saved_edits import save_edit
from app.privacy.erase_period import erase_period

T = TypeVar("T")
_CHANGED = ChangeSet(cameras=True, events=True)


@dataclass(frozen=True, slots=True)
class TracksChoice:
    """Settings of an import.

    Attributes:
        start_utc_s: start of a file that counts its times from zero, seconds since the epoch.
        covered_file: the floor that the sensor covers; None: the whole hall.
    """

    file: Path
    start_utc_s: float
    sensor: str = ""
    identities: Identities = Identities.PERSONS
    covered_file: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ImportTracksState:
    """State of the dialog.

    Attributes:
        read: the choice that ``preview`` shows.
        imported: result of the last import.
        imports: files that are part of the history, the newest first.
        job: what is being done; empty for nothing. ``progress`` is 0 to 1; None while unknown.
    """

    read: TracksChoice | None = None
    preview: TracksPreview | None = None
    imported: ImportedTracks | None = None
    removed: PastImport | None = None
    imports: tuple[PastImport, ...] = ()
    job: str = ""
    progress: float | None = None
    fault: ErrorReport | None = None


class ImportTracksViewModel(VenueViewModel[ImportTracksState]):
    """Reads a file, shows what it holds, imports it, and takes an import out again."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(ImportTracksState(), **parts)
        self._job: JobHandle | None = None
        self.list_imports()

    @property
    def venue(self) -> Venue | None:
        return self._app_state.venue

    @property
    def now_utc_s(self) -> float:
        """Return the current time, seconds since the epoch."""
        return self._clock.now_utc_s()

    def list_imports(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            return

        def show(found: tuple[tuple[PastImport, ...], Interval | None]) -> None:
            self._replace_state(imports=found[0])
            self._app_state.set_history(found[1])

        self._job_runner.run_latest(
            "track imports",
            lambda: tr("Reading the history"),
            lambda _context: (list_imports(venue), read_history_extent(venue)),
            on_done=show,
            on_failed=self._on_failed,
        )

    def preview(self, choice: TracksChoice) -> None:
        """Read a file without changing anything."""
        venue = self._app_state.venue
        if venue is None:
            return
        self._replace_state(preview=None, read=None, imported=None, removed=None)

        def show(found: TracksPreview) -> None:
            self._replace_state(preview=found, read=choice, job="", progress=None)

        self._run(
            tr("Reading {name}", name=choice.file.name),
            lambda context: preview_tracks(
                choice.file, start_utc_s=choice.start_utc_s, venue=venue, context=context
            ),
            show,
        )

    def import_file(self, choice: TracksChoice) -> None:
        venue = self._app_state.venue
        if venue is None:
            return

        def work(context: JobContext) -> ImportedTracks:
            covered: Polygon | None = None
            if choice.covered_file is not None:
                covered = read_covered_floor(choice.covered_file)
            return import_tracks(
                into=read_venue(venue.folder),
                file=choice.file,
                sensor=choice.sensor.strip(),
                start_utc_s=choice.start_utc_s,
                covered=covered,
                identities=choice.identities,
                clock=self._clock,
                context=context,
            )

        def show(imported: ImportedTracks) -> None:
            self._replace_state(imported=imported, removed=None, job="", progress=None)
            self._announce(venue)

        self._run(tr("Importing {name}", name=choice.file.name), work, show)

    def remove(self, known: PastImport) -> None:
        """Take an import out of the history, and its sensor out of the venue if nothing is left of it."""
        venue = self._app_state.venue
        if venue is None:
            return

        def work(context: JobContext) -> None:
            now = read_venue(venue.folder)
            erase_period(now, known.period_s, camera=known.sensor, context=context, clock=self._clock)
            if known.sensor not in [one.sensor for one in list_imports(now)]:
                save_edit(venue.folder, RemoveCamera(known.sensor))

        def show(_nothing: None) -> None:
            self._replace_state(imported=None, removed=known, job="", progress=None)
            self._announce(venue)

        self._run(tr("Removing {name}", name=known.file), work, show)

    def cancel(self) -> None:
        """Cancel what is being done; nothing is changed."""
        if self._job is not None and not self._job.is_finished:
            self._job.cancel()
        self._replace_state(job="", progress=None)

    def _run(self, title: str, work: Callable[[JobContext], T], on_done: Callable[[T], None]) -> None:
        self._replace_state(job=title, progress=None, fault=None)
        self._job = self._job_runner.run_latest(
            "import of tracks", title, work, on_done=on_done, on_failed=self._on_failed
        )
        if not self._job.is_finished:
            self._job.progress.connect(self._on_progress)

    def _announce(self, venue: Venue) -> None:
        self._app_state.replace_venue(read_venue(venue.folder), _CHANGED, initiator=self)
        self.list_imports()

    def _on_progress(self, done: float, total: float) -> None:
        if self._state.job:
            self._replace_state(progress=done / total if total > 0 else None)

    def _on_failed(self, fault: ErrorReport) -> None:
        self._replace_state(job="", progress=None, fault=fault)
