"""Show the camera wall: one, four, nine or sixteen pictures, or one enlarged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QDialog,
    QFileDialog,
    QFrame,
    QGridLayout,
    QLabel,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.access.roles import Permission
from app.core.privacy_file import PreviewMode
from app.error_reporting import ErrorReport
from app.gui.live.model import WALL_SIZES, LiveWallState, LiveWallViewModel, TileState, WallPhase
from app.gui.live.preview_feed import Box, PreviewFeed, encode_png
from app.gui.live.video_tile import TileContent, TileTrack, VideoTile
from app.gui.session.permissions import require_permission
from app.gui.session.theme import current_theme
from app.gui.session.translation import Translated, display_name, tr, trn
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.layouts import fill, make_column, make_row, style_labels, style_tools
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.safe_question import ask_confirmation
from resources.file_names import make_portable_name
from vision.pixel_types import Picture

_MIN_BUTTON_PX = 36


class WallTools(QWidget):
    """A toolbar that emits the user's choices and shows the current ones."""

    size_chosen = Signal(int)
    page_turned = Signal(int)
    """Number of pages to turn."""
    shrink_requested = Signal()
    camera_requested = Signal()
    boxes_toggled = Signal(bool)
    zones_toggled = Signal(bool)
    blur_toggled = Signal(bool)

    def __init__(self, sizes: tuple[int, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sizes = QButtonGroup(self)
        self._previous, self._next = self._make_button("‹"), self._make_button("›")
        self._page, self._summary = QLabel(self), QLabel(self)
        self._summary.setProperty("role", "pill")
        self._back, self._add = QPushButton(self), QPushButton(self)
        self._boxes, self._zones, self._blur = QCheckBox(self), QCheckBox(self), QCheckBox(self)
        row = make_row(self, margins=0, spacing=current_theme().space_s)
        for size in sizes:
            button = self._make_button(str(size))
            button.setCheckable(True)
            button.setMinimumWidth(_MIN_BUTTON_PX)
            self._sizes.addButton(button, size)
            row.addWidget(button)
        left: tuple[QWidget, ...] = (self._previous, self._page, self._next, self._back, self._add)
        right: tuple[QWidget, ...] = (self._summary, self._zones, self._boxes, self._blur)
        for widget in left:
            row.addWidget(widget)
        row.addStretch(1)
        for widget in right:
            row.addWidget(widget)
        self._sizes.idClicked.connect(self.size_chosen)
        self._previous.clicked.connect(lambda: self.page_turned.emit(-1))
        self._next.clicked.connect(lambda: self.page_turned.emit(1))
        self._back.clicked.connect(self.shrink_requested)
        self._add.clicked.connect(self.camera_requested)
        require_permission(self._add, Permission.EDIT_CAMERAS)
        self._boxes.toggled.connect(self.boxes_toggled)
        self._zones.toggled.connect(self.zones_toggled)
        self._blur.toggled.connect(self.blur_toggled)
        self.retranslate()

    def show_wall(self, *, size: int, page: int, pages: int, is_enlarged: bool) -> None:
        self._sizes.button(size).setChecked(True)
        for button in self._sizes.buttons():
            button.setVisible(not is_enlarged)
        pagers: tuple[QWidget, ...] = (self._previous, self._page, self._next)
        for widget in pagers:
            widget.setVisible(not is_enlarged and pages > 1)
        self._previous.setEnabled(page > 0)
        self._next.setEnabled(page + 1 < pages)
        self._page.setText(f"{page + 1} / {pages}")
        self._back.setVisible(is_enlarged)
        self._add.setVisible(not is_enlarged)

    def show_overlays(self, *, boxes: bool, zones: bool, blur: bool) -> None:
        self._boxes.setChecked(boxes)
        self._zones.setChecked(zones)
        self._blur.setChecked(blur)

    def allow_blur_choice(self, is_allowed: bool) -> None:
        """Enable or disable the blurring check box."""
        if is_allowed != self._blur.isEnabled():
            self._blur.setEnabled(is_allowed)
            self._explain_blur()

    def show_summary(self, text: str, explanation: str) -> None:
        """Show a short text about all cameras; empty hides it."""
        self._summary.setVisible(bool(text))
        self._summary.setText(text)
        self._summary.setToolTip(explanation)

    def retranslate(self) -> None:
        for button in self._sizes.buttons():
            size = self._sizes.id(button)
            button.setToolTip(trn("{n} camera at once", "{n} cameras at once", size))
            button.setAccessibleName(button.toolTip())
        self._previous.setToolTip(tr("Previous cameras"))
        self._next.setToolTip(tr("Next cameras"))
        for step in (self._previous, self._next):
            step.setAccessibleName(step.toolTip())
        self._back.setText(tr("All cameras"))
        self._add.setText(tr("Add a camera"))
        self._boxes.setText(tr("Boxes and trails"))
        self._boxes.setToolTip(tr("Show a box around each counted person, with the recent path"))
        self._zones.setText(tr("Zones"))
        self._zones.setToolTip(tr("Show zones and counting lines over the pictures"))
        self._blur.setText(tr("Blur faces"))
        self._explain_blur()
        for control in (self._back, self._add, self._boxes, self._zones, self._blur):
            control.setAccessibleName(control.text())

    def _explain_blur(self) -> None:
        self._blur.setToolTip(
            tr("Blur the heads of detected people; people who just came in are briefly not blurred")
            if self._blur.isEnabled()
            else tr("Set by the venue under Settings, Privacy")
        )

    def _make_button(self, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        style_tools("button", button)
        return button


_SUFFIX = ".png"


class SnapshotDialogs(QWidget):
    """A sequence of three dialogs before a picture is saved: consequences, file, confirmation."""

    confirmed = Signal(str, str)
    """(camera, file) after both questions were confirmed."""
    refused = Signal(str)
    """Name of the camera whose picture is not saved."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.hide()
        self.open_dialog: QDialog | None = None

    def start(self, camera: str, *, is_blurred: bool) -> None:
        """Open the first dialog, unless one is open already."""
        if self.open_dialog is not None:
            return
        heads = (
            tr("The heads of detected people are blurred; those of undetected people are not.")
            if is_blurred
            else tr("Blurring is off: people can be recognised.")
        )
        self._open_question(
            camera,
            tr("Save a picture of visitors?"),
            tr(
                "ExpoFlow counts people without storing pictures. A saved picture shows people who did "
                "not consent, and you become responsible for its use and deletion."
            )
            + "\n\n"
            + heads,
            lambda: self._choose_file(camera),
        )

    def _choose_file(self, camera: str) -> None:
        dialog = QFileDialog(self.window(), tr("Save the picture of {camera}", camera=display_name(camera)))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(tr("PNG picture") + f" (*{_SUFFIX})")
        dialog.setDefaultSuffix(_SUFFIX[1:])
        dialog.selectFile(f"{make_portable_name(camera)}{_SUFFIX}")

        def finish(result: int) -> None:
            files = dialog.selectedFiles()
            self._close(dialog)
            if result == QDialog.DialogCode.Accepted and files:
                self._confirm_saving(camera, files[0])
            else:
                self.refused.emit(camera)

        self._show(dialog, finish)

    def _confirm_saving(self, camera: str, file: str) -> None:
        self._open_question(
            camera,
            tr("Really save this picture?"),
            tr(
                "The current picture of camera {camera} will be saved to {file}.",
                camera=display_name(camera),
                file=Path(file).name,
            ),
            lambda: self.confirmed.emit(camera, file),
        )

    def _open_question(self, camera: str, title: str, text: str, on_yes: Callable[[], None]) -> None:
        dialog = QMessageBox(
            QMessageBox.Icon.Warning,
            title,
            title,
            QMessageBox.StandardButton.Yes | QMessageBox.StandardButton.No,
            self.window(),
        )
        dialog.setInformativeText(text)
        dialog.setDefaultButton(QMessageBox.StandardButton.No)
        dialog.setEscapeButton(QMessageBox.StandardButton.No)

        def finish(result: int) -> None:
            self._close(dialog)
            if result == QMessageBox.StandardButton.Yes:
                on_yes()
            else:
                self.refused.emit(camera)

        self._show(dialog, finish)

    def _show(self, dialog: QDialog, finish: Callable[[int], None]) -> None:
        self.open_dialog = dialog
        dialog.setWindowModality(Qt.WindowModality.WindowModal)
        dialog.finished.connect(finish)
        dialog.open()

    def _close(self, dialog: QDialog) -> None:
        self.open_dialog = None
        dialog.deleteLater()


_STEPS = {Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1), Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0)}


class TileGrid(QWidget):
    """A grid of equal cells, filled from the first."""

    tiles_changed = Signal()
    """The number of tiles or their cameras changed."""
    tile_added = Signal(object)
    """The new `VideoTile`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: list[VideoTile] = []
        self._columns = 1
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(current_theme().space_s)

    @property
    def tiles(self) -> tuple[VideoTile, ...]:
        """Return the tiles from left to right and top to bottom."""
        return tuple(self._tiles)

    def show_contents(self, contents: tuple[TileContent, ...], *, columns: int) -> None:
        """Show contents in ``columns`` columns and as many rows, reusing tiles."""
        cameras = [tile.camera for tile in self._tiles]
        is_other = cameras != [content.camera for content in contents] or columns != self._columns
        for tile, content in zip(self._tiles, contents, strict=False):
            tile.set_content(content)
        for content in contents[len(self._tiles) :]:
            self._add_tile(content)
        while len(self._tiles) > len(contents):
            tile = self._tiles.pop()
            self._grid.removeWidget(tile)
            tile.hide()
            tile.deleteLater()
        if is_other:
            self._arrange(columns)
            self.tiles_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        step = _STEPS.get(Qt.Key(event.key()))
        focused = next((index for index, tile in enumerate(self._tiles) if tile.hasFocus()), None)
        if step is None or focused is None:
            event.ignore()
            return
        target = focused + step[0] * self._columns + step[1]
        if 0 <= target < len(self._tiles):
            self._tiles[target].setFocus(Qt.FocusReason.TabFocusReason)

    def _add_tile(self, content: TileContent) -> None:
        tile = VideoTile(content, self)
        self._tiles.append(tile)
        self.tile_added.emit(tile)

    def _arrange(self, columns: int) -> None:
        for tile in self._tiles:
            self._grid.removeWidget(tile)
        for index in range(max(columns, self._columns)):
            is_used = 1 if index < columns else 0
            self._grid.setColumnStretch(index, is_used)
            self._grid.setRowStretch(index, is_used)
        for index, tile in enumerate(self._tiles):
            self._grid.addWidget(tile, index // columns, index % columns)
            tile.show()
        self._columns = columns


class RecordingBar(QFrame):
    start_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme = current_theme()
        self.setProperty("role", "banner")
        self._problem, self._remedy = QLabel(self), QLabel(self)
        self._remedy.setProperty("role", "muted")
        style_labels("", self._problem, self._remedy)
        self._start = QPushButton(self)
        self._start.setProperty("role", "primary")
        self._start.clicked.connect(self.start_requested)
        texts = fill(make_column(spacing=2), self._problem, self._remedy)
        row = make_row(self, margins=(theme.space_m, theme.space_s, theme.space_m, theme.space_s))
        fill(row, (texts, 1), self._start)

    @property
    def problem(self) -> str:
        return self._problem.text()

    @property
    def remedy(self) -> str:
        return self._remedy.text()

    def show_offer(
        self, problem: str, remedy: str, button: str, *, is_bad: bool = False, is_next: bool = True
    ) -> None:
        """Show a problem with a button to start the recording, a plain one unless that is what comes next."""
        self._start.setProperty("role", "primary" if is_next else "")
        self._start.style().unpolish(self._start)
        self._start.style().polish(self._start)
        self._start.setText(button)
        self._start.setAccessibleName(button)
        self._start.show()
        self._show_texts(problem, remedy, is_bad=is_bad)

    def show_waiting(self, text: str, note: str = "") -> None:
        """Show a text without a button."""
        self._start.hide()
        self._show_texts(text, note, is_bad=False)

    def _show_texts(self, problem: str, remedy: str, *, is_bad: bool) -> None:
        if (problem, remedy) == (self._problem.text(), self._remedy.text()):
            return
        self._problem.setText(problem)
        self._remedy.setText(remedy)
        self._remedy.setVisible(bool(remedy))
        self.setAccessibleName(problem)
        self.setAccessibleDescription(remedy)
        self.setProperty("tone", "bad" if is_bad else "")
        self.style().unpolish(self)
        self.style().polish(self)


_DEFAULT_WH = (16, 9)
"""Assumed aspect ratio before the first picture."""


def make_content(tile: TileState, state: LiveWallState) -> TileContent:
    figures = []
    if tile.has_picture:
        figures.append(tr("{fps:.1f} frames/s", fps=tile.fps))
        figures.append(trn("{n} dropped", "{n} dropped", tile.dropped))
        if tile.age_s is not None:
            figures.append(tr("{age_s:.1f} s old", age_s=tile.age_s))
    return TileContent(
        camera=tile.camera,
        tone=tile.words.health,
        problem=tile.words.problem,
        remedy=tile.words.remedy,
        since=tile.since,
        people="" if tile.people is None else trn("{n} person", "{n} people", tile.people),
        figures="  ·  ".join(figures),
        tracks=tuple(
            TileTrack(track.tracklet, track.xyxy, trail)
            for track, trail in zip(tile.tracks, tile.trails, strict=True)
        ),
        found=tile.found_xyxy,
        zones=tile.zones if state.shows_zones else (),
        shows_tracks=state.shows_boxes,
        is_blurred=state.is_blurred,
        stale_after_s=tile.stale_after_s,
        silhouettes_wh=(tile.frame_wh or _DEFAULT_WH) if state.previews is PreviewMode.SILHOUETTES else None,
    )


_COLUMNS = {1: 1, 4: 2, 9: 3, 16: 4}


class LiveWallView(Translated, QWidget):
    """The view of a `LiveWallState`; pictures bypass the state and reach the tiles through a feed."""

    calibration_requested = Signal(str)
    """Name of the camera to calibrate."""
    drawing_requested = Signal(str)
    """Name of the camera whose masks, zones and lines are to be drawn."""
    detection_requested = Signal(str)
    """Name of the camera whose network and scores are to be set."""
    view_requested = Signal(str)
    """Name of the camera whose views before and after a movement are to be shown."""
    doctor_requested = Signal(str)
    """Name of the camera to diagnose."""
    removal_requested = Signal(str)
    """Name of the camera to remove."""
    wizard_requested = Signal(str, bool)
    """Name of the camera to open in the wizard, empty for a new one; whether to begin with its login."""

    def __init__(self, viewmodel: LiveWallViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._grid = TileGrid()
        self._feed = PreviewFeed(viewmodel.preview, parent=self)
        self._questions = SnapshotDialogs(self)
        self.blur_question: QMessageBox | None = None
        self._bar = RecordingBar()
        self._notice = NotificationBanner()
        self._tools = WallTools(WALL_SIZES)
        self._empty = EmptyPage("camera")
        self._empty.add_button(self._on_empty_primary_clicked)
        self._empty.add_button(viewmodel.demo_requested.emit)
        self._wall = QWidget()
        self._pages = QStackedWidget()
        self._column = QVBoxLayout(self)
        self._build()
        self._connect()
        self.retranslate()

    def request_camera_wizard(self, name: str = "", *, starts_at_login: bool = False) -> None:
        """Request the wizard that adds or changes a camera.

        Args:
            starts_at_login: whether to begin with user and password if the address is known.
        """
        self.wizard_requested.emit(name, starts_at_login)

    def add_notice(self, notice: QWidget) -> None:
        """Add a message bar above the wall that is also visible without cameras."""
        self._column.insertWidget(0, notice)

    def retranslate(self) -> None:
        self._tools.retranslate()
        for tile in self._grid.tiles:
            tile.retranslate()
        self._viewmodel.refresh()
        self._render()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        self._feed.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        self._feed.stop()
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        if event.key() == Qt.Key.Key_Escape and self._viewmodel.state.enlarged is not None:
            self._shrink()
        elif event.key() == Qt.Key.Key_PageDown:
            self._viewmodel.turn_page(1)
        elif event.key() == Qt.Key.Key_PageUp:
            self._viewmodel.turn_page(-1)
        else:
            super().keyPressEvent(event)

    def _build(self) -> None:
        theme = current_theme()
        column = make_column(self._wall, margins=0, spacing=theme.space_m)
        fill(column, self._tools, self._notice, self._bar, (self._grid, 1))
        for page in (self._empty, self._wall):
            self._pages.addWidget(page)
        outer = self._column
        outer.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        outer.addWidget(self._pages)

    def _connect(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._render)
        viewmodel.snapshot_saved.connect(self._on_snapshot_saved)
        viewmodel.camera_changed.connect(self._on_camera_changed)
        viewmodel.failed.connect(self._on_failed)
        self._tools.size_chosen.connect(viewmodel.set_size)
        self._tools.page_turned.connect(viewmodel.turn_page)
        self._tools.shrink_requested.connect(self._shrink)
        self._tools.camera_requested.connect(self.request_camera_wizard)
        self._tools.boxes_toggled.connect(viewmodel.show_boxes)
        self._tools.zones_toggled.connect(viewmodel.show_zones)
        self._tools.blur_toggled.connect(self._blur)
        self._bar.start_requested.connect(viewmodel.request_start)
        self._grid.tiles_changed.connect(lambda: self._feed.set_tiles(self._grid.tiles))
        self._grid.tile_added.connect(self._on_tile_added)
        self._questions.confirmed.connect(self._on_snapshot_confirmed)
        # no other message of this bar has a button

    def _render(self) -> None:
        state = self._viewmodel.state
        if state.phase in (WallPhase.NO_VENUE, WallPhase.NO_CAMERA):
            self._render_empty(state)
            return
        self._pages.setCurrentWidget(self._wall)
        self._render_tools(state)
        self._render_bar(state)
        columns = 1 if state.enlarged is not None else _COLUMNS[state.size]
        self._grid.show_contents(tuple(make_content(tile, state) for tile in state.tiles), columns=columns)

    def _render_empty(self, state: LiveWallState) -> None:
        self._grid.show_contents((), columns=1)
        self._pages.setCurrentWidget(self._empty)
        if state.phase is WallPhase.NO_VENUE:
            self._empty.show_texts(
                tr("No venue is open"),
                tr("Open a venue to see its cameras, or open the demonstration, which needs no camera."),
                tr("Open a venue"),
                tr("Open the demonstration"),
            )
        else:
            self._empty.show_texts(
                tr("No camera yet"),
                tr("Add a network camera, a USB camera or a video."),
                tr("Add a camera"),
                tr("Open the demonstration"),
            )

    def _render_tools(self, state: LiveWallState) -> None:
        self._tools.show_wall(
            size=state.size, page=state.page, pages=state.pages, is_enlarged=state.enlarged is not None
        )
        self._tools.show_overlays(boxes=state.shows_boxes, zones=state.shows_zones, blur=state.is_blurred)
        self._tools.allow_blur_choice(state.previews is PreviewMode.PLAIN)
        summary = ""
        if state.people is not None:
            summary = trn("{n} person in the pictures", "{n} people in the pictures", state.people)
            summary += "  ·  " + tr(
                "{live} of {cameras} cameras live", live=state.live, cameras=state.cameras
            )
        self._tools.show_summary(summary, tr("A person seen by two cameras appears in two pictures."))

    def _render_bar(self, state: LiveWallState) -> None:
        self._bar.setVisible(state.phase is not WallPhase.RUNNING or bool(state.recorded_by))
        if state.recorded_by:
            self._bar.show_waiting(state.recorded_by, state.recorded_note)
        elif state.phase is WallPhase.STARTING:
            self._bar.show_waiting(tr("Recording is starting"))
        elif state.phase is WallPhase.STOPPING:
            self._bar.show_waiting(tr("Recording is stopping; the data is being saved"))
        elif state.problem:
            self._bar.show_offer(state.problem, state.remedy, tr("Start again"), is_bad=True)
        else:
            self._bar.show_offer(
                tr("Recording is off."),
                tr("Start it to see the cameras' pictures and to count visitors. No picture is stored."),
                tr("Start recording"),
                is_next=state.is_set_up,
            )

    def _on_empty_primary_clicked(self) -> None:
        if self._viewmodel.state.phase is WallPhase.NO_VENUE:
            self._viewmodel.venue_requested.emit()
        else:
            self.request_camera_wizard()

    def _on_tile_added(self, tile: VideoTile) -> None:
        tile.enlarge_requested.connect(self._on_enlarge_requested)
        tile.snapshot_requested.connect(self._on_snapshot_requested)
        tile.calibration_requested.connect(self.calibration_requested)
        tile.drawing_requested.connect(self.drawing_requested)
        tile.detection_requested.connect(self.detection_requested)
        tile.view_requested.connect(self.view_requested)
        tile.doctor_requested.connect(self.doctor_requested)
        tile.removal_requested.connect(self.removal_requested)

    def show_camera(self, camera: str) -> None:
        self._viewmodel.enlarge(camera)
        self._focus(camera)

    def _on_enlarge_requested(self, camera: str) -> None:
        if self._viewmodel.state.enlarged is not None:
            self._shrink()
        else:
            self.show_camera(camera)

    def _shrink(self) -> None:
        camera = self._viewmodel.state.enlarged
        self._viewmodel.enlarge(None)
        if camera is not None:
            self._focus(camera)

    def _focus(self, camera: str) -> None:
        for tile in self._grid.tiles:
            if tile.camera == camera:
                tile.setFocus(Qt.FocusReason.OtherFocusReason)

    def _blur(self, is_blurred: bool) -> None:
        state = self._viewmodel.state
        if is_blurred or not state.is_blurred:
            self._viewmodel.blur(is_blurred)
            return
        self._tools.show_overlays(boxes=state.shows_boxes, zones=state.shows_zones, blur=True)
        if self.blur_question is not None:
            return

        def finish(is_agreed: bool) -> None:
            self.blur_question = None
            if is_agreed:
                self._viewmodel.blur(False)

        self.blur_question = ask_confirmation(
            self,
            tr("Blur faces"),
            tr("Show the heads of visitors?"),
            tr(
                "Anybody who sees this screen can then recognise them. Blurring is switched on again "
                "when the venue is next opened."
            ),
            yes=tr("Show heads"),
            on_answer=finish,
        )

    def _on_snapshot_requested(self, camera: str) -> None:
        self._questions.start(camera, is_blurred=self._viewmodel.state.is_blurred)

    def _on_snapshot_confirmed(self, camera: str, file: str) -> None:
        is_blurred = self._viewmodel.state.is_blurred

        def encode(picture: Picture, people: tuple[Box, ...]) -> bytes:
            return encode_png(picture, people if is_blurred else ())

        self._viewmodel.save_snapshot(camera, Path(file), encode)

    def _on_camera_changed(self, name: str) -> None:
        self._notice.show_message(
            lambda: tr("{camera} was changed.", camera=display_name(name)),
            lambda: tr("The change takes effect when the recording is next started."),
            tone="good",
        )

    def _on_snapshot_saved(self, file: str) -> None:
        self._notice.show_message(lambda: tr("The picture was saved."), file, tone="good")

    def _on_failed(self, report: ErrorReport) -> None:
        self._notice.show_message(lambda: report.render(tr).problem, lambda: report.render(tr).remedy)
