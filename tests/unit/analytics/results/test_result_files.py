from __future__ import annotations

import errno
import json
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from analytics.columns import CROSSING_COLUMNS, VISIT_COLUMNS
from analytics.domain.errors import ExpoFlowError, OutputError
from analytics.evaluation.result_reading import read_result_files
from analytics.results import result_files
from analytics.results.result_files import (
    RESULT_FILES,
    TRACKS_SCHEMA,
    describe_failed_write,
    write_result_files,
)
from tests.support.halls.known_crowd import make_track_table


def make_tracks() -> pd.DataFrame:
    tracks = make_track_table(
        time_s=[0.0, 0.2, 0.4], tracklet=[1, 1, 2], x_m=[1.5, 2.5, 3.5], y_m=[0.5, 0.5, 0.5], sigma_m=0.2
    )
    tracks["visitor"] = pd.array([1, pd.NA, 1], dtype="Int64")
    tracks.loc[1, "height_m"] = 1.75
    return tracks


def make_visits(zone: str = "standA") -> pd.DataFrame:
    rows = [(1, zone, 0.1 + 0.2, 5.0, 4.7, 0, 1)]
    return pd.DataFrame(rows, columns=[column.name for column in VISIT_COLUMNS])


def make_crossings() -> pd.DataFrame:
    return pd.DataFrame([(1, "door", 2.25, "in")], columns=[column.name for column in CROSSING_COLUMNS])


def write(folder: Path, **changed: object) -> None:
    content: dict = {
        "tracks": make_tracks(),
        "visits": make_visits(),
        "crossings": make_crossings(),
        "summary": {"format": 1, "start_utc": None, "duration_s": 10.0},
    }
    write_result_files(out_folder=folder, **{**content, **changed})


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_four_files_have_their_columns_and_types(tmp_path: Path) -> None:
    write(tmp_path / "new" / "out")
    out = tmp_path / "new" / "out"
    assert names(out) == sorted(RESULT_FILES)
    table = pq.read_table(out / "tracks.parquet")
    assert table.schema.equals(TRACKS_SCHEMA)
    assert table.column("visitor").to_pylist() == [1, None, 1]
    assert table.column("height_m").to_pylist() == [None, 1.75, None]
    assert table.column("x_m").to_pylist() == [1.5, 2.5, 3.5]
    assert (out / "visits.csv").read_text("utf-8") == (
        "visitor,zone,entered_s,left_s,seconds,censored_start,censored_end\n1,standA,0.3,5.0,4.7,0,1\n"
    )
    assert (out / "crossings.csv").read_text("utf-8") == "visitor,line,time_s,direction\n1,door,2.25,in\n"
    assert json.loads((out / "summary.json").read_text("utf-8")) == {
        "format": 1,
        "start_utc": None,
        "duration_s": 10.0,
    }


def test_equal_input_gives_equal_bytes_in_whatever_order_the_rows_come(tmp_path: Path) -> None:
    write(tmp_path / "a")
    write(tmp_path / "b", tracks=make_tracks().iloc[::-1])
    for name in RESULT_FILES:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_formula_like_names_are_escaped_and_read_back(tmp_path: Path) -> None:
    hostile = '=HYPERLINK("http://198.51.100.1";"A")'
    write(tmp_path, visits=make_visits(hostile))
    assert pd.read_csv(tmp_path / "visits.csv")["zone"].tolist() == [f"'{hostile}"]
    assert read_result_files(tmp_path).visits["zone"].tolist() == [hostile]


def test_a_failed_write_leaves_the_earlier_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    before = {name: (tmp_path / name).read_bytes() for name in RESULT_FILES}

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(result_files, "_write_json", fail)
    with pytest.raises(OutputError, match="disk is full"):
        write(tmp_path, visits=make_visits("another"))
    assert names(tmp_path) == sorted(RESULT_FILES)
    assert {name: (tmp_path / name).read_bytes() for name in RESULT_FILES} == before


def test_nan_is_rejected_before_writing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Out of range float"):
        write(tmp_path, summary={"mean": float("nan")})
    assert names(tmp_path) == []


def test_missing_columns_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(ExpoFlowError, match="lacks the columns zone"):
        write(tmp_path, visits=make_visits().drop(columns="zone"))
    assert names(tmp_path) == []


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "visits.csv").mkdir()
    with pytest.raises(OutputError, match="a file with that name already exists"):
        write(tmp_path)
    assert names(tmp_path) == ["visits.csv"]


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (errno.EACCES, "No permission to write to"),
        (errno.EROFS, "No permission to write to"),
        (errno.ENOSPC, "disk is full"),
        (errno.EIO, "could not be written"),
    ],
)
def test_failed_writes_are_explained(code: int, sentence: str) -> None:
    error = describe_failed_write(OSError(code, "reason"), Path("results"))
    assert sentence in error.problem
    assert "results" in error.problem
    assert error.remedy
