"""Panel for importing and exporting zones, counting lines and point pairs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QWidget,
)

from app.access.roles import Permission
from app.gui.plan.floor_files import FloorFilesViewModel
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, tr
from app.gui.widgets.layouts import fill, make_column, make_row, name_buttons, style_labels

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
