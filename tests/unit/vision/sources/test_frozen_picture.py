from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

from tests.support.clips import draw_numbered_picture
from vision.sources.frozen_picture import FrozenPictureWatch


def scene(person_at: int | None = None, *, brightness: int = 0) -> npt.NDArray[np.uint8]:
    picture = draw_numbered_picture(7, width=640, height=360)
    if person_at is not None:
        picture[200:260, person_at : person_at + 24] = (40, 40, 160)
    return np.clip(picture.astype(np.int16) + brightness, 0, 255).astype(np.uint8)


def encode_again_and_again(
    picture: npt.NDArray[np.uint8], path: Path, frames: int
) -> list[npt.NDArray[np.uint8]]:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=5)
        stream.width, stream.height, stream.pix_fmt = picture.shape[1], picture.shape[0], "yuv420p"
        stream.codec_context.gop_size = 10
        stream.bit_rate = 200_000
        for _ in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
        container.mux(stream.encode())
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]


def test_a_still_picture_is_frozen_after_its_time_although_it_is_encoded_anew(tmp_path: Path) -> None:
    watch = FrozenPictureWatch(after_s=10.0)
    pictures = encode_again_and_again(scene(300), tmp_path / "still.mp4", 61)
    assert any((pictures[0] != picture).any() for picture in pictures), "an exact comparison would do"
    verdicts = [watch.observe(picture, time_s=index / 5) for index, picture in enumerate(pictures)]
    assert verdicts.index(True) == 50
    assert all(verdicts[50:])
    assert watch.still_for_s == 12.0


def test_one_person_who_walks_keeps_it_alive() -> None:
    watch = FrozenPictureWatch(after_s=3.0)
    assert not any(watch.observe(scene(100 + 5 * second), time_s=second) for second in range(60))


def test_daylight_that_fades_slowly_is_change() -> None:
    watch = FrozenPictureWatch(after_s=20.0)
    assert not any(watch.observe(scene(brightness=-second // 2), time_s=second) for second in range(120))


def test_a_picture_that_changes_again_is_alive_again() -> None:
    watch = FrozenPictureWatch(after_s=5.0)
    assert [watch.observe(scene(100), time_s=second) for second in range(7)][-1]
    assert not watch.observe(scene(300), time_s=7.0)
    assert watch.still_for_s == 0.0


def test_pictures_within_a_second_are_not_compared() -> None:
    watch = FrozenPictureWatch(after_s=5.0)
    for index in range(5 * 25 + 1):
        is_frozen = watch.observe(scene(100), time_s=index / 25)
    assert is_frozen
    assert watch.observe(scene(500), time_s=5.5), "not looked at yet"
    assert not watch.observe(scene(500), time_s=6.0)


def test_time_that_goes_back_begins_anew() -> None:
    watch = FrozenPictureWatch(after_s=5.0)
    watch.observe(scene(100), time_s=100.0)
    assert not watch.observe(scene(100), time_s=50.0)
    assert watch.still_for_s == 0.0
    watch.reset()
    assert not watch.observe(scene(100), time_s=60.0)
