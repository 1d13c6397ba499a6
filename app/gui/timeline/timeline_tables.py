"""Show events, effects, conversions and shifts as tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from analytics.domain.external_count import CountKind
from analytics.domain.staff_shift import StaffShift
from analytics.domain.timed_event import EventKind, TimedEvent
from analytics.metrics.estimate import Estimate
from app.gui.session.cell_text import ABSENT, format_change, format_number, format_with_interval
from app.gui.session.translation import display_name, tr
from app.gui.tables.record_table import (
    R,
    RecordTable,
    TableColumn,
    export_number,
    make_name_column,
    make_number_column,
    make_text_column,
)
from app.timeline.timeline_figures import EffectVerdict, ZoneConversion, ZoneEffect


def name_kind(kind: EventKind) -> str:
    return {
        EventKind.TALK: tr("Talk or show"),
        EventKind.CAMPAIGN: tr("Campaign"),
        EventKind.BREAK: tr("Break"),
        EventKind.OTHER: tr("Other"),
    }[kind]


def name_count(kind: CountKind) -> str:
    return {
        CountKind.SALES: tr("Sales"),
        CountKind.BADGES: tr("Badge scans"),
        CountKind.TICKETS: tr("Tickets"),
    }[kind]


def name_verdict(verdict: EffectVerdict) -> str:
    return {
        EffectVerdict.FULLER: tr("fuller"),
        EffectVerdict.EMPTIER: tr("emptier"),
        EffectVerdict.NO_EVIDENCE: tr("no evidence of a change"),
        EffectVerdict.TOO_LITTLE: tr("not enough data"),
    }[verdict]


def name_zone(zone: str | None) -> str:
    """Return a zone's display name, or the whole hall's."""
    return display_name(zone) if zone else tr("The whole hall")


def format_ratio(effect: ZoneEffect) -> str:
    if effect.interval is None:
        return ABSENT
    return format_with_interval(Estimate(effect.ratio, effect.interval), format_change)


class _ClockTable(RecordTable[R]):
    time_zone = "UTC"

    def _make_time_column(self, title: str, time_s: Callable[[R], float]) -> TableColumn[R]:
        def show(record: R) -> str:
            return f"{datetime.fromtimestamp(time_s(record), ZoneInfo(self.time_zone)):%m-%d %H:%M}"

        return TableColumn(title, show, time_s, is_number=False)


class EventTable(_ClockTable[TimedEvent]):
    def make_columns(self) -> Sequence[TableColumn[TimedEvent]]:
        return (
            make_name_column(tr("Event"), lambda e: e.name),
            make_text_column(tr("Kind"), lambda e: name_kind(e.kind)),
            self._make_time_column(tr("Start"), lambda e: e.start_s),
            self._make_time_column(tr("End"), lambda e: e.end_s),
            make_text_column(tr("Zone"), lambda e: name_zone(e.zone)),
        )


class ShiftTable(_ClockTable[StaffShift]):
    def make_columns(self) -> Sequence[TableColumn[StaffShift]]:
        return (
            make_name_column(tr("Zone"), lambda s: s.zone),
            self._make_time_column(tr("Start"), lambda s: s.start_s),
            self._make_time_column(tr("End"), lambda s: s.end_s),
            TableColumn(
                tr("Number of staff"),
                _show_staff,
                lambda s: s.people,
                lambda s: f"{s.people:g}",
                meaning=tr("People at work in this shift."),
            ),
        )


class EffectTable(RecordTable[ZoneEffect]):
    """A table of people before, during and after an event, with one row per zone."""

    def make_columns(self) -> Sequence[TableColumn[ZoneEffect]]:
        show_people = partial(format_number, decimals=1)
        return (
            make_text_column(tr("Zone"), lambda e: name_zone(e.zone)),
            make_text_column(tr("Verdict"), lambda e: name_verdict(e.verdict), lambda e: e.verdict.value),
            make_number_column(
                tr("People before"),
                lambda e: e.before,
                show_people,
                meaning=tr("People present on average before the event."),
            ),
            make_number_column(
                tr("during"),
                lambda e: e.during,
                show_people,
                meaning=tr("People present on average during the event."),
            ),
            make_number_column(
                tr("after"),
                lambda e: e.after,
                show_people,
                meaning=tr("People present on average after the event."),
            ),
            TableColumn(
                tr("During vs. before"),
                format_ratio,
                lambda e: e.ratio,
                lambda e: export_number(e.ratio, 5),
                meaning=tr("Change from before the event to during it, with its likely range (95 %)."),
            ),
        )


class ConversionTable(RecordTable[ZoneConversion]):
    """A table with one row per system and zone."""

    def make_columns(self) -> Sequence[TableColumn[ZoneConversion]]:
        return (
            make_text_column(tr("Source"), lambda c: c.source),
            make_text_column(tr("What"), lambda c: name_count(c.kind)),
            make_text_column(tr("Zone"), lambda c: name_zone(c.zone)),
            TableColumn(
                tr("Counted"),
                lambda c: format_number(c.counted),
                lambda c: c.counted,
                meaning=tr("Count of the other system in the observed time."),
            ),
            TableColumn(
                tr("Our count"),
                lambda c: format_number(c.own),
                lambda c: c.own,
                meaning=tr("Visits to the zone; for the whole hall and for tickets, arrivals."),
            ),
            TableColumn(
                tr("per visit or visitor"),
                _show_conversion,
                lambda c: c.per_one,
                lambda c: export_number(c.per_one, 5),
                meaning=tr(
                    "External count divided by our count; for tickets, our count divided by theirs. With "
                    "its likely range (95 %)."
                ),
            ),
            make_number_column(
                tr("Amount"),
                lambda c: c.amount,
                partial(format_number, decimals=2),
                meaning=tr("Sum of the amounts that the other system gave."),
            ),
        )


def _show_staff(shift: StaffShift) -> str:
    return format_number(shift.people, decimals=0 if shift.people.is_integer() else 1)


def _show_conversion(conversion: ZoneConversion) -> str:
    found = Estimate(conversion.per_one, conversion.interval)
    return format_with_interval(found, partial(format_number, decimals=3))
