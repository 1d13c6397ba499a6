from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.core.document import Venue
from app.gui.session.app_state import AppState
from app.gui.validation.model import ValidationViewModel
from app.gui.validation.text import ValidationStep
from app.gui.window.shell import Notification
from app.validation.validation_clips import EXPIRES_S, SUFFIX
from app.validation.validation_labels import FOLDER, list_labels_files, read_labels
from tests.support.halls.live_venue import FrozenClock
from tests.support.halls.validated_venue import CAMERA, START_S, make_validated_venue
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.scripted_monitor import ScriptedMonitor
from tests.support.windows.shown_validation import make_clip, render_clip

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
    """Somebody has agreed, the clips are planned, and two were taken."""
    assert opened.consent(given_by="Li Wei", labelled_by="Zhang", in_file=False)
    opened.plan(margin=0.05, clip_s=60.0)
    store = opened.session.store
    assert store is not None
    for clip in (FIRST, SECOND):
        store.add(clip, render_clip(clip))
    opened.refresh()
    return opened


def test_nobody_agrees_without_a_name(opened: ValidationViewModel) -> None:
    assert not opened.consent(given_by=" ", labelled_by="", in_file=False)
    assert "Nobody has agreed" in opened.state.problem
    assert not opened.state.has_consent
    assert opened.state.step is ValidationStep.CONSENT


def test_what_is_kept_is_said_until_it_is_forgotten(begun: ValidationViewModel) -> None:
    assert "2 clips exist" in begun.state.kept
    assert "Li Wei agreed" in begun.state.kept
    begun.show_step(ValidationStep.LABEL)
    assert begun.labelling.clip == FIRST
    begun.forget()
    assert (begun.state.kept, begun.state.waiting, begun.labelling.clip) == ("", (), None)
    assert begun.state.step is ValidationStep.CONSENT


def test_every_clip_is_gone_when_the_time_that_was_agreed_is_over(
    begun: ValidationViewModel, clock: FrozenClock
) -> None:
    clock.now_s += EXPIRES_S - 60.0
    begun.session.look()
    assert begun.session.clips
    store = begun.session.store
    assert store is not None
    # taken late, it would otherwise outlive what was agreed
    store.add(make_clip(START_S + 300.0, seconds=2.0), render_clip(make_clip(START_S + 300.0, seconds=2.0)))
    clock.now_s += 60.0
    begun.session.look()
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
    begun.labelling.say_nothing_here()
    assert begun.state.comparison == (
        "The system did not look for the whole of this clip, so that it counts nowhere.",
    )


def test_a_recording_is_offered_from_the_start_of_the_history(opened: ValidationViewModel) -> None:
    (choice,) = opened.describe_recordings().cameras
    assert (choice.name, choice.file) == (str(CAMERA), "")
