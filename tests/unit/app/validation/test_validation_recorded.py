from __future__ import annotations

import itertools
import random
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.camera import Camera
from analytics.domain.errors import ClipError, SourceError
from analytics.evaluation.clip_labels import Clip
from app.core.job import JobCancelled, JobContext
from app.validation.validation_clips import ClipStore
from app.validation.validation_labels import Consent, SkippedClip
from app.validation.validation_recorded import (
    Recording,
    capture_recorded_clips,
    count_open_clips,
    draw_recorded_clips,
)
from tests.support.halls.validated_venue import CAMERA, START_S, label_venue, make_validated_venue
from tests.support.reports.clips import make_clip

CONSENT = Consent("Li Wei", START_S)


def test_clips_of_a_recording_are_drawn_by_chance_and_never_twice(tmp_path: Path) -> None:
    venue = make_validated_venue(tmp_path)
    labels = replace(label_venue(clips=0), wanted_clips=5)
    recording = Recording(tmp_path / "none.mp4", CAMERA, START_S)
    drawn = [draw_recorded_clips(venue, labels, recording, draw=random.Random(seed)) for seed in (1, 2)]
    for clips in drawn:
        assert len(clips) == labels.wanted_clips
        assert list(clips) == sorted(clips, key=lambda clip: clip.start_utc_s)
        assert all(one.end_utc_s <= other.start_utc_s for one, other in itertools.pairwise(clips))
    assert drawn[0] != drawn[1]
    assert count_open_clips(labels, drawn[0]) == 0
    waiting = drawn[0][:3]
    rest = draw_recorded_clips(venue, labels, recording, waiting=waiting, draw=random.Random(3))
    assert len(rest) == 2
    assert not set(rest) & set(waiting)
    assert (
        len(draw_recorded_clips(venue, labels, recording, waiting=drawn[0][:3], draw=random.Random(3))) == 2
    )
    skipped = replace(labels, skipped=tuple(SkippedClip(clip, "dark", "Li", 0.0) for clip in drawn[0]))
    again = draw_recorded_clips(venue, skipped, recording, draw=random.Random(1))
    assert not set(again) & set(drawn[0])
    late = replace(recording, start_utc_s=START_S + 1e6)
    assert draw_recorded_clips(venue, labels, late, draw=random.Random(1)) == ()


def test_pictures_of_a_recording_come_from_a_child(tmp_path: Path) -> None:
    video = make_clip(tmp_path / "north.mp4", frames=90, fps=15)
    camera = Camera(CAMERA, analysed_fps=5.0)
    recording = Recording(video, CAMERA, 1000.0)
    clips = [Clip(CAMERA, at, at + 1.5) for at in (1000.5, 1003.0, 1900.0)]
    with ClipStore(CONSENT) as store:
        assert capture_recorded_clips(store, clips, recording, camera) == 2
        assert store.clips == tuple(clips[:2])
        for clip in clips[:2]:
            times = store.list_times(clip)
            assert len(times) in (7, 8)
            assert clip.start_utc_s <= times[0]
            assert times[-1] <= clip.end_utc_s
        with pytest.raises(ClipError, match="contains none of the clips"):
            capture_recorded_clips(store, (), recording, camera)
        with pytest.raises(JobCancelled):
            capture_recorded_clips(
                store, clips[:1], recording, camera, context=JobContext(is_cancelled=lambda: True)
            )
    with ClipStore(CONSENT) as store, pytest.raises(SourceError):
        capture_recorded_clips(store, clips[:1], replace(recording, file=tmp_path / "absent.mp4"), camera)
