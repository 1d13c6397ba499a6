"""Zones and point pairs of files, imported and exported: view-model and panel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QWidget,
)

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.floor_plan import FloorGeometry
from app.access.roles import Permission
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.error_reporting import ErrorReport
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import format_number
from app.gui.session.job_runner import JobRunner
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, tr, translate_report, trn
from app.gui.session.view_model import ViewModel
from app.gui.widgets.layouts import fill, make_column, make_row, name_buttons, style_labels
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


_ZONES_NAME, _PAIRS_NAME = "zones.geojson", "calibration.csv"


class FloorFilesPanel(Translated, QFrame):
    """Files panel; renders a `FloorFilesState`."""

    calibration_requested = Signal(str)
    """Name of a camera to calibrate by hand."""
    tracks_requested = Signal()
    """Positions that other sensors measured are to be imported."""
    drawing_requested = Signal(str)
    """Name of a camera in whose picture to draw masks, zones and lines."""

    def __init__(self, viewmodel: FloorFilesViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        viewmodel.setParent(self)
        self._title, self._zones_label, self._pairs_label, self.message = (QLabel() for _ in range(4))
        self._tracks_label, self.import_tracks = QLabel(), QPushButton()
        self.import_zones, self.export_zones = QPushButton(), QPushButton()
        self.import_pairs, self.export_pairs = QPushButton(), QPushButton()
        self.calibrate, self._cameras = QPushButton(), QMenu(self)
        self.draw, self._pictures = QPushButton(), QMenu(self)
        for button in (self.import_zones, self.export_zones):
            require_permission(button, Permission.EDIT_PLAN)
        for button in (self.import_pairs, self.export_pairs, self.calibrate):
            require_permission(button, Permission.EDIT_CAMERAS)
        require_permission(self.import_tracks, Permission.RECORD)
        self.replace, self.from_now, self.cancel, self.undo = (QPushButton() for _ in range(4))
        self._build()
        self._bind()
        self.retranslate()

    def describe_title(self) -> tuple[str, str]:
        return tr("Files"), tr("Zones and calibration as files")

    def retranslate(self) -> None:
        self._title.setText(tr("Zones and calibration as files"))
        self._zones_label.setText(tr("Zones and counting lines (GeoJSON, plan metres)"))
        self._pairs_label.setText(tr("Calibration: point pairs of the cameras (CSV)"))
        self._tracks_label.setText(tr("Positions of LiDAR, stereo sensors or simulations (metres)"))
        name_buttons(
            (self.import_zones, tr("Import…"), tr("Import zones and lines from GeoJSON")),
            (self.export_zones, tr("Export…"), tr("Export zones and lines as GeoJSON")),
            (self.import_pairs, tr("Import…"), tr("Import point pairs from CSV")),
            (self.export_pairs, tr("Export…"), tr("Export point pairs as CSV")),
            (
                self.calibrate,
                tr("Calibrate in the window…"),
                tr("Click the same points in a camera's picture and on the plan"),
            ),
            (
                self.draw,
                tr("Masks and zones in the picture…"),
                tr("Draw masks, zones and lines in a camera's picture"),
            ),
            (
                self.import_tracks,
                tr("Import positions…"),
                tr("Import positions that another sensor or program measured"),
            ),
            (self.from_now, tr("From now on"), tr("Past data keep the previous zones")),
            (self.cancel, tr("Cancel"), tr("Discard the file")),
            (self.undo, tr("Undo"), tr("Undo the import")),
        )
        self._viewmodel.retranslate()
        self._render()

    def _build(self) -> None:
        theme = current_theme()
        self.setProperty("role", "card")
        column = make_column(self, margins=theme.space_m, spacing=theme.space_s)
        self._title.setProperty("role", "title")
        style_labels("", self._zones_label, self._pairs_label, self._tracks_label, self.message)
        self.message.setProperty("role", "banner")
        self.message.setMargin(theme.space_s)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.replace.setProperty("role", "primary")
        fill(column, self._title, self._zones_label, _make_row(self.import_zones, self.export_zones))
        column.addSpacing(theme.space_s)
        fill(column, self._pairs_label, _make_row(self.import_pairs, self.export_pairs))
        fill(column, _make_row(self.calibrate), _make_row(self.draw))
        column.addSpacing(theme.space_s)
        fill(column, self._tracks_label, _make_row(self.import_tracks))
        column.addSpacing(theme.space_s)
        column.addWidget(self.message)
        fill(column, _make_row(self.replace), _make_row(self.from_now, self.cancel), _make_row(self.undo))
        column.addStretch(1)

    def _bind(self) -> None:
        model = self._viewmodel
        model.state_changed.connect(self._render)
        self.import_zones.clicked.connect(lambda: self._open("*.geojson *.json", model.read_zones))
        self.import_pairs.clicked.connect(lambda: self._open("*.csv", model.read_pairs))
        self.export_zones.clicked.connect(
            lambda: self._save(_ZONES_NAME, "*.geojson *.json", model.export_zones)
        )
        self.export_pairs.clicked.connect(lambda: self._save(_PAIRS_NAME, "*.csv", model.export_pairs))
        self.import_tracks.clicked.connect(self.tracks_requested)
        self.calibrate.setMenu(self._cameras)
        self._cameras.aboutToShow.connect(
            lambda: self._list_cameras(self._cameras, self.calibration_requested)
        )
        self.draw.setMenu(self._pictures)
        self._pictures.aboutToShow.connect(lambda: self._list_cameras(self._pictures, self.drawing_requested))
        self.replace.clicked.connect(self._on_replace_clicked)
        self.from_now.clicked.connect(lambda: model.import_zones(is_from_now=True))
        self.cancel.clicked.connect(model.reject)
        self.undo.clicked.connect(model.undo)

    def _render(self) -> None:
        state = self._viewmodel.state
        is_free = state.has_venue and not state.is_busy
        self.import_zones.setEnabled(is_free)
        self.import_pairs.setEnabled(is_free)
        self.import_tracks.setEnabled(is_free)
        self.export_zones.setEnabled(is_free and state.has_zones)
        self.export_pairs.setEnabled(is_free and state.has_pairs)
        for button in (self.calibrate, self.draw):
            button.setEnabled(is_free and bool(state.cameras))
        self.message.setText(state.message)
        self.message.setVisible(bool(state.message))
        self.message.setProperty("tone", state.tone)
        self.message.style().unpolish(self.message)
        self.message.style().polish(self.message)
        is_about_zones = state.question == "zones"
        text = tr("Correct the current ones") if is_about_zones else tr("Replace the current ones")
        name = tr("Also for past data, back to the start of the current zones") if is_about_zones else text
        self.replace.setText(text)
        self.replace.setAccessibleName(name)
        self.replace.setToolTip(name)
        for button, is_shown in (
            (self.replace, bool(state.question)),
            (self.from_now, is_about_zones),
            (self.cancel, bool(state.question)),
        ):
            button.setVisible(is_shown)
            button.setEnabled(is_free)
        self.undo.setVisible(state.can_undo and not state.question)

    def _list_cameras(self, menu: QMenu, signal: SignalInstance) -> None:
        menu.clear()
        for camera in self._viewmodel.state.cameras:
            menu.addAction(display_name(camera), partial(signal.emit, camera))

    def _on_replace_clicked(self) -> None:
        if self._viewmodel.state.question == "zones":
            self._viewmodel.import_zones(is_from_now=False)
        else:
            self._viewmodel.import_pairs()

    def _open(self, kinds: str, read: Callable[[Path], None]) -> None:
        file, _kind = QFileDialog.getOpenFileName(self, tr("Choose a file"), "", kinds)
        if file:
            read(Path(file))

    def _save(self, name: str, kinds: str, write: Callable[[Path], None]) -> None:
        file, _kind = QFileDialog.getSaveFileName(self, tr("Save a file"), name, kinds)
        if file:
            path = Path(file)
            write(path if path.suffix else path.with_suffix(Path(name).suffix))


def _make_row(*buttons: QPushButton) -> QHBoxLayout:
    return fill(make_row(spacing=current_theme().space_s), *buttons, 1)
