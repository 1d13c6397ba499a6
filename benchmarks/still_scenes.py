"""Frozen pictures told from still scenes: ``python -m benchmarks.still_scenes``, two minutes of a processor.

Ten films of scenes in which next to nothing moves, each once live to the end, and once with a camera that
freezes at half time: from then on its encoder gets the same picture again and again. A gap in the first is
invented; none in the second is missed.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.container import OutputContainer
from av.video.stream import VideoStream

from resources.demo import DEMO_FOLDER
from vision.pixel_types import FROZEN, Picture
from vision.sources.picture_watch import PictureWatch

FPS = 5
LIVE_S, FROZEN_S = 90.0, 90.0
SIZE_WH = (480, 270)
SEED = 11
_GRAINS = 16
"""Pictures of noise, shifted at random: drawing it anew would take most of the time."""

Light = npt.NDArray[np.float32]
"""What falls on the sensor, shape (height, width, 3), 0 to 255."""
Scene = Callable[[float], Light]
"""The light at a time in seconds."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """An encoder's settings; ``options`` are those of FFmpeg."""

    codec: str = "libx264"
    group_s: float = 2.0
    bit_rate: int | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StillFilm:
    """A scene as a camera shows it.

    Attributes:
        noise: standard deviation of the sensor's noise in grey levels.
        denoising: part of the picture before that remains in each pixel; 0 for none.
        hold_levels: smaller changes of a denoised pixel, in grey levels, count as noise and are not shown.
        repeats: pictures that the encoder is given several times.
    """

    name: str
    scene: Scene
    encoder: Encoder
    noise: float
    denoising: float = 0.0
    hold_levels: float = 0.0
    repeats: int = 1


def read_hall() -> Light:
    """Return a picture of the demonstration's hall."""
    with av.open(str(DEMO_FOLDER / "clips" / "west.mp4")) as container:
        picture = next(container.decode(video=0)).to_ndarray(format="bgr24")
    return np.asarray(cv2.resize(picture, SIZE_WH, interpolation=cv2.INTER_AREA), np.float32)


def show_empty_hall(level: float) -> Scene:
    """Return a hall in which nothing moves, lit to a share of daylight."""
    hall = read_hall() * np.float32(level)
    return lambda _time_s: hall


def show_night() -> Scene:
    """Return a dark hall with emergency lights."""
    hall = read_hall() * np.float32(0.12)
    for x in (90, 250, 390):
        cv2.circle(hall, (x, 70), 30, (30.0, 48.0, 30.0), -1)
        cv2.circle(hall, (x, 45), 3, (90.0, 200.0, 90.0), -1)
    light = np.asarray(cv2.GaussianBlur(hall, (0, 0), 2.0), np.float32)
    return lambda _time_s: light


def show_audience(*, sway_px: float, fidget_every_s: float) -> Scene:
    """Return 36 seated people who breathe, and of whom one moves its head now and then."""
    hall, random = read_hall(), np.random.default_rng(SEED)
    places = [(40 + 50 * column + 16 * (row % 2), 140 + 30 * row) for row in range(4) for column in range(9)]
    phases = random.uniform(0, 2 * np.pi, len(places))
    periods_s = random.uniform(3.0, 6.0, len(places))
    colours = random.uniform(30, 150, (len(places), 3))

    def draw(time_s: float) -> Light:
        picture = hall.copy()
        restless, since_s = divmod(time_s, fidget_every_s)
        for number, (x, y) in enumerate(places):
            dx = sway_px * np.sin(2 * np.pi * time_s / periods_s[number] + phases[number])
            if number == int(restless * 7) % len(places) and since_s < 2.0:
                dx += 3.0 * np.sin(np.pi * since_s / 2.0)
            colour = tuple(map(float, colours[number]))
            body = (round((x + dx / 2) * 16), (y + 20) * 16), (11 * 16, 15 * 16)
            head = (round((x + dx) * 16), y * 16), (5 * 16, 7 * 16)
            for (centre, axes), shade in ((body, colour), (head, (105.0, 130.0, 180.0))):
                cv2.ellipse(picture, centre, axes, 0, 0, 360, shade, -1, cv2.LINE_AA, 4)
        return picture

    return draw


def list_films() -> list[StillFilm]:
    """Return the ten films."""
    even = {"preset": "veryfast", "tune": "zerolatency"}
    fine, coarse = even | {"crf": "23"}, even | {"crf": "35"}
    scarce = even | {"maxrate": "96k", "bufsize": "192k"}
    fidgeting = show_audience(sway_px=0.6, fidget_every_s=9.0)
    hardly = show_audience(sway_px=0.25, fidget_every_s=45.0)
    day, dim = show_empty_hall(1.0), show_empty_hall(0.45)
    return [
        StillFilm("night hall, gain turned up", show_night(), Encoder(options=fine), noise=7.0),
        StillFilm(
            "night hall, denoising camera",
            show_night(), Encoder(group_s=4.0, options=fine), noise=7.0, denoising=0.9,
        ),
        StillFilm(
            "night hall, denoising camera, 96 kbit/s",
            show_night(), Encoder(group_s=10.0, bit_rate=96_000, options=scarce), noise=7.0, denoising=0.9,
        ),
        StillFilm("empty hall by day", day, Encoder(options=fine), noise=1.5),
        StillFilm(
            "empty hall, denoising camera that holds still pixels",
            day, Encoder(group_s=4.0, options=fine), noise=1.5, denoising=0.9, hold_levels=1.5,
        ),
        StillFilm(
            "dim empty hall, 96 kbit/s, a key frame every 10 s",
            dim, Encoder(group_s=10.0, bit_rate=96_000, options=scarce), noise=2.5,
        ),
        StillFilm("audience that hardly moves", hardly, Encoder(options=coarse), noise=1.5),
        StillFilm(
            "audience that hardly moves, denoising camera, 96 kbit/s",
            hardly, Encoder(group_s=10.0, bit_rate=96_000, options=scarce),
            noise=1.5, denoising=0.9, hold_levels=1.5,
        ),
        StillFilm(
            "audience, HEVC with a key frame every 20 s",
            fidgeting,
            Encoder("libx265", 20.0, None, even | {"crf": "32", "x265-params": "log-level=none"}),
            noise=1.5, denoising=0.8,
        ),
        StillFilm(
            "encoder that repeats pictures, one in a second is new",
            hardly, Encoder(group_s=4.0, options=coarse), noise=1.5, repeats=FPS,
        ),
    ]  # fmt: skip


def expose(film: StillFilm) -> Iterator[Picture]:
    """Yield the pictures that a film's encoder is given."""
    random = np.random.default_rng(SEED)
    width, height = SIZE_WH
    grain = random.normal(0, film.noise, (_GRAINS, height, width, 1)).astype(np.float32)
    kept = np.float32(film.denoising)
    averaged = shown = None
    for number in range(round((LIVE_S + FROZEN_S) * FPS)):
        if number % film.repeats == 0:
            shift = tuple(random.integers(0, (height, width)).tolist())
            noise = np.roll(grain[random.integers(_GRAINS)], shift, axis=(0, 1))
            seen = film.scene(number / FPS) + noise
            averaged = seen if averaged is None else kept * averaged + (1 - kept) * seen
            if shown is None or not film.hold_levels:
                shown = averaged
            else:
                shown = np.where(np.abs(averaged - shown) >= film.hold_levels, averaged, shown)
            picture = np.clip(np.rint(shown), 0, 255).astype(np.uint8)
        yield picture


def record(film: StillFilm, live: Path, frozen: Path) -> None:
    """Write a film as it is received: live to the end, and with a camera that freezes at ``LIVE_S``."""
    with av.open(str(live), "w") as to_live, av.open(str(frozen), "w") as to_frozen:
        streams = [_add_stream(film.encoder, container) for container in (to_live, to_frozen)]
        last: Picture | None = None
        for number, picture in enumerate(expose(film)):
            if last is None or number < LIVE_S * FPS:
                last = picture
            for (container, stream), shown in zip(streams, (picture, last), strict=True):
                container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, "bgr24")))
        for container, stream in streams:
            container.mux(stream.encode())


def _add_stream(encoder: Encoder, container: OutputContainer) -> tuple[OutputContainer, VideoStream]:
    stream = container.add_stream(encoder.codec, rate=FPS, options=dict(encoder.options))
    assert isinstance(stream, VideoStream)
    stream.width, stream.height = SIZE_WH
    stream.pix_fmt = "yuv420p"
    stream.codec_context.gop_size = round(encoder.group_s * FPS)
    stream.codec_context.max_b_frames = 0
    stream.thread_count = 1
    if encoder.bit_rate is not None:
        stream.bit_rate = encoder.bit_rate
    return container, stream


def read_film(file: Path) -> Iterator[Picture]:
    """Yield the decoded pictures of a film."""
    with av.open(str(file)) as container:
        for frame in container.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of one film.

    Attributes:
        invented_s: live time that is in a gap, of the film that is live to the end.
        found_after_s: time from the freeze until it was certain; None if it was not found.
        begins_late_s: live time after the freeze; negative if live time before it is in the gap.
    """

    name: str
    invented_s: float
    found_after_s: float | None
    begins_late_s: float | None


def judge(film: StillFilm, folder: Path) -> Verdict:
    """Return what the watch says of a film, live and frozen."""
    files = folder / "live.mkv", folder / "frozen.mkv"
    record(film, *files)
    live, frozen = (_find_gaps(read_film(file)) for file in files)
    found = [gap for gap in frozen if gap[2] > LIVE_S]
    if not found:
        return Verdict(film.name, _measure(live), None, None)
    since_s, certain_s, _ = found[0]
    return Verdict(film.name, _measure(live), certain_s - LIVE_S, since_s - LIVE_S)


def _find_gaps(pictures: Iterator[Picture]) -> list[tuple[float, float, float]]:
    """Return the beginning of each gap, when it was certain, and its end."""
    watch = PictureWatch()
    gaps: list[tuple[float, float, float]] = []
    for number, picture in enumerate(pictures):
        time_s = number / FPS
        doubt = watch.observe(picture, time_s=time_s)
        if doubt is not None and doubt.is_certain:
            assert doubt.cause == FROZEN
            if gaps and gaps[-1][0] == doubt.since_s:
                gaps[-1] = (*gaps[-1][:2], time_s)
            else:
                gaps.append((doubt.since_s, time_s, time_s))
    return gaps


def _measure(gaps: Sequence[tuple[float, float, float]]) -> float:
    return sum(end_s - since_s for since_s, _, end_s in gaps)


def main() -> int:
    """Print the table, a row as soon as it is there; 1 if a gap is invented or missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", help="films whose name contains this")
    options = parser.parse_args()
    print("| film | live: gap invented | frozen: found after | the gap begins |")
    print("|---|---|---|---|")
    is_good = True
    with tempfile.TemporaryDirectory() as scratch:
        for one in list_films():
            if options.only is not None and options.only not in one.name:
                continue
            verdict = judge(one, Path(scratch))
            is_good &= verdict.invented_s == 0 and verdict.found_after_s is not None
            found = "not" if verdict.found_after_s is None else f"{verdict.found_after_s:.1f} s"
            begins = "" if verdict.begins_late_s is None else f"{verdict.begins_late_s:+.1f} s"
            print(f"| {verdict.name} | {verdict.invented_s:.1f} s | {found} | {begins} |", flush=True)
    return 0 if is_good else 1


if __name__ == "__main__":
    raise SystemExit(main())
