"""Files of detections in every spelling give the same frames, and their bad rows are named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics.domain.errors import DetectionFileError
from analytics.domain.identifiers import CameraId
from app.analysis.detection_file import CameraFrames, SkippedRows, check_detections, read_detection_rows
from tests.support.halls.walked_detections import HEADING, SIZE_WH, WalkedFiles, make_walked_files

NORTH = CameraId("north")
EAST = CameraId("东门")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> WalkedFiles:
    return make_walked_files(tmp_path_factory.mktemp("walked"))


@pytest.fixture(scope="module")
def clean(walked: WalkedFiles) -> CameraFrames:
    (frames,), skipped = read(walked.detections)
    assert skipped.total == skipped.reordered == 0
    return frames


def read(
    file: Path,
    *,
    cameras: tuple[CameraId, ...] = (NORTH,),
    camera: str | None = None,
    fps: float | None = None,
) -> tuple[tuple[CameraFrames, ...], SkippedRows]:
    rows = read_detection_rows(file, camera=camera, fps=fps)
    sizes = dict.fromkeys(cameras, SIZE_WH)
    return check_detections(rows, known=cameras, frame_sizes_wh=sizes, file=file.name)


def read_lines(tmp_path: Path, *lines: str) -> tuple[tuple[CameraFrames, ...], SkippedRows]:
    file = tmp_path / "lines.csv"
    file.write_text("\n".join([HEADING, *lines]), encoding="utf-8")
    return read(file)


def assert_same(frames: CameraFrames, expected: CameraFrames) -> None:
    assert frames.camera == expected.camera
    np.testing.assert_array_equal(frames.times_s, expected.times_s)
    np.testing.assert_array_equal(frames.borders, expected.borders)
    np.testing.assert_allclose(frames.xyxy, expected.xyxy, atol=1e-4)
    np.testing.assert_array_equal(frames.score, expected.score)


def test_frames_hold_their_boxes_by_score(clean: CameraFrames, walked: WalkedFiles) -> None:
    assert len(clean.times_s) == 300
    assert clean.interval_s == pytest.approx(0.1)
    counts = np.diff(clean.borders)
    assert counts[0] == 0
    assert counts.max() == 3
    assert counts.sum() == sum(not row.endswith(",,,,,") for row in walked.rows)
    for first, last in zip(clean.borders[:-1], clean.borders[1:], strict=True):
        assert (np.diff(clean.score[first:last]) <= 0).all()


def test_a_spreadsheets_csv_is_the_same(walked: WalkedFiles, clean: CameraFrames, tmp_path: Path) -> None:
    text = walked.detections.read_text(encoding="utf-8").replace("\n", "\r\n")
    file = tmp_path / "spreadsheet.csv"
    file.write_bytes(b"\xef\xbb\xbf" + text.encode() + b"\r\n\r\n")
    (frames,), skipped = read(file)
    assert skipped.total == 0
    assert_same(frames, clean)


def test_parquet_with_other_columns_is_the_same(
    walked: WalkedFiles, clean: CameraFrames, tmp_path: Path
) -> None:
    table = pd.read_csv(walked.detections)[["score", "y2", "x2", "y1", "x1", "camera", "time_s"]]
    table.assign(note="n").to_parquet(tmp_path / "detections.parquet")
    (frames,), skipped = read(tmp_path / "detections.parquet")
    assert skipped.total == 0
    assert_same(frames, clean)


def test_a_mot_file_counts_every_frame_up_to_its_last(
    walked: WalkedFiles, clean: CameraFrames, tmp_path: Path
) -> None:
    table = pd.read_csv(walked.detections).dropna()
    table = table.assign(frame=(table["time_s"] * 10).round().astype(int) + 1, id=-1)
    table = table.assign(width=table["x2"] - table["x1"], height=table["y2"] - table["y1"], a=-1, b=-1, c=-1)
    columns = ["frame", "id", "x1", "y1", "width", "height", "score", "a", "b", "c"]
    file = tmp_path / "det.txt"
    table.sort_values("score", kind="stable")[columns].to_csv(file, index=False, header=False)
    (frames,), skipped = read(file, camera="north", fps=10.0)
    assert skipped.total == 0
    seen = table["frame"].max()
    np.testing.assert_allclose(frames.times_s, clean.times_s[:seen])
    np.testing.assert_array_equal(np.diff(frames.borders), np.diff(clean.borders)[:seen])
    np.testing.assert_allclose(frames.xyxy, clean.xyxy, atol=1e-3)


def test_cameras_one_after_the_other_are_in_order(tmp_path: Path) -> None:
    files = make_walked_files(tmp_path / "two", cameras=("north", "东门"))
    merged, skipped = read(files.detections, cameras=(NORTH, EAST))
    assert skipped.total == 0
    blocks = [[row for row in files.rows if f",{name}," in row] for name in (EAST, NORTH)]
    apart, skipped = read(
        files.write(tmp_path / "apart.csv", [row for block in blocks for row in block]), cameras=(NORTH, EAST)
    )
    assert skipped.total == 0
    for frames, expected in zip(apart, merged, strict=True):
        assert_same(frames, expected)


def test_a_bad_box_leaves_its_frame_analysed(tmp_path: Path) -> None:
    (frames,), skipped = read_lines(tmp_path, "0,north,1,1,20,30,0.9", "1,north,nan,1,20,30,0.9")
    assert frames.times_s.tolist() == [0.0, 1.0]
    assert np.diff(frames.borders).tolist() == [1, 0]
    assert skipped.counts == {"nan_box": 1}
    assert skipped.lines == {"nan_box": (3,)}


def test_a_slip_ahead_does_not_cost_what_follows(tmp_path: Path) -> None:
    good = [f"{number / 10},north,1,1,20,30,0.9" for number in range(50)]
    (frames,), skipped = read_lines(tmp_path, *good[:20], "400000,north,1,1,20,30,0.9", *good[20:])
    assert len(frames.times_s) == 50
    assert skipped.counts == {"out_of_order": 1}
    (frames,), skipped = read_lines(tmp_path, *good, "400000,north,1,1,20,30,0.9")
    assert len(frames.times_s) == 50
    assert skipped.counts == {"far_in_time": 1}


def test_a_clock_that_is_set_back_is_skipped_until_it_catches_up(tmp_path: Path) -> None:
    before = [f"{number / 10},north,1,1,20,30,0.9" for number in range(100)]
    after = [f"{5 + number / 10},north,1,1,20,30,0.8" for number in range(200)]
    (frames,), skipped = read_lines(tmp_path, *before, *after)
    assert len(frames.times_s) == 250
    assert skipped.reordered == 0
    # of the time that was twice, either can be taken; a tie with the first moment after it is in order
    assert set(skipped.counts) == {"clock_set_back"}
    assert skipped.total in (49, 50)


def test_many_rows_that_are_skipped_say_what_helps(tmp_path: Path) -> None:
    good = [f"{number / 10},north,1,1,20,30,0.9" for number in range(90)]
    beyond = [f"{9 + number / 10},north,5000,1,5020,30,0.9" for number in range(11)]
    _frames, few = read_lines(tmp_path, *good, *beyond[:9])
    assert few.share == pytest.approx(9 / 99)
    assert few.remedy is None
    _frames, many = read_lines(tmp_path, *good, *beyond)
    assert many.share == pytest.approx(11 / 101)
    assert many.remedy is not None
    assert "--frame-size" in many.remedy


def test_short_lines_and_blank_names_are_named(tmp_path: Path) -> None:
    (frames,), skipped = read_lines(tmp_path, "0,north,1,1,20,30,0.9", "0.1,north", "", "0.1,,1,1,2,2,0.5")
    assert len(frames.times_s) == 1
    assert skipped.counts == {"too_few_columns": 1, "unknown_camera": 1}
    assert skipped.lines == {"too_few_columns": (3,), "unknown_camera": (5,)}


def test_nothing_usable_names_the_commonest_fault(tmp_path: Path) -> None:
    with pytest.raises(DetectionFileError, match="no time") as caught:
        read_lines(tmp_path, "x,north,1,1,20,30,0.9", "y,north,1,1,20,30,0.9", "1,south,1,1,2,2,0.1")
    assert "line 2" in caught.value.problem
