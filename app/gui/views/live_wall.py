"""The wall of cameras: one, four, nine or sixteen pictures at once, or one enlarged."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.error_reporting import ErrorReport
from app.gui.theme import current_theme
from app.gui.translation import tr, trn
from app.gui.viewmodels.live_wall import (
    WALL_SIZES,
    LiveWallState,
    LiveWallViewModel,
    TileState,
    WallPhase,
)
from app.gui.widgets.empty_page import EmptyPage
from app.gui.widgets.notification_banner import NotificationBanner
from app.gui.widgets.preview_feed import PreviewFeed
from app.gui.widgets.preview_picture import encode_png
from app.gui.widgets.recording_bar import RecordingBar
from app.gui.widgets.snapshot_questions import SnapshotQuestions
from app.gui.widgets.tile_grid import TileGrid
from app.gui.widgets.video_tile import TileContent, TileTone, TileTrack
from vision.pipeline.messages import LiveTrack
from vision.pixel_types import Picture

_COLUMNS = {1: 1, 4: 2, 9: 3, 16: 4}


class LiveWallView(QWidget):
    """Renders `LiveWallState`; pictures come past it, by the tiles' feed."""

    def __init__(self, viewmodel: LiveWallViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewmodel = viewmodel
        self._grid = TileGrid()
        self._feed = PreviewFeed(viewmodel.preview, parent=self)
        self._questions = SnapshotQuestions(self)
        self._bar = RecordingBar()
        self._notice = NotificationBanner()
        self._empty = EmptyPage("camera")
        self._empty_primary = self._empty.add_button(self._on_empty_primary_clicked, is_primary=True)
        self._empty.add_button(viewmodel.demo_requested.emit)
        self._wall = QWidget()
        self._pages = QStackedWidget()
        self._build()
        self._connect()
        self.retranslate()

    def retranslate(self) -> None:
        """Show every text in the language in force."""
        for size, button in self._size_buttons.items():
            label = trn("{n} camera at once", "{n} cameras at once", size)
            button.setToolTip(label)
            button.setAccessibleName(label)
        self._previous.setToolTip(tr("Previous cameras"))
        self._next.setToolTip(tr("Next cameras"))
        for step in (self._previous, self._next):
            step.setAccessibleName(step.toolTip())
        self._back.setAccessibleName(tr("All cameras"))
        self._back.setText(tr("All cameras"))
        self._boxes.setText(tr("Boxes and trails"))
        self._boxes.setToolTip(tr("Draw a box around everybody who is counted, and the last steps"))
        self._blur.setText(tr("Blur faces"))
        self._blur.setToolTip(
            tr(
                "Make the heads of people who were found unrecognisable; "
                "for a moment that is not yet so for people who just came in"
            )
        )
        for box in (self._boxes, self._blur):
            box.setAccessibleName(box.text())
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
        self._size_buttons: dict[int, QToolButton] = {}
        self._size_group = QButtonGroup(self)
        self._previous, self._next, self._back = QToolButton(), QToolButton(), QPushButton()
        self._page_label, self._summary = QLabel(), QLabel()
        self._summary.setProperty("role", "pill")
        self._boxes, self._blur = QCheckBox(), QCheckBox()
        tools = QHBoxLayout()
        tools.setSpacing(theme.space_s)
        for size in WALL_SIZES:
            button = QToolButton()
            button.setText(str(size))
            button.setCheckable(True)
            button.setMinimumWidth(36)
            self._size_group.addButton(button, size)
            self._size_buttons[size] = button
            tools.addWidget(button)
        self._previous.setText("‹")
        self._next.setText("›")
        for button in (*self._size_buttons.values(), self._previous, self._next):
            button.setProperty("role", "button")
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        left: tuple[QWidget, ...] = (self._previous, self._page_label, self._next, self._back)
        right: tuple[QWidget, ...] = (self._summary, self._boxes, self._blur)
        for widget in left:
            tools.addWidget(widget)
        tools.addStretch(1)
        for widget in right:
            tools.addWidget(widget)
        column = QVBoxLayout(self._wall)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.space_m)
        column.addLayout(tools)
        column.addWidget(self._notice)
        column.addWidget(self._bar)
        column.addWidget(self._grid, 1)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._wall)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(theme.space_l, theme.space_m, theme.space_l, theme.space_m)
        outer.addWidget(self._pages)

    def _connect(self) -> None:
        viewmodel = self._viewmodel
        viewmodel.state_changed.connect(self._render)
        viewmodel.snapshot_saved.connect(self._on_snapshot_saved)
        viewmodel.snapshot_failed.connect(self._on_snapshot_failed)
        self._size_group.idClicked.connect(viewmodel.set_size)
        self._previous.clicked.connect(lambda: viewmodel.turn_page(-1))
        self._next.clicked.connect(lambda: viewmodel.turn_page(1))
        self._back.clicked.connect(self._shrink)
        self._boxes.toggled.connect(viewmodel.show_boxes)
        self._blur.toggled.connect(viewmodel.blur)
        self._bar.start_requested.connect(viewmodel.request_start)
        self._grid.tiles_changed.connect(lambda: self._feed.set_tiles(self._grid.tiles))
        self._grid.enlarge_requested.connect(self._on_enlarge_requested)
        self._grid.snapshot_requested.connect(self._on_snapshot_requested)
        self._questions.confirmed.connect(self._on_snapshot_confirmed)

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
                tr(
                    "Add a network camera, a USB camera or a video. "
                    "Its picture appears here, and whoever is in it is counted."
                ),
                tr("Add a camera"),
                tr("Look at the demonstration"),
            )

    def _render_tools(self, state: LiveWallState) -> None:
        is_enlarged = state.enlarged is not None
        self._size_buttons[state.size].setChecked(True)
        for button in self._size_buttons.values():
            button.setVisible(not is_enlarged)
        pagers: tuple[QWidget, ...] = (self._previous, self._page_label, self._next)
        for widget in pagers:
            widget.setVisible(not is_enlarged and state.pages > 1)
        self._previous.setEnabled(state.page > 0)
        self._next.setEnabled(state.page + 1 < state.pages)
        self._page_label.setText(f"{state.page + 1} / {state.pages}")
        self._back.setVisible(is_enlarged)
        self._boxes.setChecked(state.shows_boxes)
        self._blur.setChecked(state.is_blurred)
        self._summary.setVisible(state.people is not None)
        if state.people is not None:
            self._summary.setText(
                trn("{n} person in the pictures", "{n} people in the pictures", state.people)
                + "  ·  "
                + tr("{live} of {cameras} cameras live", live=state.live, cameras=state.cameras)
            )
            self._summary.setToolTip(tr("Somebody whom two cameras see is in two pictures."))

    def _render_bar(self, state: LiveWallState) -> None:
        self._bar.setVisible(state.phase is not WallPhase.RUNNING)
        if state.phase is WallPhase.STARTING:
            self._bar.show_waiting(tr("Recording is starting"))
        elif state.phase is WallPhase.STOPPING:
            self._bar.show_waiting(tr("Recording is stopping; what was counted is being written"))
        elif state.problem:
            self._bar.show_offer(state.problem, state.remedy, tr("Start again"), is_bad=True)
        else:
            self._bar.show_offer(
                tr("Recording is off."),
                tr("The cameras are not read and nobody is counted."),
                tr("Start recording"),
            )

    def _on_empty_primary_clicked(self) -> None:
        if self._viewmodel.state.phase is WallPhase.NO_VENUE:
            self._viewmodel.venue_requested.emit()
        else:
            self._viewmodel.camera_requested.emit()

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

    def _on_snapshot_requested(self, camera: str) -> None:
        self._questions.ask(camera, is_blurred=self._viewmodel.state.is_blurred)

    def _on_snapshot_confirmed(self, camera: str, file: str) -> None:
        is_blurred = self._viewmodel.state.is_blurred

        def encode(picture: Picture, tracks: tuple[LiveTrack, ...]) -> bytes:
            return encode_png(picture, [track.xyxy for track in tracks] if is_blurred else [])

        self._viewmodel.save_snapshot(camera, Path(file), encode)

    def _on_snapshot_saved(self, file: str) -> None:
        self._notice.show_message(tr("The picture was saved."), file, tone="good")

    def _on_snapshot_failed(self, report: ErrorReport) -> None:
        self._notice.show_message(report.problem, report.remedy)


def make_content(tile: TileState, state: LiveWallState) -> TileContent:
    """What a tile says, in the language in force."""
    figures = []
    if tile.has_picture:
        figures.append(tr("{fps:.1f} frames/s", fps=tile.fps))
        figures.append(trn("{n} dropped", "{n} dropped", tile.dropped))
        if tile.age_s is not None:
            figures.append(tr("{age_s:.1f} s old", age_s=tile.age_s))
    return TileContent(
        camera=tile.camera,
        tone=TileTone(tile.words.health.value),
        problem=tile.words.problem,
        remedy=tile.words.remedy,
        since=tile.since,
        people="" if tile.people is None else trn("{n} person", "{n} people", tile.people),
        figures="  ·  ".join(figures),
        tracks=tuple(
            TileTrack(track.tracklet, track.xyxy, trail)
            for track, trail in zip(tile.tracks, tile.trails, strict=True)
        ),
        shows_tracks=state.shows_boxes,
        is_blurred=state.is_blurred,
        stale_after_s=tile.stale_after_s,
    )
