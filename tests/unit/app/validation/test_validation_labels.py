from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analytics.domain.errors import LabelError
from analytics.domain.identifiers import LineId, ZoneId
from analytics.evaluation.clip_labels import Clip, CrossingLabel, HeadCountLabel, PlaceLabel, StayLabel
from app.validation.validation_draft import ClipDraft
from app.validation.validation_labels import (
    LABELS_FORMAT,
    SkippedClip,
    list_labels_files,
    name_labels_file,
    read_labels,
    write_labels,
)
from tests.support.halls.validated_venue import CAMERA, START_S, label_clip, label_venue


def test_labels_come_back_as_they_were_written(tmp_path: Path) -> None:
    labels = replace(label_venue(clips=2), wanted_clips=25, venue="展览")
    file = name_labels_file(tmp_path, labels.begun_utc_s)
    write_labels(file, labels)
    assert read_labels(file) == labels
    assert file == tmp_path / "validation" / "labels-20260315T013000Z.json"
    assert list_labels_files(tmp_path) == (file,)


def test_a_file_of_labels_holds_no_picture(tmp_path: Path) -> None:
    file = tmp_path / "labels.json"
    write_labels(file, label_venue())
    text = file.read_text(encoding="utf-8")
    assert "jpeg" not in text.lower()
    assert max(map(len, text.split('"')[1::2])) < 40  # no long string of any kind


def test_labels_of_a_clip_replace_earlier_ones_of_it() -> None:
    labels = label_venue(clips=3)
    again = replace(labels.clips[1], labelled_by="Zhang")
    changed = labels.with_clip(again)
    assert [clip.labelled_by for clip in changed.clips] == ["Li Wei", "Zhang", "Li Wei"]
    assert changed.find(again.clip) == again
    earlier = label_clip(START_S)
    assert labels.with_clip(earlier).clips[0] == earlier


def test_what_contradicts_itself_is_not_written(tmp_path: Path) -> None:
    labels = label_venue(clips=1)
    wrong = replace(labels, clips=(replace(labels.clips[0], lines=()),))
    file = tmp_path / "labels.json"
    with pytest.raises(LabelError, match=r"Clip 1 of labels\.json, of camera north, contradicts itself"):
        write_labels(file, wrong)
    assert not file.exists()


def test_labels_of_clips_that_a_plan_chose_are_still_read(tmp_path: Path) -> None:
    file = tmp_path / "labels.json"
    labels = label_venue(clips=1)
    write_labels(file, labels)
    content = json.loads(file.read_text(encoding="utf-8"))
    content |= {
        "format": 1,
        "loads": [],
        "bounds": {"north": {"medium": 2.0, "high": 5.0}},
        "wanted_margin": 0.05,
    }
    content["clips"][0]["clip"]["stratum"] = {"camera": "north", "hour": 9, "crowding": "low"}
    file.write_text(json.dumps(content), encoding="utf-8")
    assert read_labels(file).clips == labels.clips


def break_format(content: dict[str, Any]) -> None:
    content["format"] = LABELS_FORMAT + 1


def break_direction(content: dict[str, Any]) -> None:
    content["clips"][0]["crossings"][0]["direction"] = "up"


def break_time(content: dict[str, Any]) -> None:
    content["clips"][0]["clip"]["start_utc_s"] = "soon"


def break_venue(content: dict[str, Any]) -> None:
    del content["venue"]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (break_format, "newer version"),
        (break_direction, "neither in nor out"),
        (break_time, r"clips\.0\.clip\.start_utc_s"),
        (break_venue, "its field venue"),
    ],
)
def test_a_damaged_file_is_named(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], problem: str
) -> None:
    file = tmp_path / "labels.json"
    write_labels(file, label_venue(clips=1))
    content = json.loads(file.read_text(encoding="utf-8"))
    change(content)
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(LabelError, match=problem):
        read_labels(file)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"type": "FeatureCollection"}'])
def test_another_file_holds_no_labels(tmp_path: Path, text: str) -> None:
    file = tmp_path / "other.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(LabelError, match=r"other\.json contains no labels"):
        read_labels(file)


def test_unfinished_and_skipped_clips_are_kept_and_count_nowhere(tmp_path: Path) -> None:
    labels = label_venue(clips=1)
    begun, other = (label_clip(START_S + at) for at in (600.0, 900.0))
    labels = labels.with_unfinished(begun).with_unfinished(other)
    labels = labels.with_unfinished(replace(begun, labelled_by="Zhang"))
    assert len(labels.clips) == 1
    assert [one.labelled_by for one in labels.unfinished if one.clip == begun.clip] == ["Zhang"]
    labels = labels.with_clip(begun).with_skipped(SkippedClip(other.clip, "dark", "Li", START_S))
    assert labels.unfinished == ()
    assert len(labels.clips) == 2
    file = tmp_path / "labels.json"
    write_labels(file, labels)
    assert read_labels(file) == labels


DOOR, GATE, STAND, BAR = LineId("door"), LineId("gate"), ZoneId("stand"), ZoneId("bar")
CLIP = Clip(CAMERA, 1000.0, 1060.0)
EMPTY = ClipDraft(CLIP, (640, 360), lines=(DOOR,))


def test_steps_become_labels() -> None:
    draft = EMPTY.cross(DOOR, 1030.0, "in").cross(GATE, 1010.0, "out")
    draft = (
        draft.start_head_count(1020.0)
        .click_head((10.0, 20.0))
        .click_head((30.0, 40.0))
        .start_head_count(1040.0)
    )
    draft = draft.enter(STAND, 1005.0).leave(1025.0).enter(BAR, None).enter(STAND, 1050.0)
    draft = replace(draft, steps=(*draft.steps, PlaceLabel(1000.0, (5.0, 6.0), (1.5, 2.5))))
    labels = draft.finish(labelled_by="Li", now_utc_s=2000.0)
    assert labels.lines == (DOOR, GATE)
    assert labels.crossings == (CrossingLabel(GATE, 1010.0, "out"), CrossingLabel(DOOR, 1030.0, "in"))
    assert labels.heads == (HeadCountLabel(1020.0, ((10.0, 20.0), (30.0, 40.0))), HeadCountLabel(1040.0, ()))
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
    heads = EMPTY.start_head_count(1001.0).click_head((1.0, 1.0))
    assert heads.undo().finish(labelled_by="", now_utc_s=0.0).heads == (HeadCountLabel(1001.0, ()),)


def test_clicks_and_ends_without_a_beginning_change_nothing() -> None:
    assert EMPTY.click_head((1.0, 1.0)) == EMPTY
    assert EMPTY.leave(1010.0) == EMPTY


def test_labels_can_be_gone_on_with() -> None:
    labels = label_clip(1_773_451_860.0)
    assert labels.stays
    again = ClipDraft.of(labels).finish(labelled_by=labels.labelled_by, now_utc_s=labels.labelled_utc_s)
    assert again == labels


def test_a_step_is_removed_with_what_belongs_to_it() -> None:
    draft = (
        EMPTY.start_head_count(1020.0).click_head((1.0, 2.0)).cross(DOOR, 1030.0, "in").click_head((3.0, 4.0))
    )
    draft = draft.start_head_count(1040.0).click_head((5.0, 6.0))
    left = draft.without(0).finish(labelled_by="", now_utc_s=0.0)
    assert left.heads == (HeadCountLabel(1040.0, ((5.0, 6.0),)),)
    assert len(left.crossings) == 1
    assert draft.without(2).finish(labelled_by="", now_utc_s=0.0).crossings == ()
    stays = (
        EMPTY.enter(STAND, 1005.0).cross(DOOR, 1007.0, "in").leave(1010.0).enter(BAR, 1020.0).leave(1030.0)
    )
    assert stays.without(2) == stays, "an end alone is not removed"
    assert stays.without(0).finish(labelled_by="", now_utc_s=0.0).stays == (StayLabel(BAR, 1020.0, 1030.0),)
