"""Counts of other systems: files as these write them, what is left out and told, and what is never read."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from analytics.domain.errors import VenueError
from analytics.domain.external_count import CountKind, ExternalCount
from app.timeline.counts_file import (
    CountColumns,
    parse_number,
    parse_time,
    preview_counts,
    read_counts,
)
from app.timeline.counts_store import CountSource, read_sources, remove_source, write_source

TEN_S = datetime(2026, 11, 24, 2, 0, tzinfo=UTC).timestamp()
"""Ten o'clock in Shanghai."""


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    file = tmp_path / "till.csv"
    file.write_bytes(text.encode(encoding))
    return file


def test_a_table_is_previewed_guessed_and_read(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "Date;Stand;Customer name;Transactions;Amount\n"
        "24.11.2026 10:00;café;Ms Li;12;1.234,50 €\n"
        "24.11.2026 11:00;Stage;Mr Wu;3;\n",
    )
    preview = preview_counts(file)
    assert preview.personal == ("Customer name",)
    assert "Customer name" not in preview.columns
    assert preview.guess == CountColumns("Date", "Transactions", "Stand", "Amount")
    found = read_counts(file, preview.guess, time_zone="Asia/Shanghai", zones=("Café", "Stage"))
    assert found.counts == (
        ExternalCount(TEN_S, TEN_S + 3600, "Café", 12.0, 1234.5),
        ExternalCount(TEN_S + 3600, TEN_S + 7200, "Stage", 3.0, None),
    )


def test_chinese_files_are_read(tmp_path: Path) -> None:
    file = write(tmp_path, "时间,展位,数量\n2026年11月24日 10:00,咖啡厅,7\n", "gb18030")
    preview = preview_counts(file)
    assert preview.guess == CountColumns("时间", "数量", "展位", None)
    (count,) = read_counts(file, preview.guess, time_zone="Asia/Shanghai", zones=("咖啡厅",)).counts
    assert (count.start_s, count.zone, count.count) == (TEN_S, "咖啡厅", 7.0)


def test_lines_that_make_no_sense_are_told_and_left_out(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "time,zone,count\n2026-11-24T10:00,A,1\nyesterday,A,1\n2026-11-24T11:00,Nowhere,1\n"
        "2026-11-24T12:00,A,many\n2026-11-24T12:00,A,-4\n2026-11-24\n",
    )
    found = read_counts(file, CountColumns("time", "count", "zone"), time_zone="UTC", zones=("A",))
    assert len(found.counts) == 1
    assert found.refused_rows == 5
    assert found.unknown_zones == ("Nowhere",)
    assert [words.fields["line"] for words in found.refused] == [3, 5, 6, 7]


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), ("1,5", 1.5), ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("1,234", 1234), ("¥ 3 000", 3000),
     ("−2.5", -2.5), ("Rs. 500", 500), ("-$4.50", -4.5), ("3 000 EUR", 3000)],
)  # fmt: skip
def test_numbers_are_read_as_systems_write_them(text: str, number: float) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "--", "1e5", "12:30", "2 x 3", "9" * 100])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="'"):
        parse_number(text)


def test_the_name_of_a_place_is_nobodys(tmp_path: Path) -> None:
    file = write(
        tmp_path, "time,Stand name,Contact name,Customer of the stand name\n2026-11-24T10:00,A,B,C\n"
    )
    found = preview_counts(file)
    assert found.columns == ("time", "Stand name")
    assert found.personal == ("Contact name", "Customer of the stand name")


def test_days_and_months_that_could_be_exchanged_are_no_time() -> None:
    with pytest.raises(ValueError, match="04/05/2026"):
        parse_time("04/05/2026", ZoneInfo("UTC"))
    assert parse_time("2026-11-24T10:00:00+08:00", ZoneInfo("UTC")) == TEN_S


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02", b"\xff\xff\xff\xff"])
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "some.csv"
    file.write_bytes(content)
    with pytest.raises(VenueError, match=r"some\.csv"):
        preview_counts(file)
    with pytest.raises(VenueError, match="no column"):
        read_counts(write(tmp_path, "a,b\n1,2\n"), CountColumns("time"), time_zone="UTC", zones=())


def test_counts_are_kept_by_system_and_replaced(tmp_path: Path) -> None:
    counts = (
        ExternalCount(TEN_S, TEN_S + 60, None, 2.0),
        ExternalCount(TEN_S, TEN_S + 60, "Café, hot", 1.5, 9.99),
    )
    till = CountSource("Till 1", CountKind.SALES, counts)
    write_source(tmp_path, till)
    write_source(tmp_path, CountSource("doors", CountKind.TICKETS, counts[:1]))
    assert read_sources(tmp_path) == (till, CountSource("doors", CountKind.TICKETS, counts[:1]))
    write_source(tmp_path, CountSource("Till 1", CountKind.BADGES, counts[1:]))
    assert read_sources(tmp_path)[0] == CountSource("Till 1", CountKind.BADGES, counts[1:])
    remove_source(tmp_path, "Till 1")
    assert [source.name for source in read_sources(tmp_path)] == ["doors"]
    with pytest.raises(VenueError):
        write_source(tmp_path, CountSource("../..", CountKind.SALES, ()))
    (tmp_path / "counts" / "bad.csv").write_text("kind,start_utc\nsales,now\n")
    with pytest.raises(VenueError, match="bad"):
        read_sources(tmp_path)


def test_systems_whose_names_differ_in_case_alone_are_one_as_on_windows(tmp_path: Path) -> None:
    one = ExternalCount(TEN_S, TEN_S + 60.0, None, 3.0)
    write_source(tmp_path, CountSource("Door", CountKind.TICKETS, ()))
    write_source(tmp_path, CountSource("DOOR", CountKind.TICKETS, (one,)))

    assert [(source.name, source.counts) for source in read_sources(tmp_path)] == [("Door", (one,))]
    with pytest.raises(VenueError, match="not a valid file name"):
        write_source(tmp_path, CountSource("Nul", CountKind.TICKETS, ()))
