from __future__ import annotations

import csv
from pathlib import Path

import pytest

from analytics.domain.errors import OutputError
from analytics.results.cell_text import disarm
from app.core.table_file import format_tsv, write_csv_file


def test_a_file_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "停留.csv"
    rows = [["展台, 一", "3.5"], ['the "big" one', "-2"]]
    write_csv_file(path=path, titles=["zone", "s"], rows=rows)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as content:
        assert list(csv.reader(content)) == [["zone", "s"], *rows]
    assert [entry.name for entry in tmp_path.iterdir() if entry.suffix == ".csv"] == ["停留.csv"]


def test_no_spreadsheet_runs_a_zones_name() -> None:
    assert disarm('=HYPERLINK("x")') == '\'=HYPERLINK("x")'
    assert disarm("@stand") == "'@stand"
    assert disarm("-12.5") == "-12.5"
    assert disarm("stand = 3") == "stand = 3"


def test_cells_on_the_clipboard_stay_in_their_columns() -> None:
    assert format_tsv(titles=["a", "b"], rows=[["one\ttwo", "x\ny"]]) == "a\tb\none two\tx y"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(OutputError) as caught:
        write_csv_file(path=tmp_path / "none" / "a.csv", titles=["a"], rows=[])
    assert "a.csv" in caught.value.problem
    assert caught.value.remedy
