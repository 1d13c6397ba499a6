"""Exhibitors, rents, targets and sponsors of stands, from pasted cells and from CSV and XLSX files."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from functools import partial
from pathlib import Path

from analytics.domain.errors import ExpoFlowError, Phrase, VenueError
from analytics.domain.zone_targets import ZoneTargets, check_targets
from app.core.document import Venue
from app.error_reporting import convert_error
from app.plan.edit_plan import SetStands
from app.timeline.counts_file import parse_number

MAX_ROWS = 2000
MAX_UNPACKED_BYTES = 100_000_000
Rows = Sequence[Sequence[str]]


class StandField(StrEnum):
    """A column of stands, in the order of the table; the values are the names in files."""

    STAND = "stand"
    EXHIBITOR = "exhibitor"
    RENT = "rent"
    VISITS = "visits_per_day"
    ENGAGED = "engaged_per_day"
    NEEDED = "needed_s"
    SPONSOR = "sponsor"


FIELD_TITLES: Mapping[StandField, Phrase] = {
    StandField.STAND: Phrase("Stand"),
    StandField.EXHIBITOR: Phrase("Exhibitor"),
    StandField.RENT: Phrase("Rent for the show"),
    StandField.VISITS: Phrase("Visits a day"),
    StandField.ENGAGED: Phrase("Engaged visits a day"),
    StandField.NEEDED: Phrase("Time needed (s)"),
    StandField.SPONSOR: Phrase("Sponsor"),
}
_FIELD_NAMES = {
    StandField.ENGAGED: re.compile(r"engaged|深度|参与", re.IGNORECASE),
    StandField.NEEDED: re.compile(r"needed|所需", re.IGNORECASE),
    StandField.VISITS: re.compile(r"visits?\b|visits_|到访|参观|访问", re.IGNORECASE),
    StandField.RENT: re.compile(r"\brent|\bfee\b|租金|租赁|费用", re.IGNORECASE),
    StandField.SPONSOR: re.compile(r"sponsor|赞助", re.IGNORECASE),
    StandField.EXHIBITOR: re.compile(r"exhibitor|company|展商|公司|企业", re.IGNORECASE),
    StandField.STAND: re.compile(r"stand|booth|zone|展位|展台|展区|区域", re.IGNORECASE),
}
"""Titles of each field; the first that matches counts, so that "Rent of the stand" is a rent."""
_CLEARED = "–-—−"
"""Cells that empty a field, the first as exports write it; an empty cell leaves it as it is."""
_YES = frozenset({"yes", "y", "true", "1", "x", "✓", "是", "对"})
_NO = frozenset({"no", "n", "false", "0", "否", "不是"})
_UNIT = re.compile(r"[(（]\s*([^)）]{1,8}?)\s*[)）]")
_AMOUNT = re.compile(r"[^\d,;|\t]*\d[\d.'’ \u00a0]*(?:,\d{3})*(?:[.,]\d{1,2})?[^\d,;|\t]*")
"""A number with or without a currency."""
_AMBIGUOUS = re.compile(r"\D*\d{1,3}\.\d{3}\D*")
"""Thousand and a half in English, thousands in German."""


@dataclass(frozen=True, slots=True)
class StandImportRow:
    """A row of an import.

    Attributes:
        number: of the row, from 1, as a spreadsheet counts.
        name: the stand as written, or as the place in the table gives it.
        before, after: None if the row is wrong.
        problem, remedy: None if it is right.
    """

    number: int
    name: str
    before: ZoneTargets | None = None
    after: ZoneTargets | None = None
    problem: Phrase | None = None
    remedy: Phrase | None = None


@dataclass(frozen=True, slots=True)
class StandImport:
    """Changes that an import would make, row by row.

    Attributes:
        fields: that the cells fill, in their order, without the stand's name.
        currency: given with the rents; None if it is not or stays the same.
        ignored: titles of columns that are not read.
    """

    rows: tuple[StandImportRow, ...]
    fields: tuple[StandField, ...]
    currency: str | None = None
    ignored: tuple[str, ...] = ()

    @property
    def faults(self) -> tuple[StandImportRow, ...]:
        """Return the wrong rows."""
        return tuple(row for row in self.rows if row.problem is not None)

    @property
    def edit(self) -> SetStands:
        """Return the edit that writes what is right and different."""
        changed = [row.after for row in self.rows if row.after is not None and row.after != row.before]
        return SetStands(tuple(changed), self.currency)


def read_value(field: StandField, text: str, targets: ZoneTargets) -> ZoneTargets:
    """Return a stand's targets with one field as typed or pasted; ``-`` empties it.

    Raises:
        VenueError: the text is no value of this field.
        GeometryError: the value is out of its limits.
    """
    # exports write an apostrophe before what a spreadsheet would evaluate
    text = re.sub(r"^'(?=[=+\-@])", "", " ".join(text.split()))
    is_cleared = not text or text in _CLEARED
    match field:
        case StandField.STAND:
            return targets
        case StandField.EXHIBITOR:
            changed = replace(targets, exhibitor="" if is_cleared else text)
        case StandField.SPONSOR:
            changed = replace(targets, is_sponsor=not is_cleared and _parse_yes(text))
        case StandField.RENT:
            changed = replace(targets, rent=None if is_cleared else _parse_amount(text))
        case StandField.VISITS:
            changed = replace(targets, visits_per_day=None if is_cleared else _parse_amount(text))
        case StandField.ENGAGED:
            changed = replace(targets, engaged_per_day=None if is_cleared else _parse_amount(text))
        case StandField.NEEDED:
            changed = replace(targets, needed_s=None if is_cleared else _parse_amount(text))
    return check_targets(changed)


def split_cells(text: str) -> list[list[str]]:
    """Return the cells of a table that was copied from a spreadsheet or is a CSV file."""
    text = text.lstrip("\ufeff").strip("\r\n")
    first_line = text.partition("\n")[0]
    # "1,200" and "1200,50" are one cell
    marks = "\t" if _AMOUNT.fullmatch(first_line.strip()) else "\t;,|"
    delimiter = next((mark for mark in marks if mark in first_line), "\t")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return [[" ".join(cell.split()) for cell in row] for row in rows]


def read_stand_file(path: Path) -> list[list[str]]:
    """Return the cells of a CSV file, or of the first sheet of an XLSX workbook.

    Raises:
        VenueError: it cannot be read, or is no such file.
    """
    try:
        content = path.read_bytes()
        if path.suffix.casefold() in (".xlsx", ".xlsm"):
            return _read_workbook(content)
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                continue
            if "\0" not in text:
                return split_cells(text)
    except OSError as error:
        raise convert_error(VenueError, error, file=path) from error
    except (csv.Error, zipfile.BadZipFile, KeyError, ValueError, TypeError, SyntaxError):
        pass
    raise VenueError(
        "{file} is not a readable table.",
        "Save it as XLSX, or as CSV in UTF-8 or GB 18030, with one row for each stand.",
        file=path.name,
    )


def preview_stands(
    rows: Rows,
    venue: Venue,
    *,
    order: Sequence[str] = (),
    field: StandField = StandField.RENT,
    display: Callable[[str], str] = str,
) -> StandImport:
    """Find out what a table would change, without writing it.

    With a heading, columns are found by their titles. Without one, the cells begin at ``field``; a first
    column of stands' names says which stand a row is about, and otherwise the rows are those of ``order``.

    Args:
        order: stands from the first to be filled on; empty if a heading is needed.
        field: first field to be filled where no heading names the columns.
        display: a stand's name as it is shown, which may stand in the table instead of its name.

    Raises:
        VenueError: the table is empty or too long, or its columns are not known.
    """
    cells = [(number, [cell.strip() for cell in row]) for number, row in enumerate(rows, 1)]
    cells = [(number, row) for number, row in cells if any(row)]
    if not cells or len(cells) > MAX_ROWS:
        raise VenueError(
            "The table has {rows} rows; it needs between 1 and {most}.",
            "Use one row for each stand, with the titles of the columns in the first row.",
            rows=len(cells),
            most=MAX_ROWS,
        )
    names = _list_names(venue, display)
    titles = cells[0][1]
    columns = {at: found for at, title in enumerate(titles) if (found := _find_field(title)) is not None}
    has_heading = StandField.STAND in columns.values() and titles[0].casefold() not in names
    ignored: tuple[str, ...] = ()
    if has_heading:
        cells = cells[1:]
        ignored = tuple(title for at, title in enumerate(titles) if title and at not in columns)
    else:
        columns = _guess_columns([row for _, row in cells], names, order, field)
    by_field = {found: at for at, found in reversed(columns.items())}
    fields = tuple(found for found in columns.values() if found is not StandField.STAND)
    reader = _RowReader(venue, names, by_field)
    places = iter(order)
    read = tuple(
        reader.read(number, row, None if StandField.STAND in by_field else next(places, ""))
        for number, row in cells
    )
    currency = _find_currency(titles if has_heading else (), [row for _, row in cells], by_field)
    return StandImport(read, fields, currency if currency != venue.targets_of("").currency else None, ignored)


def list_changed_cells(found: StandImport) -> list[tuple[str, ...]]:
    """Return row, stand, field, former and new value of each cell that changes, for the command line."""
    cells: list[tuple[str, ...]] = []
    for row in found.rows:
        if row.before is None or row.after is None:
            continue
        for field in found.fields:
            former, new = _show_field(field, row.before), _show_field(field, row.after)
            if former != new:
                cells.append((str(row.number), row.name, str(field), former, new))
    if found.currency is not None:
        cells.append(("", "", "currency", "", found.currency))
    return cells


def list_stand_cells(venue: Venue) -> tuple[list[str], list[list[str]]]:
    """Return titles and rows of what is entered for all stands, which an import reads again."""
    currency = venue.targets_of("").currency
    units = {StandField.RENT: f" ({currency})"} if currency else {}
    titles = [field + units.get(field, "") for field in StandField]
    stands = [venue.targets_of(str(zone.name)) for zone in venue.geometry_at(None).zones if zone.is_stand]
    return titles, [[_show_field(field, stand) for field in StandField] for stand in stands]


def _show_field(field: StandField, targets: ZoneTargets) -> str:
    value = {
        StandField.STAND: targets.zone,
        StandField.EXHIBITOR: targets.exhibitor,
        StandField.RENT: targets.rent,
        StandField.VISITS: targets.visits_per_day,
        StandField.ENGAGED: targets.engaged_per_day,
        StandField.NEEDED: targets.needed_s,
        StandField.SPONSOR: "yes" if targets.is_sponsor else "no",
    }[field]
    return _show_cell(value) or _CLEARED[0]


class _RowReader:
    """Reads rows one after the other, and remembers which stands it has had."""

    def __init__(self, venue: Venue, names: Mapping[str, str], columns: Mapping[StandField, int]) -> None:
        self._venue, self._names, self._columns = venue, names, columns
        self._row_of: dict[str, int] = {}

    def read(self, number: int, row: Sequence[str], place: str | None) -> StandImportRow:
        """Read a row; ``place`` is the stand it is for, empty for none, None where its name is in it."""
        at = self._columns.get(StandField.STAND, len(row))
        name = place if place is not None else row[at] if at < len(row) else ""
        wrong = partial(StandImportRow, number, name)
        zone = self._names.get(name.casefold())
        if zone is None:
            return wrong(problem=_describe_unknown(name, place), remedy=self._advise(name, place))
        if zone in self._row_of:
            return wrong(
                problem=Phrase("Row {row} has the same stand.", {"row": self._row_of[zone]}),
                remedy=Phrase("Keep one row for each stand."),
            )
        self._row_of[zone] = number
        before = after = self._venue.targets_of(zone)
        for field, column in self._columns.items():
            text = row[column] if column < len(row) else ""
            if not text:
                continue
            try:
                after = read_value(field, text, after)
            except ExpoFlowError as error:
                return wrong(
                    problem=Phrase(error.problem_template, error.details),
                    remedy=Phrase(error.remedy_template, error.details),
                )
        return StandImportRow(number, zone, before, after)

    def _advise(self, name: str, place: str | None) -> Phrase:
        if place is not None:
            return Phrase("Begin further up, or copy fewer rows.")
        close = get_close_matches(name.casefold(), self._names, n=1)
        if close:
            return Phrase("Did you mean '{name}'?", {"name": self._names[close[0]]})
        return Phrase("Correct the name, or draw the stand on Edit plan.")


def _describe_unknown(name: str, place: str | None) -> Phrase:
    if place is not None:
        return Phrase("The table has no stand for this row.")
    return Phrase("There is no stand '{name}'.", {"name": name}) if name else Phrase("The stand is missing.")


def _list_names(venue: Venue, display: Callable[[str], str]) -> dict[str, str]:
    """Return the stands by their names, and as they are shown, ignoring case."""
    zones = [str(zone.name) for zone in venue.geometry_at(None).zones if zone.is_stand]
    return {display(zone).casefold(): zone for zone in zones} | {zone.casefold(): zone for zone in zones}


def _find_field(title: str) -> StandField | None:
    return next((field for field, pattern in _FIELD_NAMES.items() if pattern.search(title)), None)


def _guess_columns(
    rows: Rows, names: Mapping[str, str], order: Sequence[str], first: StandField
) -> dict[int, StandField]:
    has_names = len(rows[0]) > 1 and 2 * sum(row[0].casefold() in names for row in rows) >= len(rows)
    if not has_names and not order:
        raise VenueError(
            "The first row has no title 'Stand'.",
            "Name the columns in the first row: Stand, Exhibitor, Rent, Visits a day, Engaged visits a day, "
            "Sponsor. Only Stand is required.",
        )
    width = max(len(row) for row in rows) - has_names
    fields: list[StandField] = [field for field in StandField if field is not StandField.STAND]
    begin = fields.index(first) if first in fields else 0
    columns: dict[int, StandField] = dict(enumerate(fields[begin : begin + width], int(has_names)))
    return {0: StandField.STAND, **columns} if has_names else columns


def _find_currency(titles: Sequence[str], rows: Rows, columns: Mapping[StandField, int]) -> str | None:
    """Return the currency in the rent's title, or else that which all rents carry; None if there is none."""
    at = columns.get(StandField.RENT)
    if at is None:
        return None
    in_title = _UNIT.search(titles[at]) if at < len(titles) else None
    if in_title is not None:
        return in_title[1]
    signs = {re.sub(r"[\d.,\s'’]", "", row[at]) for row in rows if at < len(row)} - {*_CLEARED, ""}
    return signs.pop() if len(signs) == 1 and len(next(iter(signs))) <= 3 else None


def _parse_amount(text: str) -> float:
    if _AMBIGUOUS.fullmatch(text):
        raise VenueError(
            "'{text}' can mean two numbers.", "Write it without a point between thousands.", text=text
        )
    try:
        return parse_number(text)
    except ValueError:
        raise VenueError("'{text}' is not a number.", "Enter a number such as 1500.", text=text) from None


def _parse_yes(text: str) -> bool:
    if text.casefold() in _YES | _NO:
        return text.casefold() in _YES
    raise VenueError("'{text}' is neither yes nor no.", "Enter yes or no.", text=text)


def _read_workbook(content: bytes) -> list[list[str]]:
    import openpyxl

    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        if sum(entry.file_size for entry in packed.infolist()) > MAX_UNPACKED_BYTES:
            raise ValueError
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    try:
        rows: Iterable[tuple[object, ...]] = book.worksheets[0].iter_rows(
            max_row=MAX_ROWS + 2, values_only=True
        )
        return [[_show_cell(cell) for cell in row] for row in rows]
    finally:
        book.close()


def _show_cell(cell: object) -> str:
    if isinstance(cell, float):
        return f"{cell:.10f}".rstrip("0").rstrip(".")
    return "" if cell is None else " ".join(str(cell).split())
