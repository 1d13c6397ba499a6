from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from analytics.evaluation.clip_labels import CrossingLabel, HeadCountLabel, StayLabel
from app.core.document import Venue
from app.gui.validation.clip_labelling_model import ClipLabellingViewModel, ClipPlayback
from app.validation.validation_clips import ClipFrame, ClipStore
from app.validation.validation_draft import ClipDraft
from app.validation.validation_labels import Consent
from tests.support.halls.live_venue import FrozenClock
from tests.support.halls.validated_venue import FRAME_WH, LINE, STAND, START_S, make_validated_venue
from tests.support.windows.shown_validation import make_clip

CLIP = make_clip(START_S + 100.0)


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    return make_validated_venue(tmp_path_factory.mktemp("validated"))


@pytest.fixture
def store() -> Iterator[ClipStore]:
    with ClipStore(Consent("Li Wei", START_S)) as made:
        made.add(CLIP, [ClipFrame(CLIP.start_utc_s + n / 2, b"picture", FRAME_WH) for n in range(41)])
        yield made


@pytest.fixture
def labelling(qtbot: QtBot, venue: Venue, store: ClipStore) -> ClipLabellingViewModel:
    made = ClipLabellingViewModel()
    made.open(CLIP, store=store, venue=venue, lines=(LINE,))
    return made


def finish(labelling: ClipLabellingViewModel) -> ClipDraft:
    told: list[ClipDraft] = []
    labelling.finished.connect(told.append)
    labelling.finish()
    (draft,) = told
    return draft


def test_each_key_is_told_taken_back_and_made_again(labelling: ClipLabellingViewModel) -> None:
    told: list[ClipDraft] = []
    labelling.labelled.connect(told.append)
    labelling.playback.jump(4)
    labelling.cross("in")
    labelling.playback.jump(6)
    labelling.cross("out")
    assert [len(draft.steps) for draft in told] == [1, 2]
    assert [row.index for row in labelling.state.rows] == [4, 6]
    labelling.undo()
    assert [row.text for row in labelling.state.rows] == ["0:02.0  door: in"]
    labelling.redo()
    labelling.remove(0)
    assert [row.text for row in labelling.state.rows] == ["0:03.0  door: out"]
    labelling.undo()
    assert finish(labelling).steps == (
        CrossingLabel(LINE, CLIP.start_utc_s + 2.0, "in"),
        CrossingLabel(LINE, CLIP.start_utc_s + 3.0, "out"),
    )
    labelling.undo()
    labelling.cross("in")
    assert len(labelling.state.rows) == 2, "a finished clip changes no more"


def test_heads_are_first_counted_in_the_middle_and_only_at_their_instant(
    labelling: ClipLabellingViewModel,
) -> None:
    labelling.click((10.0, 10.0))
    assert "Press H first" in labelling.state.message
    labelling.start_head_count()
    assert labelling.playback.index == 20
    assert labelling.state.is_counting
    labelling.click((10.0, 20.0))
    labelling.click((30.0, 40.0))
    assert labelling.state.marks == ((10.0, 20.0), (30.0, 40.0))
    labelling.playback.step(1)
    assert labelling.state.marks == ()
    labelling.click((50.0, 60.0))
    assert "Press H first" in labelling.state.message
    labelling.start_head_count()
    labelling.jump_to_next_label(-1)
    assert labelling.playback.index == 20
    labels = finish(labelling).finish(labelled_by="Li", now_utc_s=0.0)
    assert labels.heads == (
        HeadCountLabel(CLIP.start_utc_s + 10.0, ((10.0, 20.0), (30.0, 40.0))),
        HeadCountLabel(CLIP.start_utc_s + 10.5, ()),
    )
    assert not list(labels.find_faults())


def test_a_visitor_is_followed_through_a_zone(labelling: ClipLabellingViewModel) -> None:
    labelling.playback.jump(2)
    labelling.toggle_stay()
    assert "Following a visitor in stand" in labelling.state.following
    labelling.toggle_stay()
    assert "cannot leave before" in labelling.state.message
    labelling.playback.jump(8)
    labelling.toggle_stay()
    assert labelling.state.following == ""
    labelling.toggle_stay(was_inside=True)
    labels = finish(labelling).finish(labelled_by="Li", now_utc_s=0.0)
    assert labels.stays == (
        StayLabel(STAND, CLIP.start_utc_s + 1.0, CLIP.start_utc_s + 4.0),
        StayLabel(STAND, None, None),
    )


def test_a_clip_in_which_nothing_happens_is_one_key(labelling: ClipLabellingViewModel) -> None:
    told: list[ClipDraft] = []
    labelling.finished.connect(told.append)
    labelling.label_as_empty()
    labels = told[0].finish(labelled_by="Li", now_utc_s=0.0)
    assert labels.lines == (LINE,)
    assert labels.heads == (HeadCountLabel(CLIP.start_utc_s + 10.0, ()),)
    assert labelling.state.is_finished


def test_a_clip_may_say_nothing_of_lines_but_not_nothing_at_all(labelling: ClipLabellingViewModel) -> None:
    labelling.count_lines(False)
    labelling.finish()
    assert "has no labels" in labelling.state.message
    labelling.start_head_count()
    assert finish(labelling).lines == ()


def test_a_clip_that_is_gone_shows_no_picture(labelling: ClipLabellingViewModel, store: ClipStore) -> None:
    assert labelling.state.frame is not None
    store.close()
    labelling.playback.step(1)
    assert labelling.state.frame is None
    assert "removed" in labelling.state.message


def test_a_draft_is_gone_on_with(
    qtbot: QtBot, labelling: ClipLabellingViewModel, store: ClipStore, venue: Venue
) -> None:
    labelling.cross("in")
    labelling.toggle_stay()
    drafts: list[ClipDraft] = []
    labelling.labelled.connect(drafts.append)
    labelling.start_head_count()
    labelling.close()
    assert not labelling.state.has_clip
    labelling.open(CLIP, store=store, venue=venue, lines=(LINE,), known=drafts[-1])
    assert len(labelling.state.rows) == 3
    assert labelling.state.following


TIMES_S = tuple(100.0 + 0.5 * number for number in range(9))


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(5.0)


@pytest.fixture
def playback(qtbot: QtBot, clock: FrozenClock) -> ClipPlayback:
    made = ClipPlayback(clock=clock)
    made.show(TIMES_S)
    return made


@pytest.mark.parametrize(("speed", "expected"), [(0.5, 1), (1.0, 2), (2.0, 4), (4.0, 8)])
def test_pictures_follow_the_clock_at_each_speed(
    playback: ClipPlayback, clock: FrozenClock, speed: float, expected: int
) -> None:
    playback.set_speed(speed)
    playback.toggle()
    clock.now_s += 1.0
    playback.show_due()
    assert playback.index == expected
    assert playback.time_utc_s == TIMES_S[expected]
    playback.stop()


def test_it_stops_at_the_end_and_begins_again(playback: ClipPlayback, clock: FrozenClock) -> None:
    playback.toggle()
    clock.now_s += 60.0
    playback.show_due()
    assert (playback.index, playback.is_playing) == (8, False)
    playback.toggle()
    assert (playback.index, playback.is_playing) == (0, True)
    playback.stop()


def test_a_change_of_speed_does_not_jump(playback: ClipPlayback, clock: FrozenClock) -> None:
    playback.toggle()
    clock.now_s += 1.0
    playback.show_due()
    playback.change_speed(2)
    assert playback.speed == 4.0
    clock.now_s += 0.25
    playback.show_due()
    assert playback.index == 4
    playback.change_speed(9)
    assert playback.speed == 4.0
    playback.stop()


def test_a_step_stands_and_stays_within_the_clip(playback: ClipPlayback) -> None:
    playback.toggle()
    playback.step(3)
    assert (playback.index, playback.is_playing) == (3, False)
    playback.step_seconds(-1.0)
    assert playback.index == 1
    playback.step(-5)
    assert playback.index == 0
    playback.step(99)
    assert playback.index == 8
