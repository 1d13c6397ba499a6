from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from analytics.domain.camera import Camera
from analytics.domain.errors import ClipError
from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_labels import Clip
from app.core.job import JobCancelled, JobContext
from app.validation.validation_clips import ClipFrame, ClipStore, remove_leftover_clips
from app.validation.validation_labels import FOLDER, Consent
from app.validation.validation_recorded import capture_clip, encode_jpeg, read_recorded_frames
from tests.support.reports.clips import make_clip
from vision.pipeline.frame_slots import PreviewRows

CAMERA = CameraId("north")
CONSENT = Consent("Li Wei", 1000.0)
CLIP = Clip(CAMERA, 1000.0, 1010.0)
SECRET = b"a face that nobody may find on the disk"


class SetClock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def now_utc_s(self) -> float:
        return self.now_s

    def monotonic_s(self) -> float:
        return self.now_s


def make_frames(count: int = 20, *, start_s: float = 1000.0, size: int = 100) -> list[ClipFrame]:
    return [
        ClipFrame(start_s + 0.5 * number, SECRET + bytes([number]) * size, (640, 360))
        for number in range(count)
    ]


@pytest.fixture(params=["memory", "file"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path if request.param == "file" else None


def test_nothing_is_kept_without_consent() -> None:
    for consent in (None, Consent(" ", 0.0)):
        with pytest.raises(ClipError, match="has not been given"):
            ClipStore(consent)


def read_frames(store: ClipStore, clip: Clip) -> list[ClipFrame]:
    return [store.open_frame(clip, time_s) for time_s in store.list_times(clip)]


def test_a_clip_comes_back_picture_by_picture(folder: Path | None) -> None:
    frames = make_frames()
    with ClipStore(CONSENT, venue_folder=folder) as store:
        assert store.add(CLIP, frames) == 20
        assert store.clips == (CLIP,)
        assert store.list_times(CLIP) == tuple(frame.time_utc_s for frame in frames)
        assert [frame.jpeg for frame in read_frames(store, CLIP)] == [frame.jpeg for frame in frames]
        assert store.open_frame(CLIP, 1003.2).time_utc_s == 1003.0
        assert store.open_frame(CLIP, 0.0).time_utc_s == 1000.0
        assert store.open_frame(CLIP, 1e9).size_wh == (640, 360)


def test_what_lies_outside_of_the_clip_is_not_kept(folder: Path | None) -> None:
    with ClipStore(CONSENT, venue_folder=folder) as store:
        assert store.add(CLIP, make_frames(40, start_s=995.0)) == 21
        with pytest.raises(ClipError, match="delivered no picture"):
            store.add(CLIP, make_frames(3, start_s=5000.0))


def test_the_file_holds_no_picture_and_is_its_owners_alone(tmp_path: Path) -> None:
    with ClipStore(CONSENT, venue_folder=tmp_path) as store:
        store.add(CLIP, make_frames())
        (file,) = (tmp_path / FOLDER).iterdir()
        content = file.read_bytes()
        assert len(content) == store.used_bytes
        assert SECRET not in content
        assert stat.S_IMODE(file.stat().st_mode) == 0o600 or os.name == "nt"
        damaged = bytearray(content)
        damaged[40] ^= 1
        file.write_bytes(damaged)
        with pytest.raises(ClipError, match="can no longer be read"):
            store.open_frame(CLIP, 1000.0)
    assert not list((tmp_path / FOLDER).iterdir())


def test_closing_removes_everything(folder: Path | None) -> None:
    store = ClipStore(CONSENT, venue_folder=folder)
    store.add(CLIP, make_frames())
    store.close()
    store.close()
    assert store.is_closed
    assert store.used_bytes == 0
    for attempt in (lambda: store.open_frame(CLIP, 1000.0), lambda: store.add(CLIP, make_frames())):
        with pytest.raises(ClipError, match="have been removed"):
            attempt()


def test_a_clip_expires(folder: Path | None) -> None:
    clock = SetClock()
    with ClipStore(CONSENT, venue_folder=folder, clock=clock, expires_s=60.0) as store:
        store.add(CLIP, make_frames())
        clock.now_s = 59.0
        assert store.clips == (CLIP,)
        clock.now_s = 60.0
        assert store.clips == ()
        assert store.used_bytes == 0
        with pytest.raises(ClipError, match="has been removed"):
            store.open_frame(CLIP, 1000.0)


def test_a_full_store_takes_no_more_and_keeps_what_it_has(folder: Path | None) -> None:
    with ClipStore(CONSENT, venue_folder=folder, max_bytes=6000) as store:
        store.add(CLIP, make_frames())
        used = store.used_bytes
        other = Clip(CAMERA, 2000.0, 2010.0)
        with pytest.raises(ClipError, match="Label some of them"):
            store.add(other, make_frames(start_s=2000.0))
        assert store.clips == (CLIP,)
        assert store.used_bytes == used
        store.discard(CLIP)
        assert store.used_bytes == 0
        assert store.add(other, make_frames(start_s=2000.0)) == 20


def test_clips_can_be_looked_at_while_another_is_taken(folder: Path | None) -> None:
    other = Clip(CAMERA, 2000.0, 2010.0)
    with ClipStore(CONSENT, venue_folder=folder) as store:
        store.add(CLIP, make_frames())

        def look_between() -> Iterator[ClipFrame]:
            for number, frame in enumerate(make_frames(start_s=2000.0)):
                if number == 5:
                    assert store.open_frame(CLIP, 1002.0).jpeg == make_frames()[4].jpeg
                if number == 10:
                    store.discard(CLIP)
                yield frame

        assert store.add(other, look_between()) == 20
        assert [frame.jpeg for frame in read_frames(store, other)] == [f.jpeg for f in make_frames()]


def test_closing_stops_what_is_being_taken(folder: Path | None) -> None:
    store = ClipStore(CONSENT, venue_folder=folder)

    def close_between() -> Iterator[ClipFrame]:
        for number, frame in enumerate(make_frames()):
            if number == 5:
                store.close()
            yield frame

    with pytest.raises(ClipError, match="have been removed"):
        store.add(CLIP, close_between())
    assert store.is_closed
    assert store.used_bytes == 0
    assert folder is None or not list((folder / FOLDER).iterdir())


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, os.getcwd())
from tests.unit.app.validation.test_validation_clips import CLIP, CONSENT, make_frames
from app.validation.validation_clips import ClipStore
store = ClipStore(CONSENT, venue_folder=Path(sys.argv[1]))
store.add(CLIP, make_frames())
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_leaves_behind_is_removed_and_said(tmp_path: Path) -> None:
    with ClipStore(CONSENT, venue_folder=tmp_path) as mine:
        mine.add(CLIP, make_frames())
        (own,) = (tmp_path / FOLDER).iterdir()
        project = Path(__file__).parents[4]
        subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=project, check=False, timeout=60)
        (left,) = set((tmp_path / FOLDER).iterdir()) - {own}
        assert SECRET not in left.read_bytes()
        assert remove_leftover_clips(tmp_path) == (left.name,)
        assert list((tmp_path / FOLDER).iterdir()) == [own]
        assert store_still_reads(mine)
    assert remove_leftover_clips(tmp_path) == ()


def store_still_reads(store: ClipStore) -> bool:
    return store.open_frame(CLIP, 1000.0).jpeg.startswith(SECRET)


class ScriptedPreview:
    """A camera whose pictures are 0.1 s apart."""

    def __init__(self) -> None:
        self.number = -1

    def copy_rows(self, fit_height_px: int | None, *, known_time_s: float | None) -> PreviewRows | None:
        assert fit_height_px is None
        self.number += 1
        picture = np.full((36, 64, 3), (0, 0, 200), np.uint8)
        return PreviewRows(picture, (64, 36), 999.0 + 0.1 * self.number)


def test_a_live_camera_is_followed_until_the_clip_ends() -> None:
    waited: list[float] = []
    with ClipStore(CONSENT) as store:
        taken = capture_clip(store, CLIP, ScriptedPreview(), now_utc_s=lambda: 1000.0, wait=waited.append)
        assert 48 <= taken <= 51  # ten seconds at five pictures a second
        picture = Image.open(io.BytesIO(store.open_frame(CLIP, 1005.0).jpeg))
        red, green, blue = picture.convert("RGB").getpixel((30, 20))
        assert red > 180
        assert max(green, blue) < 30
    assert waited  # the pictures between two that are due


def test_a_camera_without_pictures_gives_no_clip_and_can_be_stopped() -> None:
    class Silent:
        def copy_rows(self, fit_height_px: int | None, *, known_time_s: float | None) -> None:
            return None

    now_s = 1000.0

    def wait(seconds: float) -> None:
        nonlocal now_s
        now_s += 10 * seconds

    with ClipStore(CONSENT) as store:
        with pytest.raises(ClipError, match="delivered no picture"):
            capture_clip(store, CLIP, Silent(), now_utc_s=lambda: now_s, wait=wait)
        with pytest.raises(JobCancelled):
            capture_clip(
                store,
                CLIP,
                Silent(),
                now_utc_s=lambda: 1000.0,
                wait=wait,
                context=JobContext(is_cancelled=lambda: True),
            )
        assert store.clips == ()


def test_a_recording_gives_its_pictures(tmp_path: Path) -> None:
    video = make_clip(tmp_path / "hall.mp4", frames=30, fps=10)
    with ClipStore(CONSENT) as store:
        clip = Clip(CAMERA, 1000.0, 1002.0)
        taken = store.add(clip, read_recorded_frames(video, Camera(CAMERA), start_utc_s=1000.0))
        assert taken == 11  # five a second, both ends included
        assert Image.open(io.BytesIO(store.open_frame(clip, 1001.0).jpeg)).format == "JPEG"


def test_what_nobody_may_see_is_black_in_a_recording(tmp_path: Path) -> None:
    video = make_clip(tmp_path / "hall.mp4", frames=5, fps=5)
    shown = next_picture(read_recorded_frames(video, Camera(CAMERA), start_utc_s=1000.0))
    height, width = shown.shape[:2]
    corner = ((0.0, 0.0), (width / 2, 0.0), (width / 2, height), (0.0, height))
    camera = Camera(CAMERA, (width, height), privacy_mask=(corner,))
    masked = next_picture(read_recorded_frames(video, camera, start_utc_s=1000.0))
    left = slice(0, width // 2 - 16)
    assert shown[:, left].max() > 100
    assert masked[:, left].max() < 30
    assert np.abs(masked[:, width // 2 + 16 :] - shown[:, width // 2 + 16 :]).mean() < 3


def next_picture(frames: Iterator[ClipFrame]) -> npt.NDArray[np.float64]:
    return np.asarray(Image.open(io.BytesIO(next(frames).jpeg)), np.float64)


FORGOTTEN = """
import os, sys
from pathlib import Path
sys.path.insert(0, os.getcwd())
from tests.unit.app.validation.test_validation_clips import CLIP, CONSENT, make_frames
from app.validation.validation_clips import ClipStore
store = ClipStore(CONSENT, venue_folder=Path(sys.argv[1]))
store.add(CLIP, make_frames())
"""


def test_a_program_that_ends_leaves_nothing(tmp_path: Path) -> None:
    project = Path(__file__).parents[4]
    subprocess.run([sys.executable, "-c", FORGOTTEN, str(tmp_path)], cwd=project, check=True, timeout=60)
    assert not list((tmp_path / FOLDER).iterdir())


def test_wide_pictures_are_made_smaller() -> None:
    jpeg = encode_jpeg(np.zeros((1080, 1920, 3), np.uint8))
    assert Image.open(io.BytesIO(jpeg)).size == (960, 540)
