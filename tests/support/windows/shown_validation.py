"""The page of the validation over a venue whose every visitor is known, labelled by keys and clicks."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageDraw
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from analytics.evaluation.clip_labels import Clip
from app.core.document import Venue
from app.gui.session.app_state import AppState
from app.gui.session.job_runner import JobRunner
from app.gui.validation.model import ValidationViewModel
from app.gui.validation.page import ValidationView
from app.gui.validation.text import ValidationState, ValidationStep
from app.validation.validation_clips import ClipFrame
from tests.support.halls.validated_venue import (
    CAMERA,
    FRAME_WH,
    LINE_X_M,
    STAND_X_M,
    WALK_M_S,
    find_lane,
    is_in_view,
    list_entries,
    to_pixel,
)
from tests.support.windows.scripted_monitor import ScriptedMonitor

CLIP_S = 20.0
FPS = 2.0
SMALLER = 4
"""The picture is smaller than the frame in whose pixels is clicked, as clips of large cameras are."""
WITHIN_MS = 60_000
LEFT = Qt.MouseButton.LeftButton
_RADIUS_PX = 4


def make_clip(start_s: float, *, seconds: float = CLIP_S) -> Clip:
    return Clip(CAMERA, start_s, start_s + seconds)


def list_places(time_s: float) -> list[tuple[float, float]]:
    """Where everybody in view is, pixels of the frame."""
    walked = ((number, WALK_M_S * (time_s - entered_s)) for number, entered_s in enumerate(list_entries()))
    return [to_pixel(x_m, find_lane(number)) for number, x_m in walked if is_in_view(x_m)]


def list_crossings(clip: Clip) -> list[float]:
    """When somebody steps over the line, all inwards."""
    crossed = [entered_s + LINE_X_M / WALK_M_S for entered_s in list_entries()]
    return [moment for moment in crossed if clip.start_utc_s <= moment < clip.end_utc_s]


def find_stay(clip: Clip) -> tuple[float, float]:
    """When the first one who is seen enter the stand in a clip enters and leaves it."""
    stays = ([entered_s + x_m / WALK_M_S for x_m in STAND_X_M] for entered_s in list_entries())
    return next((begun, ended) for begun, ended in stays if clip.start_utc_s <= begun)


def render_clip(clip: Clip) -> Iterator[ClipFrame]:
    """The scene from above, a dot for each visitor."""
    for number in range(round(FPS * clip.seconds) + 1):
        time_s = clip.start_utc_s + number / FPS
        picture = Image.new("RGB", (FRAME_WH[0] // SMALLER, FRAME_WH[1] // SMALLER), (90, 96, 104))
        draw = ImageDraw.Draw(picture)
        for u, v in list_places(time_s):
            x, y = u / SMALLER, v / SMALLER
            draw.ellipse((x - _RADIUS_PX, y - _RADIUS_PX, x + _RADIUS_PX, y + _RADIUS_PX), fill="orange")
        content = io.BytesIO()
        picture.save(content, "JPEG", quality=70)
        yield ClipFrame(time_s, content.getvalue(), FRAME_WH)


class ShownValidation:
    """The page is shown, and somebody has agreed."""

    def __init__(self, qtbot: QtBot, venue: Venue, runner: JobRunner, *, in_file: bool = False) -> None:
        self.qtbot = qtbot
        self.app_state, self.monitor = AppState(), ScriptedMonitor()
        self.app_state.show_venue(venue)
        self.viewmodel = ValidationViewModel(
            app_state=self.app_state, job_runner=runner, monitor=self.monitor, models_folder=Path("none")
        )
        self.page = ValidationView(self.viewmodel)
        qtbot.addWidget(self.page)
        self.page.resize(1180, 680)
        self.page.show()
        consent = self.page.consent
        assert not consent.begin.isEnabled()
        consent.given_by.setText("Li Wei")
        assert not consent.begin.isEnabled(), "a name alone is no consent"
        consent.agree.setChecked(True)
        consent.in_file.setChecked(in_file)
        qtbot.mouseClick(consent.begin, LEFT)
        self.canvas = self.page.labelling.canvas

    @property
    def state(self) -> ValidationState:
        return self.viewmodel.state

    def choose_clips(self) -> None:
        self.qtbot.mouseClick(self.page.clips.choose, LEFT)
        assert self.state.needed

    def add(self, *clips: Clip) -> None:
        """Let clips be there as if they had been taken."""
        store = self.viewmodel.session.store
        assert store is not None
        for clip in clips:
            store.add(clip, render_clip(clip))
        self.viewmodel.refresh()

    def go_to(self, step: ValidationStep) -> None:
        self.qtbot.mouseClick(self.page.steps[step], LEFT)

    def wait(self, is_so: object) -> None:
        self.qtbot.waitUntil(is_so, timeout=WITHIN_MS)

    def press(self, *keys: Qt.Key, shift: bool = False, control: bool = False) -> None:
        modifier = Qt.KeyboardModifier.NoModifier
        if shift:
            modifier = Qt.KeyboardModifier.ShiftModifier
        if control:
            modifier |= Qt.KeyboardModifier.ControlModifier
        for key in keys:
            self.qtbot.keyClick(self.canvas, key, modifier)

    def go_to_moment(self, time_s: float) -> None:
        """Step to the picture of a moment by the arrow keys: seconds first, then pictures."""
        playback = self.viewmodel.labelling.playback
        assert playback.count, "no clip is shown"
        while playback.time_utc_s + 1.0 <= time_s:
            self.press(Qt.Key.Key_Right, shift=True)
        while playback.time_utc_s < time_s - 0.5 / FPS:
            self.press(Qt.Key.Key_Right)

    def click(self, place_px: tuple[float, float]) -> None:
        at: QPoint = self.canvas.viewportTransform().map(QPointF(*place_px)).toPoint()
        self.qtbot.mouseClick(self.canvas.viewport(), LEFT, pos=at)
