"""View-model for importing and exporting zones, lines and point pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.floor_plan import FloorGeometry
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.error_reporting import ErrorReport
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import format_number
from app.gui.session.job_runner import JobRunner
from app.gui.session.translation import display_name, tr, translate_report, trn
from app.gui.session.view_model import ViewModel
from app.plan.edit_venue import (
    CheckedPairs,
    apply_pairs,
    apply_zones,
    check_pairs,
    check_zones,
    restore_pairs,
    restore_zones,
    save_pairs,
    save_zones,
)
from app.plan.geojson import FloorFile


def describe_zones(file: str, geometry: FloorGeometry, *, present: FloorGeometry) -> str:
    return tr(
        "{file} contains {read}; the venue has {known}. How should they be imported?",
        file=file,
        read=_count(geometry),
        known=_count(present),
    )


def describe_pairs(file: str, checked: CheckedPairs, venue: Venue) -> str:
    """Return the question on importing point pairs, with their error by camera."""
    lines = [
        tr(
            "{camera}: {pairs}, {error} cm mean error on the floor (now {known})",
            camera=display_name(str(name)),
            pairs=_count_pairs(len(pairs)),
            error=format_number(checked.rms_m[name] * 100, decimals=1),
            known=_count_pairs(len(venue.camera(name).camera.pairs)),
        )
        for name, pairs in checked.pairs.items()
    ]
    return "\n".join([tr("{file} contains point pairs. Import them?", file=file), *lines])


def _count(geometry: FloorGeometry) -> str:
    zones = trn("{n} zone", "{n} zones", len(geometry.zones))
    lines = trn("{n} line", "{n} lines", len(geometry.lines))
    return tr("{zones} and {lines}", zones=zones, lines=lines)


def _count_pairs(count: int) -> str:
    return trn("{n} point pair", "{n} point pairs", count)


T = TypeVar("T")
_ZONES, _CAMERAS = ChangeSet(zones=True), ChangeSet(cameras=True)


@dataclass(frozen=True, slots=True)
class FloorFilesState:
    """State of the files panel.

    Attributes:
        message: question, result or error; empty for none.
        tone: tone of the message: ``neutral``, ``good`` or ``bad``.
        question: subject of the question: ``zones``, ``pairs``, or empty.
    """

    has_venue: bool = False
    has_zones: bool = False
    has_pairs: bool = False
    cameras: tuple[str, ...] = ()
    message: str = ""
    tone: str = "neutral"
    question: str = ""
    can_undo: bool = False
    is_busy: bool = False


class FloorFilesViewModel(ViewModel[FloorFilesState]):
    """View-model of the files panel; a file is checked, then confirmed before the venue changes."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        clock: Clock | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner = app_state, job_runner
        self._clock = clock or SystemClock()
        self._zones: FloorFile | None = None
        self._pairs: CheckedPairs | None = None
        self._undo: tuple[Callable[[Path], Venue], ChangeSet] | None = None
        self._word: Callable[[], str] = str
        self._tone = "neutral"
        self._is_busy = False
        self._state = FloorFilesState()
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.changed.connect(self._on_changed)
        self._on_venue_opened()

    def read_zones(self, file: Path) -> None:
        """Read and check a GeoJSON file, and request a confirmation."""
        self._forget_question()
        self._run(
            lambda: tr("Reading {name}", name=file.name),
            lambda _venue: check_zones(file),
            partial(self._confirm_zones, file.name),
        )

    def read_pairs(self, file: Path) -> None:
        """Read and check a CSV file, and request a confirmation."""
        self._forget_question()
        self._run(
            lambda: tr("Reading {name}", name=file.name),
            lambda venue: check_pairs(venue, file),
            partial(self._confirm_pairs, file.name),
        )

    def import_zones(self, *, is_from_now: bool) -> None:
        zones, venue = self._zones, self._app_state.venue
        if zones is None or venue is None:
            return
        from_utc_s = self._clock.now_utc_s() if is_from_now else None
        former, obstacles = venue.geometry_versions, venue.plan.obstacles
        self._change(
            lambda folder: apply_zones(folder, zones, from_utc_s=from_utc_s),
            _ZONES,
            undo=lambda folder: restore_zones(folder, former, obstacles),
            word=lambda: tr("Zones and lines imported."),
        )

    def import_pairs(self) -> None:
        checked, venue = self._pairs, self._app_state.venue
        if checked is None or venue is None:
            return
        former = [venue.camera(name).camera for name in checked.pairs]
        self._change(
            lambda folder: apply_pairs(folder, checked.pairs),
            _CAMERAS,
            undo=lambda folder: restore_pairs(folder, former),
            word=lambda: tr("Point pairs imported. They take effect when recording next starts."),
        )

    def reject(self) -> None:
        self._forget_question()
        self._show_message(str)

    def undo(self) -> None:
        """Restore the state before the last import."""
        if self._undo is not None:
            work, changes = self._undo
            self._undo = None
            self._change(work, changes, undo=None, word=lambda: tr("The import was undone."))

    def export_zones(self, file: Path) -> None:
        """Export the newest zones and lines as GeoJSON."""
        self._export(file, lambda venue: save_zones(venue, file))

    def export_pairs(self, file: Path) -> None:
        """Export the point pairs as CSV."""
        self._export(file, lambda venue: save_pairs(venue, file))

    def retranslate(self) -> None:
        self._show()

    def _export(self, file: Path, write: Callable[[Venue], None]) -> None:
        self._forget_question()
        self._run(
            lambda: tr("Writing {name}", name=file.name),
            write,
            lambda _nothing: self._show_message(
                lambda: tr("Exported to {file}.", file=str(file)), tone="good"
            ),
        )

    def _change(
        self,
        work: Callable[[Path], Venue],
        changes: ChangeSet,
        *,
        undo: Callable[[Path], Venue] | None,
        word: Callable[[], str],
    ) -> None:
        def finish(changed: Venue) -> None:
            self._forget_question()
            self._undo = None if undo is None else (undo, changes)
            self._show_message(word, tone="good")
            self._app_state.replace_venue(changed, changes, initiator=self)

        self._run(lambda: tr("Writing the venue"), lambda venue: work(venue.folder), finish)

    def _run(
        self, title: Callable[[], str], work: Callable[[Venue], T], on_done: Callable[[T], None]
    ) -> None:
        venue = self._app_state.venue
        if venue is None or self._is_busy:
            return

        def finish(result: T) -> None:
            self._is_busy = False
            shown = self._app_state.venue
            if shown is not None and shown.folder == venue.folder:
                on_done(result)

        self._is_busy = True
        self._show()
        self._job_runner.run(title, lambda _context: work(venue), on_done=finish, on_failed=self._on_failed)

    def _confirm_zones(self, name: str, found: FloorFile) -> None:
        venue = self._app_state.venue
        assert venue is not None
        self._zones = found
        self._show_message(lambda: describe_zones(name, found.geometry, present=venue.geometry_at(None)))

    def _confirm_pairs(self, name: str, checked: CheckedPairs) -> None:
        venue = self._app_state.venue
        assert venue is not None
        self._pairs = checked
        self._show_message(lambda: describe_pairs(name, checked, venue))

    def _on_failed(self, report: ErrorReport) -> None:
        self._is_busy = False
        self._show_message(lambda: translate_report(report), tone="bad")

    def _on_venue_opened(self) -> None:
        self._undo = None
        self._is_busy = False
        self._forget_question()
        self._show_message(str)

    def _on_changed(self, changes: ChangeSet, initiator: object) -> None:
        if initiator is not self and (changes.zones or changes.cameras):
            # undoing the import would also undo later edits
            self._undo = None
        self._show()

    def _forget_question(self) -> None:
        self._zones = self._pairs = None

    def _show_message(self, word: Callable[[], str], *, tone: str = "neutral") -> None:
        self._word, self._tone = word, tone
        self._show()

    def _show(self) -> None:
        venue = self._app_state.venue
        geometry = venue.geometry_at(None) if venue is not None else FloorGeometry()
        self._set_state(
            FloorFilesState(
                has_venue=venue is not None,
                has_zones=bool(geometry.zones or geometry.lines),
                has_pairs=venue is not None and any(camera.camera.pairs for camera in venue.cameras),
                cameras=() if venue is None else tuple(map(str, venue.camera_names)),
                message=self._word(),
                tone=self._tone,
                question="zones" if self._zones is not None else "pairs" if self._pairs is not None else "",
                can_undo=self._undo is not None and not self._is_busy,
                is_busy=self._is_busy,
            )
        )
