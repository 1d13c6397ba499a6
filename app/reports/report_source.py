"""Data behind a report, each part computed once and only when a section needs it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from analytics.domain.arrays import Interval
from analytics.domain.errors import StoreError
from analytics.rollups.period_ways import WAY_TABLES
from app.core.document import Venue
from app.core.job import JobContext
from app.exhibition.exhibition_analysis import analyse_exhibition
from app.exhibition.exhibition_figures import ExhibitionFigures
from app.facts.period_facts import read_period_facts
from app.overview.overview_analysis import compute_overview
from app.overview.overview_figures import OverviewFigures
from app.reports.report_text import ReportText
from app.timeline.timeline_file import Timeline, read_timeline

if TYPE_CHECKING:
    from analytics.dwell.zone_figures import ZoneFigures
    from analytics.rollups.period_facts import PeriodFacts
    from app.findings.findings_figures import FindingsResults
    from app.flows.flow_figures import FlowFigures


class ReportSource:
    """The results of one venue and period; raises `StoreError` if nothing was observed."""

    def __init__(
        self,
        venue: Venue,
        period_s: Interval,
        text: ReportText,
        context: JobContext | None = None,
        *,
        author: str | None = None,
    ) -> None:
        """Read the facts of the period.

        Args:
            author: user with whose rights in other halls it is made; None: the one at work.

        Raises:
            StoreError: nothing was observed in the period, or the history cannot be read.
            JobCancelled: the job was cancelled.
        """
        self.venue, self.text, self.author = venue, text, author
        self.context = context or JobContext()
        facts = read_period_facts(
            venue=venue,
            period_s=period_s,
            context=self.context,
            names=list_report_tables(),
            optional=WAY_TABLES,
        )
        if facts is None:
            raise StoreError(
                "Nothing was observed in {period}, so there is nothing to report.",
                "Choose a period with recorded data.",
                period=text.period(period_s),
            )
        self.facts: PeriodFacts = facts
        self.period_s = period_s

    def translate_to(self, language: str) -> ReportSource:
        """Return the same results worded in another language."""
        other = copy.copy(self)
        other.text = ReportText.of(self.venue, language)
        return other

    @cached_property
    def exhibition(self) -> ExhibitionFigures:
        """The figures of the hall, compared with the previous period if it was observed, and the stands."""
        found = analyse_exhibition(venue=self.venue, period_s=self.period_s, context=self.context)
        assert found is not None
        return found

    @cached_property
    def overview(self) -> OverviewFigures:
        """The overview of the period, as on its page."""
        found = compute_overview(venue=self.venue, period_s=self.period_s, context=self.context)
        assert found is not None
        return found

    @cached_property
    def zones(self) -> Mapping[str, ZoneFigures]:
        """Visits and dwell times of every zone."""
        from analytics.rollups.period_zones import summarise_period_zones

        return summarise_period_zones(self.facts)

    @cached_property
    def flows(self) -> FlowFigures:
        """Transitions, routes and counting lines."""
        from app.flows.flow_analysis import describe_flows

        return describe_flows(self.facts, time_zone=self.venue.exhibition.time_zone, job=self.context)[0]

    @cached_property
    def layout(self) -> FindingsResults:
        """Findings and the decisions about them."""
        from app.findings.layout_findings import search_venue

        return search_venue(venue=self.venue, period_s=self.period_s, context=self.context)

    @cached_property
    def timeline(self) -> Timeline:
        """Events and notes of the venue."""
        return read_timeline(self.venue.folder)

    def venue_days(self) -> Iterator[Interval]:
        """The days of the period in venue time, cut to its ends."""
        exhibition, (start_s, end_s) = self.venue.exhibition, self.period_s
        while start_s < end_s:
            _, midnight_s = exhibition.day_interval_utc(exhibition.local_day(start_s))
            yield start_s, min(midnight_s, end_s)
            start_s = midnight_s


def list_report_tables() -> tuple[str, ...]:
    """Return the tables of a period that sections read: sums, and visitors' paths if there are any."""
    from analytics.rollups.tables import TABLES

    # comparisons read visit lengths themselves
    sums = [name for name, table in TABLES.items() if table.is_sum and name != "visit_lengths"]
    return (*sums, *WAY_TABLES)
