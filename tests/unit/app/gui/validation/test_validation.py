from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from analytics.domain.clock import SystemClock
from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_labels import Clip
from app.core.document import Venue
from app.error_reporting import ErrorReport
from app.gui.session.app_state import AppState
from app.gui.validation.model import ClipCapture, ValidationViewModel
from app.gui.validation.text import ValidationStep
from app.gui.window.shell import Notification
from app.validation.validation_clips import EXPIRES_S, SUFFIX, ClipStore
from app.validation.validation_labels import FOLDER, Consent, list_labels_files, read_labels
from tests.support.halls.live_venue import FrozenClock
from tests.support.halls.validated_venue import CAMERA, START_S, make_validated_venue
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import PicturePreview, ScriptedMonitor, make_status
from tests.support.windows.shown_validation import make_clip, render_clip
from vision.pipeline.frame_slots import PreviewRows
from vision.pipeline.messages import CameraState

FIRST, SECOND = (make_clip(START_S + at, seconds=2.0) for at in (100.0, 200.0))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    return make_validated_venue(tmp_path_factory.mktemp("validated"))


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(START_S + 86400.0)


@pytest.fixture
def opened(qtbot: QtBot, history: Venue, clock: FrozenClock) -> Iterator[ValidationViewModel]:
    for file in list_labels_files(history.folder):
        file.unlink()
    app_state = AppState()
    made = ValidationViewModel(
        app_state=app_state,
        job_runner=InlineJobRunner(),
        monitor=ScriptedMonitor(),
        models_folder=Path("none"),
        clock=clock,
    )
    app_state.setParent(made)
    app_state.show_venue(history)
    yield made
    made.close()


@pytest.fixture
def begun(opened: ValidationViewModel) -> ValidationViewModel:
    """Somebody has agreed, their number is chosen, and two were taken."""
    assert opened.consent(given_by="Li Wei", labelled_by="Zhang", in_file=False)
    opened.choose_clips(40, clip_s=60.0)
    store = opened.session.store
    assert store is not None
    for clip in (FIRST, SECOND):
        store.add(clip, render_clip(clip))
    opened.refresh()
    return opened


def test_nobody_agrees_without_a_name(opened: ValidationViewModel) -> None:
    assert not opened.consent(given_by=" ", labelled_by="", in_file=False)
    assert "has not been given" in opened.state.problem
    assert not opened.state.has_consent
    assert opened.state.step is ValidationStep.CONSENT


def test_what_is_kept_is_said_until_it_is_forgotten(begun: ValidationViewModel) -> None:
    assert "2 clips exist" in begun.state.kept
    assert "Consent given by Li Wei" in begun.state.kept
    begun.show_step(ValidationStep.LABEL)
    assert begun.labelling.clip == FIRST
    begun.remove_clips()
    assert (begun.state.kept, begun.state.waiting, begun.labelling.clip) == ("", (), None)
    assert begun.state.step is ValidationStep.CONSENT


def test_every_clip_is_gone_when_the_time_that_was_agreed_is_over(
    begun: ValidationViewModel, clock: FrozenClock
) -> None:
    clock.now_s += EXPIRES_S - 60.0
    begun.session.remove_expired()
    assert begun.session.clips
    store = begun.session.store
    assert store is not None
    # taken late, it would otherwise outlive what was agreed
    store.add(make_clip(START_S + 300.0, seconds=2.0), render_clip(make_clip(START_S + 300.0, seconds=2.0)))
    clock.now_s += 60.0
    begun.session.remove_expired()
    assert store.is_closed
    assert not begun.state.has_consent


def test_a_skipped_clip_is_removed_and_noted(begun: ValidationViewModel) -> None:
    begun.show_step(ValidationStep.LABEL)
    begun.labelling.cross("in")
    begun.labelling.skip("dark")
    assert begun.labelling.clip == SECOND
    assert begun.session.clips == (SECOND,)
    labels = read_labels(list_labels_files(begun.session.venue.folder)[0])  # type: ignore[union-attr]
    assert [(one.clip, one.reason, one.skipped_by) for one in labels.skipped] == [(FIRST, "dark", "Zhang")]
    assert labels.unfinished == ()


def test_one_goes_from_clip_to_clip_without_losing_labels(begun: ValidationViewModel) -> None:
    begun.show_step(ValidationStep.LABEL)
    begun.labelling.cross("in")
    (_first, _words), (second, _other) = begun.state.waiting
    begun.open_clip(second)
    assert begun.labelling.state.rows == ()
    begun.open_clip(begun.state.waiting[0][0])
    assert len(begun.labelling.state.rows) == 1
    assert begun.state.waiting[0][1].startswith("…")


def test_what_a_killed_program_left_behind_is_removed_and_told(
    opened: ValidationViewModel, history: Venue
) -> None:
    leftover = history.folder / FOLDER / f"999999-1-abcd{SUFFIX}"
    leftover.parent.mkdir(exist_ok=True)
    leftover.write_bytes(b"nobody has the key")
    told: list[Notification] = []
    opened.notified.connect(told.append)
    opened.session.open_venue()
    assert not leftover.exists()
    assert leftover.name in told[0].problem


def test_the_system_is_silent_where_it_did_not_look(begun: ValidationViewModel) -> None:
    store = begun.session.store
    assert store is not None
    unobserved = make_clip(START_S - 500.0, seconds=2.0)
    store.add(unobserved, render_clip(unobserved))
    begun.labelling.open(unobserved, store=store, venue=begun.session.venue, lines=())  # type: ignore[arg-type]
    begun.labelling.label_as_empty()
    assert begun.state.comparison == (
        "This clip was not completely analysed, so it is excluded from the results.",
    )


def test_a_recording_is_offered_from_the_start_of_the_history(opened: ValidationViewModel) -> None:
    (choice,) = opened.describe_recordings().cameras
    assert (choice.name, choice.file) == (str(CAMERA), "")


SECONDS = 0.6
WITHIN_MS = 10_000


class MovingPreview(PicturePreview):
    """Every look finds a picture that was just taken."""

    def copy_rows(self, fit_height_px: int | None, *, known_time_s: float | None) -> PreviewRows | None:
        self.time_s = SystemClock().now_utc_s()
        return super().copy_rows(fit_height_px, known_time_s=known_time_s)


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
        self.asked: list[list[CameraId]] = []

    def __call__(self, cameras: Sequence[CameraId]) -> Clip | None:
        self.asked.append(list(cameras))
        if not self.left:
            return None
        self.left -= 1
        now_s = SystemClock().now_utc_s()
        return Clip(CAMERA, now_s, now_s + SECONDS)


def test_clips_are_taken_one_after_the_other_until_none_is_wanted(
    qtbot: QtBot, monitor: ScriptedMonitor, store: ClipStore
) -> None:
    monitor.show_status(make_status(str(CAMERA), people=3), make_status("lost", CameraState.LOST))
    collection, wish, taken = ClipCapture(monitor=monitor), Wish(1), []
    collection.taken.connect(taken.append)
    collection.start(store, wish)
    assert collection.clip is not None
    qtbot.waitUntil(lambda: bool(taken), timeout=WITHIN_MS)
    collection.refresh()
    assert wish.asked[0] == [CAMERA], "a camera without pictures is never drawn"
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
    collection, taken = ClipCapture(monitor=monitor), []
    collection.taken.connect(taken.append)
    collection.start(store, Wish(1))
    collection.stop()
    qtbot.wait(50)
    assert (taken, store.clips, store.used_bytes) == ([], (), 0)
    assert not collection.is_active


def test_a_full_store_ends_the_taking_with_a_message(qtbot: QtBot, monitor: ScriptedMonitor) -> None:
    monitor.show_status(make_status(str(CAMERA)))
    collection, told = ClipCapture(monitor=monitor), []
    collection.failed.connect(told.append)
    with ClipStore(Consent("Li Wei", 0.0), max_bytes=10) as store:
        collection.start(store, Wish(1))
        qtbot.waitUntil(lambda: bool(told), timeout=WITHIN_MS)
    report = told[0]
    assert isinstance(report, ErrorReport)
    assert "Label some of them" in report.remedy
    assert not collection.is_active


def test_no_clip_is_asked_for_while_nothing_is_recorded(
    qtbot: QtBot, monitor: ScriptedMonitor, store: ClipStore
) -> None:
    collection, wish = ClipCapture(monitor=monitor), Wish(1)
    collection.start(store, wish)
    assert wish.asked == []
    collection.stop()
