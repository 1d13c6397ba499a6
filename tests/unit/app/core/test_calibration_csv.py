from __future__ import annotations

from pathlib import Path

import pytest

from analytics.domain.camera import PointPair
from analytics.domain.errors import CalibrationError, OutputError
from analytics.domain.identifiers import CameraId
from app.core.calibration_csv import read_calibration, write_calibration
from tests.unit.app.core.venues import PAIRS

HEADING = "camera,u_px,v_px,x_m,y_m\n"
ROWS = "".join(f"cam,{p.u_px},{p.v_px},{p.x_m},{p.y_m}\n" for p in PAIRS)


def read_text(tmp_path: Path, text: str, encoding: str = "utf-8") -> dict[CameraId, tuple[PointPair, ...]]:
    file = tmp_path / "pairs.csv"
    file.write_bytes(text.encode(encoding))
    return read_calibration(file)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    pairs = {CameraId('north, "1"'): PAIRS, CameraId("南"): (*PAIRS, PointPair(0.1, 1e-7, -3.25, 1 / 3))}
    write_calibration(tmp_path / "pairs.csv", pairs)
    assert read_calibration(tmp_path / "pairs.csv") == pairs
    assert (tmp_path / "pairs.csv").read_text(encoding="utf-8").startswith(HEADING)


@pytest.mark.parametrize(
    "text",
    [
        HEADING + ROWS,
        "\ufeff" + HEADING + ROWS,
        (HEADING + ROWS).replace("\n", "\r\n"),
        (HEADING + ROWS).replace("\n", "\n\n").replace(",", ", "),
        HEADING + ROWS + ",,,,\n  ,,,,\n",
        (HEADING + ROWS).rstrip("\n"),
    ],
)
def test_files_of_other_programs_are_read(tmp_path: Path, text: str) -> None:
    assert read_text(tmp_path, text) == {"cam": PAIRS}


def test_columns_are_found_by_name(tmp_path: Path) -> None:
    rows = "".join(f"note,{p.x_m},{p.y_m},cam,{p.u_px},{p.v_px}\n" for p in PAIRS)
    assert read_text(tmp_path, "remark,x_m,y_m,camera,u_px,v_px\n" + rows) == {"cam": PAIRS}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1 lacks the columns camera, u_px, v_px, x_m, y_m"),
        ("camera,u_px,v_px,x_m\n", "line 1 lacks the columns y_m"),
        ("camera;u_px;v_px;x_m;y_m\n", "line 1 lacks the columns"),
        (HEADING, "contains no point pairs"),
        (HEADING + ROWS + "cam,1,2,x,4\n", "line 6: x_m is 'x', not a number"),
        (HEADING + ROWS + "cam,1,2,,4\n", "line 6: x_m is empty, not a number"),
        (HEADING + ROWS + "cam,1,2,3\n", "line 6: y_m is empty, not a number"),
        (HEADING + ROWS + "cam,nan,2,3,4\n", "line 6: u_px is 'nan', not a number"),
        (HEADING + ROWS + "cam,1,1e999,3,4\n", "line 6: v_px is '1e999', not a number"),
        (HEADING + ROWS + ",1,2,3,4\n", "line 6 has no camera name"),
        (HEADING + ROWS + "other,1,2,3,4\n", "camera 'other' has 1 point pairs"),
        (HEADING + 'cam,"1,2,3,4\n', "is not CSV"),
        (HEADING + "cam," + "1" * 200_000 + ",2,3,4\n", "is not CSV"),
    ],
)
def test_a_bad_file_is_refused_with_the_line(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(CalibrationError, match=words) as caught:
        read_text(tmp_path, text)
    assert caught.value.problem.startswith("pairs.csv")


def test_another_encoding_and_a_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(CalibrationError, match="UTF-8"):
        read_text(tmp_path, HEADING + ROWS.replace("cam", "中文"), encoding="gbk")
    with pytest.raises(CalibrationError, match=r"There is no '.*absent\.csv'"):
        read_calibration(tmp_path / "absent.csv")
    with pytest.raises(OutputError, match="does not exist"):
        write_calibration(tmp_path / "absent" / "pairs.csv", {})
