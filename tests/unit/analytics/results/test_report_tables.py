"""The numbers of a report in workbooks and tables for machines: typed, dated, without strangers' formulas."""

from __future__ import annotations

import csv
import dataclasses
from datetime import datetime
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from analytics.results.table_writer import COLUMNS_FILE, write_csv_tables, write_parquet_tables
from analytics.results.xlsx_writer import write_xlsx
from tests.support.reports.sample_report import DANGEROUS, START_S, make_sample_report


def test_a_workbook_has_typed_cells_and_a_sheet_for_each_table(tmp_path: Path) -> None:
    file = tmp_path / "report.xlsx"
    write_xlsx(file, make_sample_report())
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == ["每日概要", "展区停留", "各展区平均停留", "在馆人数", "定义"]
    sheet = book["展区停留"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0] == [
        "展区",
        "到访",
        "平均停留 (秒)",
        "平均停留 ≥ (秒)",
        "平均停留 ≤ (秒)",
        "首次",
        "观测比例",
    ]
    # the venue's own clock
    assert rows[1] == ["机器人", 412, 42.123456, 40, 44.5, datetime(2026, 11, 24, 10, 1, 1, 500_000), 0.987]  # noqa: DTZ001
    assert rows[2] == ["咖啡厅", None, None, None, None, None, 0]
    assert rows[3][0] == DANGEROUS
    assert sheet["A4"].data_type == "s"
    assert sheet["A6"].value == "咖啡厅未观测。"
    assert sheet.auto_filter.ref == "A1:G4"
    assert sheet.freeze_panes == "B2"
    assert sheet["G2"].number_format == "0.0 %"
    words = {**make_sample_report().words, "share": "{share}%"}
    write_xlsx(tmp_path / "chinese.xlsx", dataclasses.replace(make_sample_report(), words=words))
    chinese = openpyxl.load_workbook(tmp_path / "chinese.xlsx")
    assert chinese["展区停留"]["G2"].number_format == "0.0%"
    for name in ("各展区平均停留", "在馆人数"):
        assert len(book[name]._charts) == 1  # type: ignore[attr-defined]
    assert book["在馆人数"]["B3"].value is None
    overview = {str(cell.value) for row in book["每日概要"].iter_rows() for cell in row if cell.value}
    assert {"今天有 1,008 人进入展馆。", "客流量", "1008", "40 至 45 秒"} <= overview
    assert "停留至少 3 秒的次数。" in {cell.value for cell in book["定义"]["B"]}


def test_csv_files_have_described_columns(tmp_path: Path) -> None:
    write_csv_tables(tmp_path, make_sample_report())
    with (tmp_path / "zones.csv").open(encoding="utf-8", newline="") as stream:
        first, second, third = csv.DictReader(stream)
    assert first["mean_dwell_s"] == "42.123456"
    assert (first["mean_dwell_s_low"], first["mean_dwell_s_high"]) == ("40.0", "44.5")
    assert first["first_utc"] == "2026-11-24T02:01:01.500Z"
    assert first["first_local"] == "2026-11-24T10:01:01.500+08:00"
    assert (second["visits"], second["mean_dwell_s"], second["first_utc"]) == ("", "", "")
    assert third["zone"] == f"'{DANGEROUS}"
    with (tmp_path / COLUMNS_FILE).open(encoding="utf-8", newline="") as stream:
        described = {row["column"]: row for row in csv.DictReader(stream)}
    assert set(described) == set(first)
    assert described["visits"]["definition"] == "停留至少 3 秒的次数。"


def test_parquet_files_keep_types_and_missing_values(tmp_path: Path) -> None:
    write_parquet_tables(tmp_path, make_sample_report())
    frame = pd.read_parquet(tmp_path / "zones.parquet")
    assert frame["visits"].tolist()[0] == 412
    assert frame["visits"].isna().tolist() == [False, True, False]
    assert frame["mean_dwell_s"].iloc[0] == pytest.approx(42.123456)
    assert pd.Timestamp(frame["first_utc"].iloc[2]).timestamp() == START_S
    assert frame["zone"].iloc[2] == DANGEROUS
