"""Frames through shared memory, whatever writer and reader do, and whichever of them dies."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analytics.domain.errors import PipelineError
from analytics.domain.identifiers import CameraId
from vision.pipeline import shared_segment
from vision.pipeline.frame_slots import (
    LOSSLESS_SLOTS,
    FramePreview,
    FrameReader,
    FrameWriter,
    LinkState,
    create_frame_slots,
    remove_frame_slots,
)
from vision.pipeline.shared_segment import make_segment_name, remove_stale_segments
from vision.pixel_types import DARK, FROZEN, Frame, PictureDoubt

MakeSlots = Callable[[bool], str]
as_files = pytest.mark.skipif(
    os.name == "nt", reason="segments of Windows are no files: the system frees them"
)


@pytest.fixture
def make_slots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeSlots]:
    monkeypatch.setattr(shared_segment, "_segments_folder", lambda: tmp_path)
    made = []

    def make(is_lossless: bool) -> str:
        name = make_segment_name(1)
        made.append((name, create_frame_slots(name, is_lossless=is_lossless)))
        return name

    yield make
    for name, _control in made:
        remove_frame_slots(name)


def make_frame(number: int, size_wh: tuple[int, int] = (8, 6)) -> Frame:
    picture = np.full((size_wh[1], size_wh[0], 3), number % 256, np.uint8)
    return Frame(CameraId("cam"), picture, number * 0.1, number)


def never() -> bool:
    return False


def test_the_newest_frame_of_a_camera_wins_and_what_was_missed_shows_in_the_sequence(
    make_slots: MakeSlots,
) -> None:
    name = make_slots(False)
    writer, reader = FrameWriter(name, is_lossless=False), FrameReader(name, is_lossless=False)
    assert reader.take() is None
    for number in range(5):
        assert writer.publish(make_frame(number), wait=never)
    frame = reader.take()
    assert frame is not None
    assert (frame.number, frame.sequence, frame.time_s) == (4, 5, pytest.approx(0.4))
    assert (frame.picture == 4).all()
    assert reader.release(frame)
    assert reader.take() is None


def test_a_frame_that_is_being_read_is_not_overwritten_however_many_follow(make_slots: MakeSlots) -> None:
    name = make_slots(False)
    writer, reader = FrameWriter(name, is_lossless=False), FrameReader(name, is_lossless=False)
    writer.publish(make_frame(1), wait=never)
    frame = reader.take()
    assert frame is not None
    for number in range(2, 12):
        writer.publish(make_frame(number), wait=never)
    assert (frame.picture == 1).all()
    assert reader.release(frame)
    newest = reader.take()
    assert newest is not None
    assert newest.number == 11


def test_a_frame_cannot_be_written_to_by_its_reader(make_slots: MakeSlots) -> None:
    name = make_slots(False)
    writer, reader = FrameWriter(name, is_lossless=False), FrameReader(name, is_lossless=False)
    writer.publish(make_frame(1), wait=never)
    frame = reader.take()
    assert frame is not None
    with pytest.raises(ValueError, match="read-only"):
        frame.picture[0, 0, 0] = 9


@pytest.mark.parametrize("is_lossless", [False, True])
def test_readers_beside_a_fast_writer_never_see_a_torn_picture(
    make_slots: MakeSlots, is_lossless: bool
) -> None:
    name = make_slots(is_lossless)
    frames = 400
    writer = FrameWriter(name, is_lossless=is_lossless)
    reader = FrameReader(name, is_lossless=is_lossless)
    preview = FramePreview(name, is_lossless=is_lossless)

    def pause() -> bool:
        time.sleep(0.0002)  # a reader's own time
        return True

    def write() -> None:
        for number in range(frames):
            writer.publish(make_frame(number, (160, 120)), wait=pause)
        writer.end()

    thread = threading.Thread(target=write)
    thread.start()
    numbers = []
    while not reader.is_ended:
        frame = reader.take()
        if frame is not None:
            is_whole = bool((frame.picture == frame.number % 256).all())
            assert reader.release(frame)
            assert is_whole
            numbers.append(frame.number)
        copied = preview.copy_newest()
        if copied is not None:
            assert (copied[0] == copied[0][0, 0, 0]).all()
    thread.join()
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == frames - 1
    if is_lossless:
        assert numbers == list(range(frames))


def test_a_preview_leaves_rows_out_and_passes_over_what_was_copied_before(make_slots: MakeSlots) -> None:
    name = make_slots(False)
    writer = FrameWriter(name, is_lossless=False)
    preview = FramePreview(name, is_lossless=False)
    picture = np.arange(90, dtype=np.uint8)[:, None, None].repeat(4, axis=1).repeat(3, axis=2)
    writer.publish(Frame(CameraId("door"), picture, 7.5, 1), wait=lambda: False)
    for fit_height_px, rows in ((None, 90), (200, 90), (50, 90), (45, 45), (40, 45), (20, 23)):
        copied = preview.copy_rows(fit_height_px, known_time_s=7.4)
        assert copied is not None
        assert copied.rows.shape == (rows, 4, 3)
        assert copied.rows.flags.c_contiguous
        assert (copied.frame_wh, copied.time_s) == ((4, 90), 7.5)
        assert (copied.rows[:, 0, 0] == picture[:: round(90 / rows), 0, 0]).all()
    assert preview.copy_rows(None, known_time_s=7.5) is None


def test_the_writer_of_a_recording_waits_and_gives_up_when_it_is_told_to(make_slots: MakeSlots) -> None:
    name = make_slots(True)
    writer = FrameWriter(name, is_lossless=True)
    for number in range(LOSSLESS_SLOTS):
        assert writer.publish(make_frame(number), wait=never)
    assert not writer.publish(make_frame(99), wait=never)
    reader = FrameReader(name, is_lossless=True)
    frame = reader.take()
    assert frame is not None
    assert frame.number == 0
    reader.release(frame)
    assert writer.publish(make_frame(LOSSLESS_SLOTS), wait=never)


@pytest.mark.parametrize("is_lossless", [False, True])
def test_pictures_may_change_their_size(make_slots: MakeSlots, is_lossless: bool) -> None:
    name = make_slots(is_lossless)
    writer = FrameWriter(name, is_lossless=is_lossless)
    reader = FrameReader(name, is_lossless=is_lossless)
    for number, size_wh in enumerate([(8, 6), (640, 360), (16, 12), (1280, 720)]):
        assert writer.publish(make_frame(number, size_wh), wait=never)
        frame = reader.take()
        assert frame is not None
        assert frame.picture.shape == (size_wh[1], size_wh[0], 3)
        assert (frame.picture == number).all()
        assert reader.release(frame)


def test_a_second_writer_goes_on_where_a_killed_one_stopped(make_slots: MakeSlots) -> None:
    name = make_slots(False)
    reader = FrameReader(name, is_lossless=False)
    first = FrameWriter(name, is_lossless=False)
    first.begin_link()
    first.publish(make_frame(7), wait=never)
    before = reader.take()
    assert before is not None
    second = FrameWriter(name, is_lossless=False)  # the first reader's pin is still there
    second.begin_link()
    second.publish(make_frame(0), wait=never)
    assert (before.picture == 7).all()
    reader.release(before)
    after = reader.take()
    assert after is not None
    assert (after.sequence, after.number) == (before.sequence + 1, 0)
    assert after.link >> 32 == (before.link >> 32) + 1
    assert after.link & 0xFFFFFFFF == (before.link & 0xFFFFFFFF) + 1


def test_a_second_reader_takes_only_what_is_new(make_slots: MakeSlots) -> None:
    name = make_slots(False)
    writer = FrameWriter(name, is_lossless=False)
    killed = FrameReader(name, is_lossless=False)
    writer.publish(make_frame(1), wait=never)
    assert killed.take() is not None  # and never released
    reader = FrameReader(name, is_lossless=False)
    assert reader.take() is None
    for number in range(2, 6):
        writer.publish(make_frame(number), wait=never)
    frame = reader.take()
    assert frame is not None
    assert frame.number == 5


def test_the_state_of_the_connection_is_seen_by_the_reader(make_slots: MakeSlots) -> None:
    name = make_slots(False)
    writer, reader = FrameWriter(name, is_lossless=False), FrameReader(name, is_lossless=False)
    assert reader.state is LinkState.CONNECTING
    writer.set_state(LinkState.LOST)
    assert reader.state is LinkState.LOST


@as_files
def test_what_dead_owners_left_is_removed_and_what_the_living_use_is_not(
    make_slots: MakeSlots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = make_slots(False)
    FrameWriter(name, is_lossless=False).publish(make_frame(1), wait=never)
    stale = tmp_path / "expoflow-999-0123456789ab"
    stale.write_bytes(b"left")
    (tmp_path / "somebody-elses").write_bytes(b"kept")
    monkeypatch.setattr(shared_segment, "is_alive", lambda pid: pid != 999)
    assert remove_stale_segments() == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [name, f"{name}-g1", "somebody-elses"]


@as_files
def test_segments_are_private(make_slots: MakeSlots, tmp_path: Path) -> None:
    name = make_slots(False)
    assert (tmp_path / name).stat().st_mode & 0o077 == 0


@as_files
def test_too_little_shared_memory_is_an_error_in_words(
    make_slots: MakeSlots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(descriptor: int, offset: int, length: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.posix_fallocate", no_room)
    with pytest.raises(PipelineError, match="shared memory"):
        create_frame_slots("expoflow-1-x", is_lossless=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cause", [FROZEN, DARK])
@pytest.mark.parametrize("is_certain", [False, True])
def test_a_doubt_comes_along_with_its_picture_alone(
    make_slots: MakeSlots, cause: str, is_certain: bool
) -> None:
    name = make_slots(False)
    writer, reader = FrameWriter(name, is_lossless=False), FrameReader(name, is_lossless=False)
    doubt = PictureDoubt(cause, 1234.5, is_certain)
    for number, told in enumerate([None, doubt, None, doubt, None]):
        writer.publish(replace(make_frame(number), doubt=told), wait=never)
        frame = reader.take()
        assert frame is not None
        assert frame.doubt == told
        assert reader.release(frame)
