"""The wall of cameras: one, four, nine or sixteen pictures at once, or one enlarged."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QMessageBox, QStackedWidget, QVBoxLayout, QWidget

from app.error_reporting import ErrorReport
from app.gui.theme import current_theme
from app.gui.translation import display_name, tr, trn
from app.gui.viewmodels.live_wall import LiveWallViewModel
from app.gui.viewmodels.live_wall_state import WALL_SIZES, LiveWallState, WallPhase
from app.gui.views.camera_wizard import CameraWizard
from app.gui.views.tile_content import make_content
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.preview_feed import PreviewFeed
from app.gui.widgets.preview_picture import Box, encode_png
from app.gui.widgets.recording_bar import RecordingBar
from app.gui.widgets.safe_question import ask_first
from app.gui.widgets.snapshot_questions import SnapshotQuestions
from app.gui.widgets.tile_grid import TileGrid
from app.gui.widgets.wall_tools import WallTools
from app.venue.privacy_file import PreviewMode
from vision.pixel_types import Picture

_COLUMNS = {1: 1, 4: 2, 9: 3, 16: 4}


class LiveWallView(QWidget):
    """Renders `LiveWallState`; pictures come past it, by the tiles' feed."""

    calibration_requested = Signal(str)
    """Name of the camera that is to be calibrated."""
    drawing_requested = Signal(str)
    """Name of the camera in whose picture masks, zones and lines are to be drawn."""
    view_requested = Signal(str)
    """Name of the camera whose view of before and after is to be shown."""
    doctor_requested = Signal(str)
    """Name of the camera of which it is asked what is wrong."""
    removal_requested = Signal(str)
    """Name of the camera that is to be removed."""

    def __init__(self, viewmodel: LiveWallViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._grid = TileGrid()
        self._feed = PreviewFeed(viewmodel.preview, parent=self)
        self._questions = SnapshotQuestions(self)
        self._blur_question: QMessageBox | None = None
        self._bar = RecordingBar()
        self._notice = NotificationBanner()
        self._added = ""
        self._tools = WallTools(WALL_SIZES)
        self._empty = EmptyPage("camera")
        self._empty.add_button(self._on_empty_primary_clicked, is_primary=True)
        self._empty.add_button(viewmodel.demo_requested.emit)
        self._wall = QWidget()
        self._pages = QStackedWidget()
        self._column = QVBoxLayout(self)
        self._build()
        self._connect()
        self.retranslate()

    @property
    def blur_question(self) -> QMessageBox | None:
        """What is asked before heads are shown, while it is asked."""
        return self._blur_question

    def ask_for_camera(self, name: str = "", *, asks_login: bool = False) -> None:
        """Open the wizard that adds a camera, or changes the one of a name.

        Args:
            asks_login: begin with its user and password, where its address is known.
        """
        viewmodel = self._viewmodel.make_camera_wizard(name, asks_login=asks_login)
        wizard = CameraWizard(viewmodel, self.window())
        wizard.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        wizard.open()

    def add_notice(self, notice: QWidget) -> None:
        """Show messages above the wall, also where there is no camera."""
        self._column.insertWidget(0, notice)

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        self._tools.retranslate()
        for tile in self._grid.tiles:
            tile.retranslate()
        self._viewmodel.refresh()
        self._render()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        """Follow the language."""
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()
        super().changeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """Move pictures while they can be seen."""
        self._feed.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Move none while nobody sees them."""
        self._feed.stop()
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape shows all cameras again; Page Up and Page Down turn the pages."""
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
        column = QVBoxLayout(self._wall)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space_m)
        column.addWidget(self._tools)
        column.addWidget(self._notice)
        column.addWidget(self._bar)
        column.addWidget(self._grid, 1)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._wall)
        outer = self._column
        outer.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        outer.addWidget(self._pages)

    def _connect(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._render)
        viewmodel.snapshot_saved.connect(self._on_snapshot_saved)
        viewmodel.camera_added.connect(self._on_camera_added)
        viewmodel.camera_changed.connect(self._on_camera_changed)
        viewmodel.failed.connect(self._on_failed)
        self._tools.size_chosen.connect(viewmodel.set_size)
        self._tools.page_turned.connect(viewmodel.turn_page)
        self._tools.shrink_requested.connect(self._shrink)
        self._tools.camera_requested.connect(self.ask_for_camera)
        self._tools.boxes_toggled.connect(viewmodel.show_boxes)
        self._tools.zones_toggled.connect(viewmodel.show_zones)
        self._tools.blur_toggled.connect(self._blur)
        self._bar.start_requested.connect(viewmodel.request_start)
        self._grid.tiles_changed.connect(lambda: self._feed.set_tiles(self._grid.tiles))
        self._grid.enlarge_requested.connect(self._on_enlarge_requested)
        self._grid.snapshot_requested.connect(self._on_snapshot_requested)
        self._grid.calibration_requested.connect(self.calibration_requested)
        self._grid.drawing_requested.connect(self.drawing_requested)
        self._grid.view_requested.connect(self.view_requested)
        self._grid.doctor_requested.connect(self.doctor_requested)
        self._grid.removal_requested.connect(self.removal_requested)
        self._questions.confirmed.connect(self._on_snapshot_confirmed)
        # no other message of this notice has a button
        self._notice.action_chosen.connect(lambda: self.calibration_requested.emit(self._added))
        self.calibration_requested.connect(self._on_calibration_requested)

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
                tr("Open a venue to see its cameras, or look at the demonstration, which needs no camera."),
                tr("Open a venue"),
                tr("Look at the demonstration"),
            )
        else:
            self._empty.show_texts(
                tr("No camera yet"),
                state.advice,
                tr("Add a camera"),
                tr("Look at the demonstration"),
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
        self._tools.show_summary(summary, tr("Somebody whom two cameras see is in two pictures."))

    def _render_bar(self, state: LiveWallState) -> None:
        self._bar.setVisible(state.phase is not WallPhase.RUNNING or bool(state.recorded_by))
        if state.recorded_by:
            self._bar.show_waiting(state.recorded_by, state.recorded_note)
        elif state.phase is WallPhase.STARTING:
            self._bar.show_waiting(tr("Recording is starting"))
        elif state.phase is WallPhase.STOPPING:
            self._bar.show_waiting(tr("Recording is stopping; what was counted is being written"))
        elif state.problem:
            self._bar.show_offer(state.problem, state.remedy, tr("Start again"), is_bad=True)
        else:
            self._bar.show_offer(
                tr("Recording is off."),
                state.advice or tr("The cameras are not read and nobody is counted."),
                tr("Start recording"),
            )

    def _on_empty_primary_clicked(self) -> None:
        if self._viewmodel.state.phase is WallPhase.NO_VENUE:
            self._viewmodel.venue_requested.emit()
        else:
            self.ask_for_camera()

    def _on_enlarge_requested(self, camera: str) -> None:
        if self._viewmodel.state.enlarged is not None:
            self._shrink()
        else:
            self._viewmodel.enlarge(camera)
            self._focus(camera)

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
        if self._blur_question is not None:
            return

        def finish(is_agreed: bool) -> None:
            self._blur_question = None
            if is_agreed:
                self._viewmodel.blur(False)

        self._blur_question = ask_first(
            self,
            tr("Blur faces"),
            tr("Show the heads of visitors?"),
            tr(
                "Whoever sees this screen can then recognise them. Blurring is on again when the venue is "
                "opened the next time."
            ),
            yes=tr("Show heads"),
            on_answer=finish,
        )

    def _on_snapshot_requested(self, camera: str) -> None:
        self._questions.ask(camera, is_blurred=self._viewmodel.state.is_blurred)

    def _on_snapshot_confirmed(self, camera: str, file: str) -> None:
        is_blurred = self._viewmodel.state.is_blurred

        def encode(picture: Picture, people: tuple[Box, ...]) -> bytes:
            return encode_png(picture, people if is_blurred else ())

        self._viewmodel.save_snapshot(camera, Path(file), encode)

    def _on_camera_added(self, name: str) -> None:
        self._notice.show_message(
            lambda: tr("{camera} was added.", camera=display_name(name)),
            lambda: tr(
                "Calibrate it next, so that its pixels become metres on the floor: until then nobody in its "
                "picture is counted."
            ),
            tone="good",
            action=lambda: tr("Calibrate {camera}", camera=display_name(name)),
        )
        self._added = name

    def _on_calibration_requested(self, camera: str) -> None:
        # what the notice asked for is being done
        if camera == self._added:
            self._notice.hide()

    def _on_camera_changed(self, name: str) -> None:
        self._notice.show_message(
            lambda: tr("{camera} was changed.", camera=display_name(name)),
            lambda: tr("It is read from there from the next start of the recording."),
            tone="good",
        )

    def _on_snapshot_saved(self, file: str) -> None:
        self._notice.show_message(lambda: tr("The picture was saved."), file, tone="good")

    def _on_failed(self, report: ErrorReport) -> None:
        self._notice.show_message(lambda: report.tell_again(tr).problem, lambda: report.tell_again(tr).remedy)
