"""Read sales, badge scans and tickets from CSV files of other systems."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from analytics.domain.errors import Phrase, VenueError
from analytics.domain.external_count import ExternalCount
from app.error_reporting import convert_error

MAX_FILE_BYTES = 50_000_000
PREVIEW_ROWS = 20
MAX_REPORTED = 20
_ENCODINGS = ("utf-8-sig", "gb18030")
_SEPARATORS = ",;\t|"
MAX_NUMBER = 60
_NUMBER = re.compile(r"[^\d\-−]*?([\-−]?)[^\d\-−]*?(\.?\d[\d.,\s'’]*)[^\d\-−]*")
"""A sign and digits surrounded by other text: ``Rs. 500`` is 500, but ``1e5`` is no number."""
_PERSONAL = re.compile(
    r"^(?!(zone|stand|booth|place|location|hall)[\s_-]*name$).*name|mail|phone|mobile|badge.?(id|no|num)|card.?(id|no|num)|姓名|手机|电话|邮箱|证件|卡号",
    re.IGNORECASE,
)
_GUESSES = {
    "time": re.compile(r"time|date|start|begin|hour|时间|日期|开始", re.IGNORECASE),
    "zone": re.compile(r"zone|stand|booth|place|location|展位|展区|区域|位置", re.IGNORECASE),
    "count": re.compile(
        r"count|number|quantity|qty|scans|tickets|transactions|数量|次数|笔数", re.IGNORECASE
    ),
    "amount": re.compile(r"amount|revenue|sales|total|price|金额|销售额|收入", re.IGNORECASE),
}
_TIME_FORMATS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CountColumns:
    """The meaning of the columns; only these are read, so that nothing else of the file is stored.

    Attributes:
        count: column of counts; None counts every row as one.
        zone: column of zones; None assigns all rows to ``fixed_zone`` or to the whole hall.
        length_s: duration of each count from its time on.
    """

    time: str
    count: str | None = None
    zone: str | None = None
    amount: str | None = None
    fixed_zone: str | None = None
    length_s: float = 3600.0


@dataclass(frozen=True, slots=True)
class CountsPreview:
    """The beginning of a file.

    Attributes:
        columns: selectable columns; ``personal`` holds those that are never read.
        rows: first rows with a cell for each of ``columns``.
        guess: guessed meaning of the columns; None without a column of times.
    """

    columns: tuple[str, ...]
    personal: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    guess: CountColumns | None


@dataclass(frozen=True, slots=True)
class CountsReading:
    """The counts of a file.

    Attributes:
        refused: translatable reasons why lines were skipped, for the first of them.
        refused_rows: number of skipped lines.
        unknown_zones: zone names that the venue does not have; their rows are skipped.
    """

    counts: tuple[ExternalCount, ...]
    refused: tuple[Phrase, ...] = ()
    refused_rows: int = 0
    unknown_zones: tuple[str, ...] = ()


def preview_counts(path: Path) -> CountsPreview:
    """Read the beginning of a file.

    Raises:
        VenueError: it cannot be read, or is no table.
    """
    rows = _read_rows(path)
    heads = tuple(next(rows)[1])
    personal = tuple(head for head in heads if _PERSONAL.search(head))
    readable = [at for at, head in enumerate(heads) if head and head not in personal]
    shown = tuple(
        tuple(row[at] if at < len(row) else "" for at in readable)
        for _, row in itertools.islice(rows, PREVIEW_ROWS)
    )
    columns = tuple(heads[at] for at in readable)
    return CountsPreview(columns, personal, shown, _guess(columns))


def read_counts(path: Path, columns: CountColumns, *, time_zone: str, zones: Sequence[str]) -> CountsReading:
    """Read the chosen columns of a file; invalid lines are skipped and reported.

    Times without an offset are local to the venue. Zone names are matched ignoring case.

    Args:
        zones: names of the venue's zones.

    Raises:
        VenueError: the file cannot be read, is no table, or lacks a column.
    """
    rows = _read_rows(path)
    heads = next(rows)[1]
    names = [columns.time, columns.count, columns.zone, columns.amount]
    for name in names:
        if name is not None and name not in heads:
            raise VenueError(
                "{file} has no column '{name}'.",
                "Its columns are: {columns}.",
                file=path.name,
                name=name,
                columns=", ".join(heads),
            )
    at = [None if name is None else heads.index(name) for name in names]
    known = {name.casefold(): name for name in zones}
    zone = ZoneInfo(time_zone)
    counts: list[ExternalCount] = []
    refused: list[Phrase] = []
    unknown: dict[str, None] = {}
    skipped_rows = 0
    for number, row in rows:
        try:
            counts.append(_read_row(row, at, columns, known, zone))
        except _UnknownZoneError as error:
            unknown[str(error)] = None
            skipped_rows += 1
        except (ValueError, IndexError) as error:
            skipped_rows += 1
            if len(refused) < MAX_REPORTED:
                refused.append(
                    Phrase("Line {line} was skipped: {cause}.", {"line": number, "cause": str(error)})
                )
    return CountsReading(tuple(counts), tuple(refused), skipped_rows, tuple(unknown))


class _UnknownZoneError(Exception):
    """An unknown zone; the text is its name."""


def _read_row(
    row: Sequence[str],
    at: Sequence[int | None],
    columns: CountColumns,
    known: dict[str, str],
    zone: ZoneInfo,
) -> ExternalCount:
    time_at, count_at, zone_at, amount_at = at
    assert time_at is not None
    start_s = parse_time(row[time_at], zone)
    count = 1.0 if count_at is None else parse_number(row[count_at])
    if not 0 <= count <= 1e9:
        raise ValueError(f"'{row[count_at or 0]}'")
    place = columns.fixed_zone
    if zone_at is not None and row[zone_at].strip():
        name = row[zone_at].strip()
        if name.casefold() not in known:
            raise _UnknownZoneError(name)
        place = known[name.casefold()]
    amount = None if amount_at is None or not row[amount_at].strip() else parse_number(row[amount_at])
    return ExternalCount(start_s, start_s + columns.length_s, place, count, amount)


def parse_time(text: str, zone: ZoneInfo) -> float:
    """Return the seconds since the epoch of a time in one of the usual formats.

    Raises:
        ValueError: it is no time, or day and month are ambiguous.
    """
    cleaned = " ".join(text.replace("T", " ").split())
    for form in _TIME_FORMATS:
        try:
            at = datetime.strptime(cleaned, form)  # noqa: DTZ007
        except ValueError:
            continue
        return at.replace(tzinfo=zone).timestamp()
    try:
        at = datetime.fromisoformat(cleaned)
    except ValueError:
        raise ValueError(f"'{text[:30]}'") from None
    return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).timestamp()


def parse_number(text: str) -> float:
    """Parse a number with point or comma, optional thousands separators and currency.

    Raises:
        ValueError: it is no number.
    """
    found = _NUMBER.fullmatch(text) if len(text) <= MAX_NUMBER else None
    if found is None:
        raise ValueError(f"'{text[:30]}'")
    cleaned = re.sub(r"[\s'’]", "", found[1] + found[2]).replace("−", "-")
    if "," in cleaned and "." in cleaned:
        mark = max(",.", key=cleaned.rfind)
        cleaned = cleaned.replace("," if mark == "." else ".", "").replace(",", ".")
    elif re.fullmatch(r"-?\d{1,3}(,\d{3})+", cleaned):
        cleaned = cleaned.replace(",", "")
    else:
        cleaned = cleaned.replace(",", ".")
    try:
        return float(cleaned)
    except ValueError:
        raise ValueError(f"'{text[:30]}'") from None


def _read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the stripped rows of a table with line numbers, the heading first."""
    text = _read_text(path)
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:20_000], delimiters=_SEPARATORS)
    except csv.Error:
        dialect = csv.excel
    lines = csv.reader(text.splitlines(), dialect)
    has_heading = False
    try:
        for row in lines:
            cells = [cell.strip() for cell in row]
            if any(cells):
                has_heading = True
                yield lines.line_num, cells
    except csv.Error as error:
        raise _make_unreadable(path) from error
    if not has_heading:
        raise _make_unreadable(path)


def _read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise VenueError(
                "{file} is larger than {most} MB.",
                "Export counts by the hour, or only the days of the exhibition.",
                file=path.name,
                most=MAX_FILE_BYTES // 1_000_000,
            )
        content = path.read_bytes()
    except OSError as error:
        raise convert_error(VenueError, error, file=path) from error
    for encoding in _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _make_unreadable(path)


def _guess(columns: Sequence[str]) -> CountColumns | None:
    found: dict[str, str] = {}
    for meaning, pattern in _GUESSES.items():
        match = next((name for name in columns if name not in found.values() and pattern.search(name)), None)
        if match is not None:
            found[meaning] = match
    if "time" not in found:
        return None
    return CountColumns(found["time"], found.get("count"), found.get("zone"), found.get("amount"))


def _make_unreadable(path: Path) -> VenueError:
    return VenueError(
        "{file} is not a readable table.",
        "Export it as CSV with a header row, in UTF-8 or GB 18030.",
        file=path.name,
    )
