"""Streams, routes, ways in and out, first stops, zones, lines and the steps of a way as tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from app.flows.flow_figures import (
    LEAST_COUNT,
    FirstStop,
    FrequentRoute,
    FunnelStepFigures,
    LineFigures,
    OriginDestination,
    Place,
    RightTurns,
    Share,
    ZonePassage,
)
from app.gui.flows.flow_text import (
    export_count,
    export_number,
    format_count,
    format_rate_interval,
    format_share_interval,
    name_place,
    name_route,
)
from app.gui.session.cell_text import ABSENT, format_moment, format_number, format_share
from app.gui.session.theme import current_theme
from app.gui.session.translation import tr
from app.gui.tables.record_table import Index, RecordTable, TableColumn, make_name_column

PASSAGES_COLUMN = 4
"""Of ``PassageTable``."""
SPECIFIC_COLUMN, TURN_COLUMN = 4, 6
"""Of ``LineTable``: what words beside it say, too."""


@dataclass(frozen=True, slots=True)
class StreamRow:
    """A stream of a diagram as a row.

    Attributes:
        number: of the stream in the diagram.
        step: of a way; None where streams have no order.
        share: of what leaves ``origin``.
    """

    number: int
    step: int | None
    origin: Place
    destination: Place
    count: int
    share: Share


class StreamTable(RecordTable[StreamRow]):
    """One row a stream: what the diagram shows, for who cannot see it."""

    def make_columns(self) -> Sequence[TableColumn[StreamRow]]:
        """The columns in the window's language."""
        return (
            _text(tr("From"), lambda r: name_place(r.origin)),
            _text(tr("To"), lambda r: name_place(r.destination)),
            _count(tr("Count"), lambda r: r.count),
            TableColumn(
                tr("Share"),
                lambda r: format_share(r.share.value),
                lambda r: r.share.value,
                lambda r: export_number(r.share.value),
            ),
        )


class RouteTable(RecordTable[FrequentRoute]):
    """One row a route."""

    def make_columns(self) -> Sequence[TableColumn[FrequentRoute]]:
        """The columns in the window's language."""
        return (
            TableColumn(
                tr("Route"),
                lambda r: name_route(r.zones),
                lambda r: name_route(r.zones).casefold(),
                lambda r: " > ".join(r.zones),
                is_number=False,
            ),
            _count(tr("Visitors"), lambda r: r.visitors),
            _share(tr("Share"), lambda r: Share(r.share)),
        )


class OriginTable(RecordTable[OriginDestination]):
    """One row a pair of the first and the last zone."""

    def make_columns(self) -> Sequence[TableColumn[OriginDestination]]:
        """The columns in the window's language."""
        return (
            make_name_column(tr("First zone"), lambda r: r.origin),
            make_name_column(tr("Last zone"), lambda r: r.destination),
            _count(tr("Visitors"), lambda r: r.visitors),
            _share(tr("Share"), lambda r: Share(r.share)),
        )


class FirstStopTable(RecordTable[FirstStop]):
    """One row a zone at which visitors stop first."""

    def make_columns(self) -> Sequence[TableColumn[FirstStop]]:
        """The columns in the window's language."""
        return (
            make_name_column(tr("First stop"), lambda r: r.zone),
            _count(tr("Visitors"), lambda r: r.visitors),
            _share(tr("Share"), lambda r: r.share if r.visitors >= LEAST_COUNT else Share()),
        )


class PassageTable(RecordTable[ZonePassage]):
    """One row a zone: who only passes, who turns back, who goes back to where they came from."""

    def make_columns(self) -> Sequence[TableColumn[ZonePassage]]:
        """The columns in the window's language."""
        return (
            make_name_column(tr("Zone"), lambda r: r.name),
            _count(
                tr("Seen whole"),
                lambda r: r.stays,
                tr("Stays that were seen from coming in to going out, however short."),
            ),
            _share(
                tr("Pass through"),
                lambda r: _tell(r, r.through),
                tr("Of these, the share without a stop that left elsewhere than they came in."),
            ),
            _share(
                tr("Turn back"),
                lambda r: _tell(r, r.turned_back),
                tr("Of these, the share without a stop that left within 2 m of where they came in."),
            ),
            _count(
                tr("Passages"),
                lambda r: r.passages,
                tr("Visits of which the zones before and after are known."),
            ),
            _share(
                tr("Go back"),
                lambda r: Share(r.returns),
                tr("Of these, the share that came from and went on to the same zone."),
            ),
        )

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """As for every table; the zone's colour beside its name."""
        if role == Qt.ItemDataRole.DecorationRole and index.isValid() and index.column() == 0:
            palette = current_theme().zones
            return QColor(palette[self.record(index.row()).colour % len(palette)])
        return super().data(index, role)


class LineTable(RecordTable[LineFigures]):
    """One row a counting line; moments are in the venue's own time, with a date unless all have the same."""

    time_zone = "UTC"
    has_date = True

    def make_columns(self) -> Sequence[TableColumn[LineFigures]]:
        """The columns in the window's language."""
        return (
            make_name_column(tr("Line"), lambda r: r.name),
            _count(tr("Inwards"), lambda r: r.inward, tr("Crossings in the direction of the line.")),
            _count(tr("Outwards"), lambda r: r.outward, tr("Crossings against the direction of the line.")),
            _rate(
                tr("A minute"),
                lambda r: r.per_minute,
                tr("Crossings of both ways for each observed minute, with the 95 % interval."),
                decimals=1,
            ),
            _rate(
                tr("A minute and metre"),
                lambda r: r.per_minute_m,
                tr("Specific flow: crossings a minute for each metre of the line."),
                decimals=2,
            ),
            TableColumn(
                tr("Peak minute"),
                self._say_peak,
                lambda r: r.peak,
                lambda r: export_number(r.peak),
                meaning=tr("The minute of the clock in which most people crossed it."),
            ),
            TableColumn(
                tr("Turn right"),
                lambda r: format_share_interval(_share_right(r.turns)),
                lambda r: _share_right(r.turns).value,
                lambda r: export_number(_share_right(r.turns).value),
                meaning=tr("Of those who turned right or left within 5 m of coming in, who turned right."),
            ),
        )

    def _say_peak(self, line: LineFigures) -> str:
        if line.peak is None or line.peak_at_s is None:
            return ABSENT
        at = format_moment(line.peak_at_s, time_zone=self.time_zone, has_date=self.has_date)
        return tr("{people} at {time}", people=format_number(line.peak), time=at.removesuffix(":00"))


class FunnelTable(RecordTable[FunnelStepFigures]):
    """One row a step of the chosen way."""

    def make_columns(self) -> Sequence[TableColumn[FunnelStepFigures]]:
        """The columns in the window's language."""
        return (
            make_name_column(tr("Step"), lambda r: r.zone),
            _count(
                tr("Reached"),
                lambda r: r.reached,
                tr("Visitors who were seen to come here after all steps before."),
            ),
            _count(
                tr("Undecided"),
                lambda r: r.undecided,
                tr("Who came to the step before and was lost from sight since."),
            ),
            _share(
                tr("Of the start, at least"),
                lambda r: Share(r.reached_of_start),
                tr("Who reached it, of those who began; those lost may have come as well."),
            ),
            _share(
                tr("Of the decided"),
                lambda r: Share(r.share_of_step),
                tr("Who reached it, of those at the step before who were not lost."),
            ),
        )


def _tell(zone: ZonePassage, share: Share) -> Share:
    return share if zone.stays >= LEAST_COUNT else Share()


def _share_right(turns: RightTurns | None) -> Share:
    if turns is None or turns.right + turns.left < LEAST_COUNT:
        return Share()
    return turns.share


def _text(title: str, text: Callable[[Any], str]) -> TableColumn[Any]:
    return TableColumn(title, text, lambda r: text(r).casefold(), is_number=False)


def _count(title: str, count: Callable[[Any], int | None], meaning: str = "") -> TableColumn[Any]:
    return TableColumn(
        title,
        lambda r: format_count(count(r)),
        count,
        lambda r: export_count(count(r)),
        meaning=meaning,
    )


def _share(title: str, share: Callable[[Any], Share], meaning: str = "") -> TableColumn[Any]:
    return TableColumn(
        title,
        lambda r: format_share_interval(share(r)),
        lambda r: share(r).value,
        lambda r: export_number(share(r).value),
        meaning=meaning,
    )


def _rate(title: str, rate: Callable[[Any], Share], meaning: str, *, decimals: int) -> TableColumn[Any]:
    return TableColumn(
        title,
        lambda r: format_rate_interval(rate(r), decimals=decimals),
        lambda r: rate(r).value,
        lambda r: export_number(rate(r).value),
        meaning=meaning,
    )
