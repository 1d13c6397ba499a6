"""Pictures arrive on tiles, one at a time, and never stay when they are old."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.gui.live.preview_feed import Box, PreviewFeed
from tests.support.halls.live_venue import FrozenClock
from tests.support.windows.scripted_monitor import PicturePreview
from vision.pipeline.frame_slots import PreviewRows


class Tile:
    """Remembers what it was given."""

    def __init__(self, camera: str = "door") -> None:
        self.camera = camera
        self.needs_picture = True
        self.stale_after_s = 3.0
        self.blurred_boxes: tuple[Box, ...] = ()
        self.size = QSize(64, 36)
        self.image: QImage | None = None
        self.frame_wh: tuple[int, int] | None = None
        self.pictures = 0

    def picture_size(self) -> QSize:
        return self.size

    def set_picture(self, image: QImage, frame_wh: tuple[int, int]) -> None:
        self.image, self.frame_wh = image, frame_wh
        self.pictures += 1

    def drop_picture(self) -> None:
        self.image = None


class WaitingPreview:
    """Does not answer until it is told to."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.asked = 0

    def copy_rows(self, fit_height_px: int | None, *, known_time_s: float | None) -> PreviewRows | None:
        self.asked += 1
        self.go_on.wait(5.0)
        return None


@pytest.fixture
def picture() -> PicturePreview:
    return PicturePreview(np.full((360, 640, 3), 80, np.uint8))


@pytest.fixture
def feed(qapp: object, picture: PicturePreview) -> Iterator[PreviewFeed]:
    feed = PreviewFeed({"door": picture}.get, clock=FrozenClock())
    feed.start()
    yield feed
    feed.stop()


def test_a_picture_arrives_at_the_tiles_size(
    qtbot: QtBot, feed: PreviewFeed, picture: PicturePreview
) -> None:
    tile = Tile()
    feed.set_tiles((tile,))
    qtbot.waitUntil(lambda: tile.image is not None)
    assert tile.image is not None
    assert (tile.image.width(), tile.image.height()) == (64, 36)
    assert tile.frame_wh == (640, 360)
    assert picture.asked[0] == 36


def test_the_same_picture_is_shown_once_until_the_tile_changes_size(
    qtbot: QtBot, feed: PreviewFeed, picture: PicturePreview
) -> None:
    tile = Tile()
    feed.set_tiles((tile,))
    qtbot.waitUntil(lambda: tile.pictures == 1)
    asked = len(picture.asked)
    qtbot.waitUntil(lambda: len(picture.asked) >= asked + 3)
    assert tile.pictures == 1
    tile.size = QSize(128, 72)
    qtbot.waitUntil(lambda: tile.pictures == 2)
    picture.time_s += 1.0
    qtbot.waitUntil(lambda: tile.pictures == 3)


def test_a_picture_that_is_not_followed_by_another_goes(qtbot: QtBot, picture: PicturePreview) -> None:
    clock, tile = FrozenClock(100.0), Tile()
    feed = PreviewFeed({"door": picture}.get, clock=clock)
    feed.set_tiles((tile,))
    feed.start()
    qtbot.waitUntil(lambda: tile.image is not None)
    clock.now_s = 102.9
    feed.poll()
    assert tile.image is not None
    clock.now_s = 103.1
    feed.poll()
    assert tile.image is None
    asked = len(picture.asked)
    tile.size = QSize(128, 72)
    qtbot.waitUntil(lambda: len(picture.asked) >= asked + 3)
    assert tile.image is None, "the old picture must not come back in another size"
    picture.time_s += 1.0
    qtbot.waitUntil(lambda: tile.image is not None)
    feed.stop()


def test_a_tile_that_wants_none_has_none(qtbot: QtBot, feed: PreviewFeed, picture: PicturePreview) -> None:
    tile = Tile()
    feed.set_tiles((tile,))
    qtbot.waitUntil(lambda: tile.image is not None)
    tile.needs_picture = False
    qtbot.waitUntil(lambda: tile.image is None)
    tile.needs_picture = True
    picture.time_s += 1.0
    qtbot.waitUntil(lambda: tile.image is not None)


def test_at_most_one_picture_of_a_tile_is_under_way(qtbot: QtBot) -> None:
    waiting = WaitingPreview()
    feed = PreviewFeed({"door": waiting}.get, clock=FrozenClock())
    feed.set_tiles((Tile(),))
    feed.start()
    qtbot.waitUntil(lambda: waiting.asked == 1)
    for _ in range(20):
        feed.poll()
    assert waiting.asked == 1
    waiting.go_on.set()
    qtbot.waitUntil(lambda: waiting.asked > 1)
    feed.stop()


def test_stopping_waits_for_nobody_and_leaves_no_thread(qtbot: QtBot) -> None:
    waiting = WaitingPreview()
    feed = PreviewFeed({"door": waiting}.get)
    feed.set_tiles((Tile(),))
    feed.start()
    qtbot.waitUntil(lambda: waiting.asked == 1)
    feed.stop()
    assert not feed.is_running
    waiting.go_on.set()
    qtbot.waitUntil(lambda: not [t for t in threading.enumerate() if t.name.startswith("preview")])


def test_heads_are_unrecognisable_before_the_tile_gets_the_picture(qtbot: QtBot) -> None:
    noise = np.random.default_rng(5).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    colours = {}
    for blurred in ((), ((40.0, 0.0, 120.0, 90.0),)):
        tile = Tile()
        tile.size, tile.blurred_boxes = QSize(160, 90), blurred
        feed = PreviewFeed({"door": PicturePreview(noise)}.get)
        feed.set_tiles((tile,))
        feed.start()
        qtbot.waitUntil(lambda tile=tile: tile.image is not None)
        feed.stop()
        assert tile.image is not None
        colours[bool(blurred)] = {tile.image.pixel(u, v) for u in range(40, 120) for v in range(25)}
    assert len(colours[False]) > 1500
    assert len(colours[True]) < 40
