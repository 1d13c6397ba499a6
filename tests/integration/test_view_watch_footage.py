"""Real cameras, nudged in the computer: noticed within a minute, on film with real people and real noise."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.support.halls.watched_hall import Crowd, watch_hall
from vision.alignment.background import GreyPicture, shrink_picture
from vision.alignment.view_report import ViewReport, ViewVerdict
from vision.alignment.view_watch import SAMPLE_EVERY_S, ViewMonitor

CLIPS = ("one-by-one-person-detection.mp4", "caviar_ShopAssistant1cor.mp4", "caviar_OneStopEnter1front.mp4")
NUDGED_AT_S = 60.0
NOTICED_WITHIN_S = 60.0

Change = Callable[[GreyPicture], GreyPicture]


def shift(part: float) -> Change:
    def move(picture: GreyPicture) -> GreyPicture:
        height, width = picture.shape
        matrix = np.array([[1.0, 0.0, part * width], [0.0, 1.0, 0.0]])
        return np.asarray(cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT))

    return move


def turn(degrees: float) -> Change:
    def move(picture: GreyPicture) -> GreyPicture:
        height, width = picture.shape
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        return np.asarray(cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REFLECT))

    return move


def dim(picture: GreyPicture) -> GreyPicture:
    return (picture * 0.5).astype(np.uint8)


def cover(picture: GreyPicture) -> GreyPicture:
    return np.full_like(picture, 80)


MOVES = {f"{part:.0%}": shift(part) for part in (0.01, 0.02, 0.05)} | {
    f"{degrees} degrees": turn(degrees) for degrees in (1.0, 2.0)
}


@lru_cache
def read_samples(file: Path) -> tuple[GreyPicture, ...]:
    """A small picture every ``SAMPLE_EVERY_S``."""
    clip = cv2.VideoCapture(str(file))
    every = round(SAMPLE_EVERY_S * clip.get(cv2.CAP_PROP_FPS))
    samples, number = [], 0
    while clip.grab():
        if number % every == 0:
            samples.append(shrink_picture(np.asarray(clip.retrieve()[1], np.uint8)))
        number += 1
    clip.release()
    return tuple(samples)


def watch_clip(file: Path, change: Change) -> list[ViewReport]:
    """What is reported of a clip, played to and fro, that changes after a minute."""
    samples, watch, reports = read_samples(file), ViewMonitor(), []
    there_and_back = [*range(len(samples)), *range(len(samples) - 2, 0, -1)]
    for index in range(int((NUDGED_AT_S + NOTICED_WITHIN_S) / SAMPLE_EVERY_S)):
        time_s, picture = index * SAMPLE_EVERY_S, samples[there_and_back[index % len(there_and_back)]]
        if watch.observe(time_s, change(picture) if time_s >= NUDGED_AT_S else picture):
            reports.append(watch.report)
    return reports


@pytest.mark.footage
@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("clip", CLIPS)
def test_a_real_camera_that_is_nudged_or_turned_a_little_is_noticed(footage: Path, clip: str) -> None:
    for name, move in MOVES.items():
        verdicts = [report.verdict for report in watch_clip(footage / "clips" / clip, move)]
        assert verdicts == [ViewVerdict.STEADY, ViewVerdict.MOVED], name


@pytest.mark.footage
def test_a_real_camera_nudged_by_a_twentieth_is_noticed(footage: Path) -> None:
    steady, moved = watch_clip(footage / "clips" / CLIPS[1], shift(0.05))
    assert (steady.verdict, moved.verdict) == (ViewVerdict.STEADY, ViewVerdict.MOVED)
    assert moved.shift_part == pytest.approx(0.05, abs=0.002)


@pytest.mark.footage
@pytest.mark.parametrize("clip", CLIPS[1:])
def test_half_the_light_is_no_move_and_a_covered_lens_is_blinded(footage: Path, clip: str) -> None:
    file = footage / "clips" / clip
    assert [report.verdict for report in watch_clip(file, dim)] == [ViewVerdict.STEADY]
    verdicts = [report.verdict for report in watch_clip(file, cover)]
    assert verdicts == [ViewVerdict.STEADY, ViewVerdict.BLINDED]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_hour_of_crowds_gives_no_false_alarm() -> None:
    reports = watch_hall(ViewMonitor(), 0.0, 3600.0, Crowd(walking=24, standing=14), tells_boxes=False)
    assert [report.verdict for report in reports] == [ViewVerdict.STEADY]
