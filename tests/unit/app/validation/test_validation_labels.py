from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analytics.domain.errors import LabelError
from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_strata import Crowding, CrowdingBounds, Stratum, StratumLoad
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
    load = StratumLoad(Stratum(CAMERA, 9, Crowding.HIGH), 3600.0, 7.5, 2.25)
    labels = replace(
        label_venue(clips=2), loads=(load,), bounds={CAMERA: CrowdingBounds(2.0, 5.0)}, venue="展览"
    )
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
    with pytest.raises(LabelError, match=r"other\.json holds no labels"):
        read_labels(file)


def test_an_absent_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"absent\.json"):
        read_labels(tmp_path / "absent.json")


def test_a_camera_of_another_name_is_another_clip() -> None:
    labels = label_venue(clips=1)
    other = replace(labels.clips[0], clip=replace(labels.clips[0].clip, camera=CameraId("south")))
    assert len(labels.with_clip(other).clips) == 2


def test_unfinished_and_skipped_clips_are_kept_and_count_nowhere(tmp_path: Path) -> None:
    labels = label_venue(clips=1)
    begun, other = (label_clip(START_S + at) for at in (600.0, 900.0))
    labels = labels.with_unfinished(begun).with_unfinished(other)
    labels = labels.with_unfinished(replace(begun, labelled_by="Zhang"))
    assert len(labels.clips) == len(labels.sample.clips) == 1
    assert [one.labelled_by for one in labels.unfinished if one.clip == begun.clip] == ["Zhang"]
    labels = labels.with_clip(begun).with_skipped(SkippedClip(other.clip, "dark", "Li", START_S))
    assert labels.unfinished == ()
    assert len(labels.clips) == 2
    file = tmp_path / "labels.json"
    write_labels(file, labels)
    assert read_labels(file) == labels
