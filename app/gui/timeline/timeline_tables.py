"""Events, what they did, and what became of visits, as tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from analytics.domain.external_count import CountKind
from analytics.domain.timed_event import EventKind, TimedEvent
from app.gui.session.cell_text import ABSENT, format_change, format_number
from app.gui.session.translation import display_name, tr
from app.gui.tables.record_table import RecordTable, TableColumn
from app.timeline.timeline_figures import EffectVerdict, ZoneConversion, ZoneEffect


def name_kind(kind: EventKind) -> str:
    """What sort of event it is."""
    return {
        EventKind.TALK: tr("Talk or show"),
        EventKind.CAMPAIGN: tr("Campaign"),
        EventKind.BREAK: tr("Break"),
        EventKind.OTHER: tr("Other"),
    }[kind]


def name_count(kind: CountKind) -> str:
    """What another system counted."""
    return {
        CountKind.SALES: tr("Sales"),
        CountKind.BADGES: tr("Badge scans"),
        CountKind.TICKETS: tr("Tickets"),
    }[kind]


def name_verdict(verdict: EffectVerdict) -> str:
    """What an event did, in a word or two."""
    return {
        EffectVerdict.FULLER: tr("fuller"),
        EffectVerdict.EMPTIER: tr("emptier"),
        EffectVerdict.NO_EVIDENCE: tr("no evidence of a change"),
        EffectVerdict.TOO_LITTLE: tr("too little to tell"),
    }[verdict]


def name_zone(zone: str | None) -> str:
    """A zone's name, or the whole hall's."""
    return display_name(zone) if zone else tr("The whole hall")


def format_ratio(effect: ZoneEffect) -> str:
    """A change in percent with its interval."""
    if effect.ratio is None or effect.interval is None:
        return ABSENT
    value, low, high = (format_change(ratio) for ratio in (effect.ratio, *effect.interval))
    return tr("{value} ({low} to {high})", value=value, low=low, high=high)


class EventTable(RecordTable[TimedEvent]):
    """One row an event, by the venue's clock."""

    time_zone = "UTC"

    def make_columns(self) -> Sequence[TableColumn[TimedEvent]]:
        """The columns in the window's language."""
        return (
            TableColumn(tr("Event"), lambda e: e.name, lambda e: e.name.casefold(), is_number=False),
            TableColumn(
                tr("Kind"), lambda e: name_kind(e.kind), lambda e: name_kind(e.kind), is_number=False
            ),
            TableColumn(tr("Start"), lambda e: self._show(e.start_s), lambda e: e.start_s, is_number=False),
            TableColumn(tr("End"), lambda e: self._show(e.end_s), lambda e: e.end_s, is_number=False),
            TableColumn(
                tr("Zone"), lambda e: name_zone(e.zone), lambda e: name_zone(e.zone), is_number=False
            ),
        )

    def _show(self, time_s: float) -> str:
        return f"{datetime.fromtimestamp(time_s, ZoneInfo(self.time_zone)):%m-%d %H:%M}"


class EffectTable(RecordTable[ZoneEffect]):
    """One row a zone: people before, during and after an event."""

    def make_columns(self) -> Sequence[TableColumn[ZoneEffect]]:
        """The columns in the window's language."""
        return (
            TableColumn(
                tr("Zone"), lambda e: name_zone(e.zone), lambda e: name_zone(e.zone), is_number=False
            ),
            TableColumn(
                tr("Verdict"),
                lambda e: name_verdict(e.verdict),
                lambda e: name_verdict(e.verdict),
                lambda e: e.verdict.value,
                is_number=False,
            ),
            _people(tr("People before"), lambda e: e.before),
            _people(tr("during"), lambda e: e.during),
            _people(tr("after"), lambda e: e.after),
            TableColumn(
                tr("During against before"), format_ratio, lambda e: e.ratio, lambda e: _export(e.ratio)
            ),
        )


class ConversionTable(RecordTable[ZoneConversion]):
    """One row for each system and zone."""

    def make_columns(self) -> Sequence[TableColumn[ZoneConversion]]:
        """The columns in the window's language."""
        return (
            TableColumn(tr("Source"), lambda c: c.source, lambda c: c.source, is_number=False),
            TableColumn(
                tr("What"), lambda c: name_count(c.kind), lambda c: name_count(c.kind), is_number=False
            ),
            TableColumn(
                tr("Zone"), lambda c: name_zone(c.zone), lambda c: name_zone(c.zone), is_number=False
            ),
            TableColumn(tr("Counted"), lambda c: format_number(c.counted), lambda c: c.counted),
            TableColumn(
                tr("Our count"),
                lambda c: format_number(c.own),
                lambda c: c.own,
                meaning=tr("Visits to the zone; of the whole hall and of tickets, visitors who came in."),
            ),
            TableColumn(
                tr("per visit or visitor"),
                _show_conversion,
                lambda c: c.per_one,
                lambda c: _export(c.per_one),
                meaning=tr(
                    "Counted over our count; of tickets, our count over theirs. With the 95 % interval."
                ),
            ),
            TableColumn(
                tr("Amount"),
                lambda c: format_number(c.amount, decimals=2),
                lambda c: c.amount,
                lambda c: _export(c.amount),
            ),
        )


def _people(title: str, value: Callable[[ZoneEffect], float | None]) -> TableColumn[ZoneEffect]:
    return TableColumn(
        title, lambda e: format_number(value(e), decimals=1), value, lambda e: _export(value(e))
    )


def _show_conversion(conversion: ZoneConversion) -> str:
    if conversion.per_one is None:
        return ABSENT
    value = format_number(conversion.per_one, decimals=3)
    if conversion.interval is None:
        return value
    low, high = (format_number(limit, decimals=3) for limit in conversion.interval)
    return tr("{value} ({low} to {high})", value=value, low=low, high=high)


def _export(value: float | None) -> str:
    return "" if value is None else f"{value:.5g}"
