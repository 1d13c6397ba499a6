from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.clock import SystemClock
from analytics.domain.errors import SourceError
from tests.support.reports.clips import encode_jpegs
from tests.support.servers.opened_sources import HALL, numbers_of, opened, read_all
from vision.sources.frame_sampler import FrameSampler
from vision.sources.frame_source import SourceAddress, SourceKind, SourceReport
from vision.sources.image_sequence_source import ImageSequenceSource, list_pictures


def make_source(
    folder: Path,
    *,
    images_fps: float | None = 10.0,
    analysed_fps: float | None = None,
    start_utc_s: float | None = None,
    reports: list[SourceReport] | None = None,
) -> ImageSequenceSource:
    return ImageSequenceSource(
        address=SourceAddress(SourceKind.IMAGES, str(folder), images_fps=images_fps, start_utc_s=start_utc_s),
        camera=HALL,
        sampler=FrameSampler(analysed_fps=analysed_fps),
        clock=SystemClock(),
        listener=None if reports is None else reports.append,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "Bilder größer"
    folder.mkdir()
    for number, content in enumerate(encode_jpegs(count=12)):
        (folder / f"img{number}.jpg").write_bytes(content)
    (folder / "notes.txt").write_text("not a picture")
    return folder


def test_pictures_come_in_the_order_of_their_numbers(folder: Path) -> None:
    with opened(make_source(folder)) as source:
        frames = read_all(source)
    assert numbers_of(frames) == list(range(12))
    assert [frame.time_s for frame in frames] == pytest.approx([index / 10 for index in range(12)])


def test_due_pictures_only_with_their_time_of_day(folder: Path) -> None:
    with opened(make_source(folder, analysed_fps=5.0, start_utc_s=1000.0)) as source:
        frames = read_all(source)
    assert numbers_of(frames) == [0, 2, 4, 6, 8, 10]
    assert [frame.number for frame in frames] == [0, 2, 4, 6, 8, 10]
    assert frames[-1].time_s == pytest.approx(1001.0)


def test_a_picture_that_cannot_be_read_is_named_counted_and_leaves_its_time_free(folder: Path) -> None:
    (folder / "img3.jpg").write_bytes(b"broken")
    (folder / "img4.jpg").write_bytes(b"")
    reports: list[SourceReport] = []
    with opened(make_source(folder, reports=reports)) as source:
        frames = read_all(source)
    assert numbers_of(frames) == [0, 1, 2, 5, 6, 7, 8, 9, 10, 11]
    assert frames[3].time_s == pytest.approx(0.5)
    assert source.counters.unreadable == 2
    assert ["img3.jpg" in reports[0].detail, "img4.jpg" in reports[1].detail] == [True, True]


def test_a_folder_of_broken_pictures_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"broken")
    with opened(make_source(tmp_path)) as source, pytest.raises(SourceError, match="None of the pictures"):
        read_all(source)


@pytest.mark.parametrize("images_fps", [None, 0.0, -5.0])
def test_the_rate_must_be_known(folder: Path, images_fps: float | None) -> None:
    with pytest.raises(SourceError, match="pictures per second"):
        make_source(folder, images_fps=images_fps).open()


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no pictures"):
        make_source(tmp_path / "absent").open()


def test_natural_order_does_not_mix_up_digits_and_words(tmp_path: Path) -> None:
    names = ["frame10.png", "frame9.png", "frame1.jpg", "Frame2.JPG", "007.png", "b.png", "6.png"]
    for name in names:
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in list_pictures(tmp_path)] == [
        "6.png",
        "007.png",
        "b.png",
        "frame1.jpg",
        "Frame2.JPG",
        "frame9.png",
        "frame10.png",
    ]


def test_closing_ends_the_sequence(folder: Path) -> None:
    with opened(make_source(folder)) as source:
        assert source.read() is not None
        source.close()
        assert source.read() is None
