from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from analytics.evaluation.clip_labels import Clip, CrossingLabel, HeadCountLabel, StayLabel
from app.core.document import Venue
from app.gui.validation.clip_labelling_model import ClipLabellingViewModel
from app.validation.validation_clips import ClipFrame, ClipStore
from app.validation.validation_draft import ClipDraft
from app.validation.validation_labels import Consent
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
    labelling.begin_heads()
    assert labelling.playback.index == 20
    assert labelling.state.is_counting
    labelling.click((10.0, 20.0))
    labelling.click((30.0, 40.0))
    assert labelling.state.marks == ((10.0, 20.0), (30.0, 40.0))
    labelling.playback.step(1)
    assert labelling.state.marks == ()
    labelling.click((50.0, 60.0))
    assert "Press H first" in labelling.state.message
    labelling.begin_heads()
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
    labelling.pass_zone_edge()
    assert "Following a visitor in stand" in labelling.state.following
    labelling.pass_zone_edge()
    assert "cannot leave before" in labelling.state.message
    labelling.playback.jump(8)
    labelling.pass_zone_edge()
    assert labelling.state.following == ""
    labelling.pass_zone_edge(was_inside=True)
    labels = finish(labelling).finish(labelled_by="Li", now_utc_s=0.0)
    assert labels.stays == (
        StayLabel(STAND, CLIP.start_utc_s + 1.0, CLIP.start_utc_s + 4.0),
        StayLabel(STAND, None, None),
    )


def test_a_clip_in_which_nothing_happens_is_one_key(labelling: ClipLabellingViewModel) -> None:
    told: list[ClipDraft] = []
    labelling.finished.connect(told.append)
    labelling.say_nothing_here()
    labels = told[0].finish(labelled_by="Li", now_utc_s=0.0)
    assert labels.lines == (LINE,)
    assert labels.heads == (HeadCountLabel(CLIP.start_utc_s + 10.0, ()),)
    assert labelling.state.is_finished


def test_a_clip_with_labels_is_not_one_with_nothing(labelling: ClipLabellingViewModel) -> None:
    labelling.cross("in")
    labelling.say_nothing_here()
    assert "has labels already" in labelling.state.message
    labelling.count_lines(False)
    assert "Remove the crossings first" in labelling.state.message
    assert labelling.state.counts_lines


def test_a_clip_may_say_nothing_of_lines_but_not_nothing_at_all(labelling: ClipLabellingViewModel) -> None:
    labelling.count_lines(False)
    labelling.finish()
    assert "Nothing was labelled" in labelling.state.message
    labelling.begin_heads()
    assert finish(labelling).lines == ()


def test_a_clip_is_skipped_with_a_reason(labelling: ClipLabellingViewModel) -> None:
    told: list[tuple[Clip, str]] = []
    labelling.skipped.connect(lambda clip, reason: told.append((clip, reason)))
    labelling.skip("dark")
    assert told == [(CLIP, "dark")]


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
    labelling.pass_zone_edge()
    drafts: list[ClipDraft] = []
    labelling.labelled.connect(drafts.append)
    labelling.begin_heads()
    labelling.close()
    assert not labelling.state.has_clip
    labelling.open(CLIP, store=store, venue=venue, lines=(LINE,), known=drafts[-1])
    assert len(labelling.state.rows) == 3
    assert labelling.state.following


def test_a_zone_is_chosen_by_key_and_a_line_by_digit(
    labelling: ClipLabellingViewModel, tmp_path: Path
) -> None:
    labelling.choose_next_zone()
    assert labelling.state.zone == "stand"
    labelling.choose_line(7)
    assert labelling.state.line == "door"
    assert labelling.state.lines == (("door", "1  door"),)
