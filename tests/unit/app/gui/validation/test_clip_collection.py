from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from analytics.domain.clock import SystemClock
from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_labels import Clip
from analytics.evaluation.clip_strata import Crowding, Stratum
from app.error_reporting import ErrorReport
from app.gui.validation.model import ClipCollection
from app.validation.validation_clips import ClipStore
from app.validation.validation_labels import Consent
from tests.support.windows.scripted_monitor import PicturePreview, ScriptedMonitor, make_status
from vision.pipeline.frame_slots import PreviewRows
from vision.pipeline.messages import CameraState

CAMERA = CameraId("north")
SECONDS = 0.6
WITHIN_MS = 10_000


class MovingPreview(PicturePreview):
    """Every look finds a picture that was just taken."""

    def copy_rows(self, fit_height_px: int | None, *, unlike_s: float | None) -> PreviewRows | None:
        self.time_s = SystemClock().now_utc_s()
        return super().copy_rows(fit_height_px, unlike_s=unlike_s)


@pytest.fixture
def monitor(qtbot: QtBot) -> ScriptedMonitor:
    made = ScriptedMonitor()
    made.pictures[str(CAMERA)] = MovingPreview(np.full((90, 160, 3), 120, np.uint8))
    return made


@pytest.fixture
def store() -> Iterator[ClipStore]:
    with ClipStore(Consent("Li Wei", 0.0)) as made:
        yield made


class Wish:
    """Wants so many clips of whatever camera gives pictures."""

    def __init__(self, clips: int) -> None:
        self.left = clips
        self.people: list[dict[CameraId, float]] = []

    def __call__(self, people: dict[CameraId, float]) -> Clip | None:
        self.people.append(dict(people))
        if not self.left:
            return None
        self.left -= 1
        now_s = SystemClock().now_utc_s()
        return Clip(CAMERA, now_s, now_s + SECONDS, Stratum(CAMERA, 9, Crowding.LOW))


def test_clips_are_taken_one_after_the_other_until_none_is_wanted(
    qtbot: QtBot, monitor: ScriptedMonitor, store: ClipStore
) -> None:
    monitor.show_status(make_status(str(CAMERA), people=3), make_status("lost", CameraState.LOST))
    collection, wish, taken = ClipCollection(monitor=monitor), Wish(1), []
    collection.taken.connect(taken.append)
    collection.start(store, wish)
    assert collection.clip is not None
    qtbot.waitUntil(lambda: bool(taken), timeout=WITHIN_MS)
    collection.look()
    assert wish.people[0] == {CAMERA: 3.0}, "a camera without pictures is never drawn"
    assert store.clips == tuple(taken)
    assert collection.is_active
    times = store.list_times(taken[0])
    assert len(times) >= 2
    assert times[-1] <= taken[0].end_utc_s
    collection.stop()


def test_nothing_is_kept_of_a_clip_that_is_stopped(
    qtbot: QtBot, monitor: ScriptedMonitor, store: ClipStore
) -> None:
    monitor.show_status(make_status(str(CAMERA)))
    collection, taken = ClipCollection(monitor=monitor), []
    collection.taken.connect(taken.append)
    collection.start(store, Wish(1))
    collection.stop()
    qtbot.wait(50)
    assert (taken, store.clips, store.used_bytes) == ([], (), 0)
    assert not collection.is_active


def test_a_full_store_ends_the_taking_with_a_message(qtbot: QtBot, monitor: ScriptedMonitor) -> None:
    monitor.show_status(make_status(str(CAMERA)))
    collection, told = ClipCollection(monitor=monitor), []
    collection.failed.connect(told.append)
    with ClipStore(Consent("Li Wei", 0.0), most_bytes=10) as store:
        collection.start(store, Wish(1))
        qtbot.waitUntil(lambda: bool(told), timeout=WITHIN_MS)
    report = told[0]
    assert isinstance(report, ErrorReport)
    assert "Label some of them" in report.remedy
    assert not collection.is_active


def test_no_clip_is_asked_for_while_nothing_is_recorded(
    qtbot: QtBot, monitor: ScriptedMonitor, store: ClipStore
) -> None:
    collection, wish = ClipCollection(monitor=monitor), Wish(1)
    collection.start(store, wish)
    assert wish.people == []
    collection.stop()
