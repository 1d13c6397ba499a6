from __future__ import annotations

from dataclasses import replace

from analytics.domain.identifiers import CameraId, LineId, ZoneId
from analytics.evaluation.clip_labels import Clip, CrossingLabel, HeadCountLabel, PlaceLabel, StayLabel
from analytics.evaluation.clip_strata import Crowding, Stratum
from app.validation.validation_draft import ClipDraft
from tests.support.halls.validated_venue import label_clip

CAMERA = CameraId("north")
DOOR, GATE, STAND, BAR = LineId("door"), LineId("gate"), ZoneId("stand"), ZoneId("bar")
CLIP = Clip(CAMERA, 1000.0, 1060.0, Stratum(CAMERA, 9, Crowding.LOW))
EMPTY = ClipDraft(CLIP, (640, 360), lines=(DOOR,))


def test_steps_become_labels() -> None:
    draft = EMPTY.cross(DOOR, 1030.0, "in").cross(GATE, 1010.0, "out")
    draft = draft.begin_heads(1020.0).click_head((10.0, 20.0)).click_head((30.0, 40.0)).begin_heads(1040.0)
    draft = draft.enter(STAND, 1005.0).leave(1025.0).enter(BAR, None).enter(STAND, 1050.0)
    draft = replace(draft, steps=(*draft.steps, PlaceLabel(1000.0, (5.0, 6.0), (1.5, 2.5))))
    labels = draft.finish(labelled_by="Li", now_utc_s=2000.0)
    assert labels.lines == (DOOR, GATE)
    assert labels.crossings == (CrossingLabel(GATE, 1010.0, "out"), CrossingLabel(DOOR, 1030.0, "in"))
    assert labels.heads == (
        HeadCountLabel(1020.0, ((10.0, 20.0), (30.0, 40.0))),
        HeadCountLabel(1040.0, ()),
    )
    assert labels.zones == (STAND, BAR)
    assert labels.stays == (
        StayLabel(STAND, 1005.0, 1025.0),
        StayLabel(BAR, None, None),
        StayLabel(STAND, 1050.0, None),
    )
    assert labels.places == (PlaceLabel(1000.0, (5.0, 6.0), (1.5, 2.5)),)
    assert not list(labels.find_faults())


def test_every_step_can_be_taken_back() -> None:
    draft = EMPTY.enter(STAND, 1005.0)
    assert draft.followed_zone == STAND
    ended = draft.leave(1010.0)
    assert ended.followed_zone is None
    assert ended.undo().followed_zone == STAND
    assert ended.undo().undo().undo().steps == ()
    heads = EMPTY.begin_heads(1001.0).click_head((1.0, 1.0))
    assert heads.undo().finish(labelled_by="", now_utc_s=0.0).heads == (HeadCountLabel(1001.0, ()),)


def test_clicks_and_ends_without_a_beginning_change_nothing() -> None:
    assert EMPTY.click_head((1.0, 1.0)) == EMPTY
    assert EMPTY.leave(1010.0) == EMPTY


def test_a_clip_that_nobody_crossed_is_labelled() -> None:
    labels = EMPTY.finish(labelled_by="Li", now_utc_s=2000.0)
    assert labels.lines == (DOOR,)
    assert labels.crossings == ()


def test_labels_can_be_gone_on_with() -> None:
    labels = label_clip(1_773_451_860.0)
    assert labels.stays
    again = ClipDraft.of(labels).finish(labelled_by=labels.labelled_by, now_utc_s=labels.labelled_utc_s)
    assert again == labels


def test_a_step_is_removed_with_what_belongs_to_it() -> None:
    draft = EMPTY.begin_heads(1020.0).click_head((1.0, 2.0)).cross(DOOR, 1030.0, "in").click_head((3.0, 4.0))
    draft = draft.begin_heads(1040.0).click_head((5.0, 6.0))
    left = draft.without(0).finish(labelled_by="", now_utc_s=0.0)
    assert left.heads == (HeadCountLabel(1040.0, ((5.0, 6.0),)),)
    assert len(left.crossings) == 1
    assert draft.without(2).finish(labelled_by="", now_utc_s=0.0).crossings == ()
    stays = (
        EMPTY.enter(STAND, 1005.0).cross(DOOR, 1007.0, "in").leave(1010.0).enter(BAR, 1020.0).leave(1030.0)
    )
    assert stays.without(2) == stays, "an end alone is not removed"
    assert stays.without(0).finish(labelled_by="", now_utc_s=0.0).stays == (StayLabel(BAR, 1020.0, 1030.0),)
