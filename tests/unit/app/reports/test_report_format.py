"""The format of a report that is saved under a name."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.reports.report_template import ReportFormat, choose_format, name_file


@pytest.mark.parametrize(
    ("name", "chosen", "written"),
    [
        ("day.xlsx", ReportFormat.PDF, "day.xlsx"),
        ("day", ReportFormat.PDF, "day.pdf"),
        ("day.PDF", ReportFormat.XLSX, "day.PDF"),
        ("hall v1.2", ReportFormat.PDF, "hall v1.2.pdf"),
        ("day.zip", ReportFormat.PARQUET, "day.zip"),
    ],
)
def test_the_ending_decides_and_otherwise_the_chosen_format(
    name: str, chosen: ReportFormat, written: str
) -> None:
    file = Path(name)
    assert name_file(file, choose_format(file, chosen)).name == written


def test_an_archive_keeps_the_chosen_tables() -> None:
    assert choose_format(Path("day.zip"), ReportFormat.PARQUET) is ReportFormat.PARQUET
    assert choose_format(Path("day.zip"), ReportFormat.PDF) is ReportFormat.CSV
