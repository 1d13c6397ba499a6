"""Tables of streams, routes, passages, lines and funnel steps, and the matrix of moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from analytics.metrics.estimate import Estimate
from app.flows.flow_figures import (
    MIN_COUNT,
    FirstStop,
    FrequentRoute,
    FunnelStepFigures,
    LineFigures,
    OriginDestination,
    Place,
    RightTurns,
    Transition,
    ZonePassage,
)
from app.gui.flows.text import (
    export_count,
    format_count,
    format_rate_interval,
    name_place,
    name_route,
)
from app.gui.session.cell_text import (
    ABSENT,
    format_date_time,
    format_number,
    format_share,
    format_share_interval,
)
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr, trn
from app.gui.tables.record_table import (
    RecordTable,
    TableColumn,
    export_number,
    make_name_column,
    make_number_column,
    make_text_column,
)

PASSAGES_COLUMN = 4
"""Column of ``PassageTable``."""
SPECIFIC_COLUMN, TURN_COLUMN = 4, 6
"""Columns of ``LineTable`` that the text beside it repeats."""


@dataclass(frozen=True, slots=True)
class StreamRow:
    """Stream of a diagram as a row.

    Attributes:
        number: index of the stream in the diagram.
        step: step of the path; None for streams without order.
        share: share of the moves out of ``origin``.
    """

    number: int
    step: int | None
    origin: Place
    destination: Place
    count: int
    share: Estimate


class StreamTable(RecordTable[StreamRow]):
    """Streams of the diagram as rows, readable by screen readers."""

    def make_columns(self) -> Sequence[TableColumn[StreamRow]]:
        return (
            make_text_column(tr("From"), lambda r: name_place(r.origin)),
            make_text_column(tr("To"), lambda r: name_place(r.destination)),
            _count(tr("Count"), lambda r: r.count, tr("Moves or visitors of the stream.")),
            make_number_column(
                tr("Share"),
                lambda r: r.share.value,
                format_share,
                digits=4,
                meaning=tr("Share of the moves or visitors that leave where the stream begins."),
            ),
        )


class RouteTable(RecordTable[FrequentRoute]):
    def make_columns(self) -> Sequence[TableColumn[FrequentRoute]]:
        return (
            make_text_column(tr("Route"), lambda r: name_route(r.zones), lambda r: " > ".join(r.zones)),
            _count(tr("Visitors"), lambda r: r.visitors, tr("Visitors who took this route.")),
            _share(tr("Share"), lambda r: Estimate(r.share), tr("Share of all visitors with a zone.")),
        )


class OriginTable(RecordTable[OriginDestination]):
    """Table of pairs of first and last zone."""

    def make_columns(self) -> Sequence[TableColumn[OriginDestination]]:
        return (
            make_name_column(tr("First zone"), lambda r: r.origin),
            make_name_column(tr("Last zone"), lambda r: r.destination),
            _count(tr("Visitors"), lambda r: r.visitors, tr("Visitors seen from entry to exit.")),
            _share(
                tr("Share"), lambda r: Estimate(r.share), tr("Share of the visitors seen from entry to exit.")
            ),
        )


class FirstStopTable(RecordTable[FirstStop]):
    def find_zone(self, record: FirstStop) -> str | None:
        return record.zone

    def make_columns(self) -> Sequence[TableColumn[FirstStop]]:
        return (
            make_name_column(tr("First stop"), lambda r: r.zone),
            _count(tr("Visitors"), lambda r: r.visitors, tr("Visitors who stopped here first.")),
            _share(
                tr("Share"),
                lambda r: r.share if r.visitors >= MIN_COUNT else Estimate(),
                tr("Share of the visitors who stopped anywhere."),
            ),
        )


class PassageTable(RecordTable[ZonePassage]):
    """Table of zones with shares of passing through, turning back and going back."""

    def find_zone(self, record: ZonePassage) -> str | None:
        return record.name

    def make_columns(self) -> Sequence[TableColumn[ZonePassage]]:
        return (
            make_name_column(tr("Zone"), lambda r: r.name),
            _count(
                tr("Complete stays"),
                lambda r: r.stays,
                tr("Stays seen from entry to exit, however short."),
            ),
            _share(
                tr("Pass through"),
                lambda r: _hide_small_share(r, r.through),
                tr("Share of these that left away from their entry without a stop."),
            ),
            _share(
                tr("Turn back"),
                lambda r: _hide_small_share(r, r.turned_back),
                tr("Share of these that left within 2 m of their entry without a stop."),
            ),
            _count(
                tr("Passages"),
                lambda r: r.passages,
                tr("Visits whose previous and next zones are known."),
            ),
            _share(
                tr("Go back"),
                lambda r: Estimate(r.returns),
                tr("Share of these that came from and went on to the same zone."),
            ),
        )

    def find_colour(self, zone: ZonePassage) -> int:
        return zone.colour


class LineTable(RecordTable[LineFigures]):
    """Table of counting lines; times in venue time, with dates unless all are the same."""

    time_zone = "UTC"
    has_date = True

    def make_columns(self) -> Sequence[TableColumn[LineFigures]]:
        return (
            make_name_column(tr("Line"), lambda r: r.name),
            _count(tr("Inwards"), lambda r: r.inward, tr("Crossings in the direction of the line.")),
            _count(tr("Outwards"), lambda r: r.outward, tr("Crossings against the direction of the line.")),
            _rate(
                tr("Per minute"),
                lambda r: r.per_minute,
                tr("Crossings in both directions per observed minute, with their likely range (95 %)."),
                decimals=1,
            ),
            _rate(
                tr("Per minute and metre"),
                lambda r: r.per_minute_m,
                tr("Specific flow: crossings per minute and metre of the line."),
                decimals=2,
            ),
            TableColumn(
                tr("Peak minute"),
                self._format_peak,
                lambda r: r.peak,
                lambda r: export_number(r.peak, 4),
                meaning=tr("The minute with the most crossings."),
            ),
            TableColumn(
                tr("Turn right"),
                lambda r: format_share_interval(_share_right(r.turns)),
                lambda r: _share_right(r.turns).value,
                lambda r: export_number(_share_right(r.turns).value, 4),
                meaning=tr("Share of right turns among turns to either side within 5 m of the entry."),
            ),
        )

    def _format_peak(self, line: LineFigures) -> str:
        if line.peak is None or line.peak_at_s is None:
            return ABSENT
        at = format_date_time(line.peak_at_s, time_zone=self.time_zone, has_date=self.has_date)
        return tr("{people} at {time}", people=format_number(line.peak), time=at.removesuffix(":00"))


class FunnelTable(RecordTable[FunnelStepFigures]):
    def make_columns(self) -> Sequence[TableColumn[FunnelStepFigures]]:
        return (
            make_name_column(tr("Step"), lambda r: r.zone),
            _count(
                tr("Reached"),
                lambda r: r.reached,
                tr("Visitors seen here after all earlier steps."),
            ),
            _count(
                tr("Undecided"),
                lambda r: r.undecided,
                tr("Visitors lost after the previous step."),
            ),
            _share(
                tr("Share of start, at least"),
                lambda r: Estimate(r.reached_of_start),
                tr(
                    "Share of the visitors at the start who reached this step; lost visitors may have "
                    "reached it as well."
                ),
            ),
            _share(
                tr("Share of decided"),
                lambda r: Estimate(r.share_of_step),
                tr("Share of the visitors at the previous step, without lost ones, who reached this step."),
            ),
        )


def _hide_small_share(zone: ZonePassage, share: Estimate) -> Estimate:
    return share if zone.stays >= MIN_COUNT else Estimate()


def _share_right(turns: RightTurns | None) -> Estimate:
    if turns is None or turns.right + turns.left < MIN_COUNT:
        return Estimate()
    return turns.share


def _count(title: str, count: Callable[[Any], int | None], meaning: str) -> TableColumn[Any]:
    return TableColumn(
        title,
        lambda r: format_count(count(r)),
        count,
        lambda r: export_count(count(r)),
        meaning=meaning,
    )


def _share(title: str, share: Callable[[Any], Estimate], meaning: str) -> TableColumn[Any]:
    return TableColumn(
        title,
        lambda r: format_share_interval(share(r)),
        lambda r: share(r).value,
        lambda r: export_number(share(r).value, 4),
        meaning=meaning,
    )


def _rate(title: str, rate: Callable[[Any], Estimate], meaning: str, *, decimals: int) -> TableColumn[Any]:
    return TableColumn(
        title,
        lambda r: format_rate_interval(rate(r), decimals=decimals),
        lambda r: rate(r).value,
        lambda r: export_number(rate(r).value, 4),
        meaning=meaning,
    )


Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_DARKEST = 0.62
"""Maximum share of the accent colour behind a cell, so that its text stays readable."""


class FlowMatrix(QAbstractTableModel):
    """Matrix of moves: share and count in every cell, darker for larger shares."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._places: tuple[Place, ...] = ()
        self._few: frozenset[Place] = frozenset()
        self._cells: dict[tuple[Place, Place], Transition] = {}
        self._largest = 0.0

    def show(
        self, places: Sequence[Place], transitions: Sequence[Transition], few_from: Sequence[Place]
    ) -> None:
        """Replace all cells.

        Args:
            few_from: places with too few moves, whose rows are hidden.
        """
        self.beginResetModel()
        self._places, self._few = tuple(places), frozenset(few_from)
        self._cells = {(cell.origin, cell.destination): cell for cell in transitions}
        shares = [cell.share.value or 0.0 for cell in transitions if not cell.is_small]
        self._largest = max(shares, default=0.0)
        self.endResetModel()

    def retranslate(self) -> None:
        if self._places:
            last = len(self._places) - 1
            self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, last)
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, last)
            self.dataChanged.emit(self.index(0, 0), self.index(last, last))

    def cell(self, row: int, column: int) -> Transition | None:
        """Return the transition of a cell; None without moves."""
        return self._cells.get((self._places[row], self._places[column]))

    def describe(self, row: int, column: int) -> str:
        """Return a description of a cell: origin, destination, count and share."""
        origin, destination = self._places[row], self._places[column]
        way = tr("{origin} → {destination}", origin=name_place(origin), destination=name_place(destination))
        cell = self.cell(row, column)
        if row == column:
            return tr("{way}: returning to the same place is not a move", way=way)
        if origin in self._few:
            return tr("{way}: not shown, with fewer than {n} moves out", way=way, n=MIN_COUNT)
        if cell is None:
            return tr("{way}: no moves observed", way=way)
        if cell.is_small:
            return tr("{way}: not shown, with fewer than {n} moves", way=way, n=MIN_COUNT)
        return trn(
            "{way}: {share} of the moves out; {count} observed",
            "{way}: {share} of the moves out; {count} observed",
            cell.moves,
            way=way,
            share=format_share_interval(cell.share),
            count=format_number(cell.moves),
        )

    def list_rows(self) -> tuple[list[str], list[list[str]]]:
        titles = [tr("From \\ to"), *(name_place(place) for place in self._places)]
        rows = [
            [name_place(place), *(self._format_cell(row, column, " ") for column in range(len(self._places)))]
            for row, place in enumerate(self._places)
        ]
        return titles, rows

    def list_export(self) -> tuple[list[str], list[list[str]]]:
        """Return titles and a row for every observed move, without small counts."""
        titles = [tr("From"), tr("To"), tr("Moves"), tr("Share"), tr("Share, low"), tr("Share, high")]
        rows = []
        for (origin, destination), cell in self._cells.items():
            share = cell.share
            low, high = share.interval or (None, None)
            shares = (
                ["", "", ""] if cell.is_small else [export_number(v, 4) for v in (share.value, low, high)]
            )
            rows.append([_export(origin), _export(destination), export_count(cell.moves), *shares])
        return titles, rows

    def rowCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._places)

    def columnCount(self, parent: Index = _NOWHERE) -> int:  # noqa: N802 - Qt's name
        return 0 if parent.isValid() else len(self._places)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.describe(row, column)
        makers: dict[int, Callable[[], Any]] = {
            Qt.ItemDataRole.DisplayRole: lambda: self._format_cell(row, column, "\n"),
            Qt.ItemDataRole.TextAlignmentRole: lambda: int(Qt.AlignmentFlag.AlignCenter),
            Qt.ItemDataRole.BackgroundRole: lambda: self._find_ground(row, column),
            Qt.ItemDataRole.ForegroundRole: lambda: self._find_ink(row, column),
        }
        return makers[role]() if role in makers else None

    def headerData(  # noqa: N802 - Qt's name
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if not 0 <= section < len(self._places):
            return None
        place = self._places[section]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return name_place(place)
        if role == Qt.ItemDataRole.DecorationRole and orientation is Qt.Orientation.Vertical and place.zone:
            palette = current_theme().zones
            return QColor(palette[section % len(palette)])
        if role == Qt.ItemDataRole.TextAlignmentRole:
            is_row = orientation is Qt.Orientation.Vertical
            side = Qt.AlignmentFlag.AlignLeft if is_row else Qt.AlignmentFlag.AlignHCenter
            return int(side | Qt.AlignmentFlag.AlignVCenter) | int(Qt.TextFlag.TextWordWrap)
        return None

    def _format_cell(self, row: int, column: int, between: str) -> str:
        cell = self.cell(row, column)
        if row == column:
            return ""
        if cell is None:
            return "" if self._places[row] in self._few else format_share(0.0)
        if cell.is_small:
            return f"{ABSENT}{between}(<{MIN_COUNT})"
        return f"{format_share(cell.share.value)}{between}({format_number(cell.moves)})"

    def _find_ink(self, row: int, column: int) -> QColor:
        cell, theme = self.cell(row, column), current_theme()
        return QColor(theme.text if cell is not None and not cell.is_small else theme.text_muted)

    def _find_ground(self, row: int, column: int) -> QColor | None:
        theme, cell = current_theme(), self.cell(row, column)
        if row == column or self._places[row] in self._few:
            return QColor(theme.raised)
        if cell is None or cell.is_small or not self._largest:
            return None
        part = _DARKEST * (cell.share.value or 0.0) / self._largest
        ground, ink = QColor(theme.surface), QColor(theme.accent)
        mixed = [
            (1 - part) * below + part * above
            for below, above in zip(ground.getRgb()[:3], ink.getRgb()[:3], strict=True)  # type: ignore[index]
        ]
        return QColor(*(round(value) for value in mixed))


def _export(place: Place) -> str:
    return place.zone or place.kind.value
