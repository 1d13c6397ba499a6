from __future__ import annotations

import itertools
import random
from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.camera import Camera
from analytics.domain.errors import ClipError, SourceError
from analytics.evaluation.clip_labels import Clip
from analytics.evaluation.clip_strata import Crowding, Stratum
from app.core.job import JobCancelled, JobContext
from app.validation.validation_clips import ClipStore
from app.validation.validation_labels import Consent, SkippedClip, list_plan_rows
from app.validation.validation_plan import plan_validation
from app.validation.validation_recorded import Recording, capture_recorded_clips, draw_recorded_clips
from tests.support.halls.validated_venue import CAMERA, START_S, label_venue, make_validated_venue
from tests.support.reports.clips import make_clip

CONSENT = Consent("Li Wei", START_S)


def test_clips_of_a_recording_fill_the_plan_by_chance_and_never_twice(tmp_path: Path) -> None:
    venue = make_validated_venue(tmp_path)
    planned = plan_validation(venue, margin=0.1)
    plan = planned.chosen
    assert plan is not None
    labels = replace(label_venue(clips=0), loads=planned.loads, bounds=planned.bounds)
    recording = Recording(tmp_path / "none.mp4", CAMERA, START_S)
    drawn = [draw_recorded_clips(venue, plan, labels, recording, draw=random.Random(seed)) for seed in (1, 2)]
    for clips in drawn:
        assert 0 < len(clips) <= plan.clips
        assert list(clips) == sorted(clips, key=lambda clip: clip.start_utc_s)
        assert all(one.end_utc_s <= other.start_utc_s for one, other in itertools.pairwise(clips))
        assert all(row.waiting <= row.wanted for row in list_plan_rows(plan, labels, clips))
    assert drawn[0] != drawn[1]
    skipped = replace(labels, skipped=tuple(SkippedClip(clip, "dark", "Li", 0.0) for clip in drawn[0]))
    again = draw_recorded_clips(venue, plan, skipped, recording, draw=random.Random(1))
    assert not set(again) & set(drawn[0])
    late = replace(recording, start_utc_s=START_S + 1e6)
    assert draw_recorded_clips(venue, plan, labels, late, draw=random.Random(1)) == ()


def test_pictures_of_a_recording_come_from_a_child(tmp_path: Path) -> None:
    video = make_clip(tmp_path / "north.mp4", frames=90, fps=15)
    camera = Camera(CAMERA, analysed_fps=5.0)
    recording = Recording(video, CAMERA, 1000.0)
    stratum = Stratum(CAMERA, 9, Crowding.LOW)
    clips = [Clip(CAMERA, at, at + 1.5, stratum) for at in (1000.5, 1003.0, 1900.0)]
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
