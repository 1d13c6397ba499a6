"""Which pictures are no observation: of a camera that shows the past, or darkness."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from tests.support.reports.clips import draw_numbered_picture
from vision.pixel_types import DARK, FROZEN, PictureDoubt
from vision.sources.picture_watch import (
    DARK_AFTER_S,
    FROZEN_AFTER_S,
    LOOK_BACK_S,
    REPEATED_AFTER_S,
    PictureWatch,
)

Picture = npt.NDArray[np.uint8]
FPS = 5
WALK_S = 4


def scene(person_at: int | None = None, *, brightness: int = 0) -> Picture:
    picture = draw_numbered_picture(7, width=640, height=360)
    if person_at is not None:
        picture[200:260, person_at : person_at + 24] = (40, 40, 160)
    return np.clip(picture.astype(np.int16) + brightness, 0, 255).astype(np.uint8)


def add_noise(picture: Picture, sigma: float, random: np.random.Generator) -> Picture:
    """As a sensor does, equally to every channel."""
    noise = np.rint(random.standard_normal(picture.shape[:2], np.float32) * sigma).astype(np.int16)
    return np.clip(picture + noise[..., None], 0, 255).astype(np.uint8)


def film(
    pictures: Iterable[Picture], path: Path, *, bit_rate: int | None = None, group: int = 10
) -> list[Picture]:
    """What is left of pictures after H.264, as of a camera at 5 pictures a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        stream.codec_context.gop_size = group
        stream.codec_context.max_b_frames = 0
        if bit_rate is not None:
            stream.bit_rate = bit_rate
        stream.options = {"preset": "veryfast", "tune": "zerolatency"}
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
        container.mux(stream.encode())
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def walk() -> list[Picture]:
    return [scene(40 + 8 * number) for number in range(WALK_S * FPS)]


def look(
    watch: PictureWatch, pictures: Sequence[Picture], *, from_s: float = 0.0
) -> list[PictureDoubt | None]:
    return [watch.observe(picture, time_s=from_s + index / FPS) for index, picture in enumerate(pictures)]


def find_certain(doubts: Sequence[PictureDoubt | None]) -> tuple[float, PictureDoubt] | None:
    found = ((i / FPS, doubt) for i, doubt in enumerate(doubts) if doubt is not None and doubt.is_certain)
    return next(found, None)


@pytest.mark.parametrize(
    "bit_rate",
    [pytest.param(None, marks=pytest.mark.slow), 2_000_000],
    ids=["of even quality", "of even size"],
)
def test_a_picture_that_is_encoded_again_and_again_is_frozen_since_the_last_that_moved(
    tmp_path: Path, bit_rate: int | None
) -> None:
    still = walk()[-1]
    pictures = film([*walk(), *[still] * 90 * FPS], tmp_path / "still.mp4", bit_rate=bit_rate)
    assert any((pictures[30] != picture).any() for picture in pictures[30:50]), "comparing two would do"
    doubts = look(PictureWatch(), pictures)
    certain = find_certain(doubts)
    assert certain is not None
    at_s, doubt = certain
    assert doubt.cause == FROZEN
    assert WALK_S - 1 / FPS <= doubt.since_s <= WALK_S + 5.0
    assert at_s <= WALK_S + 10.0 + FROZEN_AFTER_S
    first = round(at_s * FPS)
    assert all(one is not None and one.is_certain for one in doubts[first:])


def test_a_picture_that_is_sent_again_as_it_is_is_frozen_since_the_first_of_them() -> None:
    doubts = look(PictureWatch(), [*walk(), *[scene(300)] * 70 * FPS])
    assert find_certain(doubts) == (
        WALK_S + REPEATED_AFTER_S,
        PictureDoubt(FROZEN, float(WALK_S), True),
    )
    # what comes until then is in doubt, so that it can still be taken back
    assert all(one is not None for one in doubts[WALK_S * FPS + 1 :])


@pytest.mark.parametrize(("group", "sigma"), [(10, 0.3), (50, 1.0)])
def test_an_empty_hall_under_even_light_is_seen(tmp_path: Path, sigma: float, group: int) -> None:
    random = np.random.default_rng(4)
    pictures = film(
        [add_noise(scene(), sigma, random) for _ in range(60 * FPS)], tmp_path / "empty.mp4", group=group
    )
    doubts = look(PictureWatch(), pictures)
    assert find_certain(doubts) is None
    # an encoder may repeat what it has until its next key frame, and again after it
    waits_s = [i / FPS - doubt.since_s for i, doubt in enumerate(doubts) if doubt is not None]
    assert max(waits_s, default=0.0) <= max(group / FPS, LOOK_BACK_S) + 1e-6


def test_an_encoder_short_of_bits_gives_itself_away_by_rare_repeats() -> None:
    """Of one picture it makes the same again every forty seconds, and else something different each time."""
    random = np.random.default_rng(4)
    known = add_noise(scene(), 0.3, random)
    pictures = [known if second % 40 == 30 else add_noise(scene(), 0.3, random) for second in range(150)]
    watch = PictureWatch()
    doubts = [watch.observe(picture, time_s=float(second)) for second, picture in enumerate(pictures)]
    first = next(second for second, doubt in enumerate(doubts) if doubt is not None and doubt.is_certain)
    assert first == 70
    assert doubts[first] == PictureDoubt(FROZEN, 30.0, True)
    assert all(doubt is not None and doubt.is_certain for doubt in doubts[first:])


def test_the_first_picture_that_moves_again_is_seen() -> None:
    watch = PictureWatch()
    assert find_certain(look(watch, [scene(100)] * 70 * FPS)) is not None
    assert watch.observe(scene(300), time_s=70.0) is None


def test_a_quiet_hall_is_seen_again_soon_after_the_camera_came_back(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    live = [add_noise(scene(), 1.0, random) for _ in range(40 * FPS)]
    doubts = look(PictureWatch(), film([*[scene()] * 40 * FPS, *live], tmp_path / "back.mp4"))
    assert doubts[40 * FPS] is not None
    assert doubts[40 * FPS].is_certain
    assert doubts[-1] is None or not doubts[-1].is_certain
    back = next(i for i, one in enumerate(doubts) if i > 40 * FPS and (one is None or not one.is_certain))
    assert back / FPS <= 40.0 + FROZEN_AFTER_S + 3.0


def test_one_person_who_walks_and_daylight_that_fades_keep_a_drawn_scene_alive() -> None:
    assert not any(look(PictureWatch(), [scene(100 + 5 * second) for second in range(60)]))
    fading = [scene(brightness=-second // 2) for second in range(120)]
    assert find_certain(look(PictureWatch(), fading)) is None


def test_a_film_that_is_played_in_a_loop_is_seen() -> None:
    loop = [scene(40 + 8 * (number % (3 * FPS))) for number in range(60 * FPS)]
    assert find_certain(look(PictureWatch(), loop)) is None


def test_what_is_drawn_cannot_freeze() -> None:
    assert not any(look(PictureWatch(can_freeze=False), [scene(100)] * 70 * FPS))


def test_time_that_goes_back_begins_anew() -> None:
    watch = PictureWatch()
    assert find_certain(look(watch, [scene(100)] * 70 * FPS, from_s=100.0)) is not None
    assert watch.observe(scene(100), time_s=50.0) is None


def black(level: float, sigma: float, random: np.random.Generator) -> Picture:
    return add_noise(np.full((360, 640, 3), level, np.uint8), sigma, random)


@pytest.mark.parametrize(("level", "sigma"), [(0, 0.0), (4, 0.0), (16, 0.0), (6, 5.0), (14, 8.0)])
def test_black_is_dark_since_the_last_picture_that_was_not(level: float, sigma: float) -> None:
    random = np.random.default_rng(4)
    pictures = [*walk(), *[black(level, sigma, random) for _ in range(10 * FPS)]]
    doubts = look(PictureWatch(), pictures)
    last_s = WALK_S - 1 / FPS
    at_s, doubt = find_certain(doubts) or (math.nan, None)
    assert at_s == pytest.approx(last_s + DARK_AFTER_S, abs=1 / FPS)
    assert doubt == PictureDoubt(DARK, pytest.approx(last_s), True)
    assert doubts[WALK_S * FPS] == PictureDoubt(DARK, pytest.approx(last_s), False)


def test_a_clock_in_the_picture_and_a_privacy_mask_make_no_light() -> None:
    random = np.random.default_rng(4)
    pictures = []
    for second in range(20):
        picture = black(18, 2.0, random)
        picture[8:24, 8:200] = 255 if second % 2 else 230
        picture[300:, 560:] = 0
        pictures.append(picture)
    assert find_certain(look(PictureWatch(), pictures)) is not None


def test_a_hall_with_little_light_is_seen() -> None:
    random = np.random.default_rng(4)
    dim = (scene().astype(np.float32) * 0.08).astype(np.uint8)
    assert dim.mean() < 16
    assert not any(look(PictureWatch(), [add_noise(dim, 2.0, random) for _ in range(20 * FPS)]))


def test_darkness_that_is_allowed_is_seen_and_never_frozen() -> None:
    watch = PictureWatch(may_be_dark=True)
    night = np.full((360, 640, 3), 3, np.uint8)
    assert not any(look(watch, [*walk(), *[night] * 60 * FPS]))
    # an emergency lamp far away
    night[100:110, 100:110] = 120
    dim = (scene().astype(np.float32) * 0.1).astype(np.uint8)
    assert not any(look(watch, [*[night] * 60 * FPS, *[dim] * 60 * FPS], from_s=100.0))
    # by day it freezes like any other
    assert find_certain(look(watch, [scene(100)] * 70 * FPS, from_s=500.0)) is not None


def test_one_black_picture_is_forgiven() -> None:
    random = np.random.default_rng(4)
    doubts = look(PictureWatch(), [*walk(), black(0, 0.0, random), *walk()])
    assert [i for i, doubt in enumerate(doubts) if doubt is not None] == [WALK_S * FPS]
    assert find_certain(doubts) is None
