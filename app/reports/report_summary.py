"""Summaries of a period and of a single stand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.errors import VenueError
from analytics.dwell.engagement_tier import Tier
from analytics.results.content import (
    BarChart,
    Block,
    Bullets,
    CellKind,
    KeyFigure,
    KeyFigures,
    Line,
    LineChart,
    Paragraph,
    ReportColumn,
    Table,
    Weight,
)
from analytics.results.data_sets import MIN_VISITORS
from analytics.results.zone_figures import MEAN_DWELL, VISITS
from analytics.rollups.period_facts import PeriodFacts
from analytics.rollups.zone_blocks import BlockSums
from app.exhibition.exhibition_figures import (
    ATTRACTION,
    CAME_NEAR,
    CARD_COLUMNS,
    ENGAGED_MINUTES,
    OF_PLACE,
    STOPPED,
    CardEntry,
    CardFigure,
    StandRow,
)
from app.facts.day_quality import describe_grade, describe_loss, describe_remedy
from app.facts.period_arrivals import read_arrivals
from app.overview.overview_figures import describe_period_in_sentences
from app.reports.report_source import ReportSource
from app.reports.report_text import ReportText
from app.timeline.timeline_view import STEPS_S, measure_people

MAX_POINTS = 400
"""Maximum points of a curve in a report."""
MAX_SENTENCES = 3


def write_summary(source: ReportSource) -> list[Block]:
    """Write the first page: what happened, key figures, what stood out and what to do."""
    text, figures = source.text, source.exhibition
    known = {entry.figure: entry for entry in figures.entries}
    lead, *sentences = describe_period_in_sentences(source.overview, text)
    findings, actions = _describe_findings(source)
    blocks: list[Block] = [
        Paragraph(lead, Weight.LEAD),
        KeyFigures(_list_figures(source, known)),
        Paragraph(
            text.tr("A range beside or below a number very probably holds the true value."), Weight.SMALL
        ),
        _describe_quality(source),
        Bullets((*sentences, *findings), text.tr("What stood out")),
        Bullets(tuple(actions), text.tr("What to do")),
    ]
    if figures.floor_share < 0.8:
        blocks.append(
            Paragraph(
                text.tr(
                    "The cameras see {share} of the open floor; the numbers do not include the rest.",
                    share=text.share(figures.floor_share),
                ),
                Weight.WARNING,
            )
        )
    return blocks


def _describe_quality(source: ReportSource) -> Paragraph:
    """Say how good the data are, who is missed most, what helps, and what the mark of such numbers is."""
    text, quality = source.text, source.exhibition.quality
    assert quality is not None
    grade, loss = describe_grade(quality, text), next(iter(quality.losses), None)
    if loss is None:
        return Paragraph(grade, Weight.SMALL)
    marked = text.tr("≈ marks the numbers that suffer from it.")
    words = (grade, describe_loss(loss, text), describe_remedy(loss, text), marked)
    return Paragraph(text.join(words), Weight.WARNING)


def write_days(source: ReportSource) -> list[Block]:
    """Tabulate footfall, maximum occupancy, visits and observed time of each day."""
    text, facts = source.text, source.facts
    zone = ZoneInfo(text.time_zone)
    rows = []
    arrivals = read_arrivals(facts)
    minutes, sums = facts.tables["minutes"], BlockSums(facts.tables["zone_blocks"])
    visits = sums.add_up([str(zone.name) for zone in facts.zones], f"reached_{Tier.VISIT.value}")
    hall = minutes[minutes["zone"] == ""]
    for start_s, end_s in source.venue_days():
        day_minutes = hall[(hall["start_s"] >= start_s) & (hall["start_s"] < end_s)]
        observed_h = float(day_minutes["observed_s"].sum()) / 3600
        if observed_h <= 0:
            continue
        observed_minutes = day_minutes[day_minutes["observed_s"] >= 30.0]
        peak = (
            float((observed_minutes["person_seconds"] / observed_minutes["observed_s"]).max())
            if len(observed_minutes)
            else None
        )
        rows.append(
            (
                text.day(datetime.fromtimestamp(start_s, zone)),
                None if arrivals is None else _count_within(facts, *arrivals, (start_s, end_s)),
                peak,
                _count_within(facts, sums.starts_s, visits, (start_s, end_s)),
                observed_h,
            )
        )
    columns = (
        ReportColumn("day", text.tr("Day"), CellKind.TEXT),
        *describe_people_columns(text),
        ReportColumn(
            "visits",
            text.tr("Zone visits"),
            CellKind.COUNT,
            definition=text.tr("Stays in a zone of at least 3 s."),
        ),
        ReportColumn(
            "observed_h",
            text.tr("Observed time"),
            CellKind.NUMBER,
            text.tr("h"),
            1,
            text.tr("Time in which any camera was analysed."),
        ),
    )
    return [Table("days", text.tr("Day by day"), columns, tuple(rows))]


def describe_people_columns(text: ReportText) -> tuple[ReportColumn, ReportColumn]:
    """Return the columns of footfall and peak occupancy."""
    footfall, peak = (
        replace(CARD_COLUMNS[figure].describe(text.translate), has_interval=False)
        for figure in (CardFigure.FOOTFALL, CardFigure.PEAK)
    )
    return footfall, replace(peak, key="peak_people")


def draw_occupancy(source: ReportSource, period_s: Interval, zone: str = "") -> LineChart:
    """Return a chart of occupancy over the observed time, with gaps where nothing was observed."""
    text, facts = source.text, source.facts
    minutes = facts.tables["minutes"]
    start_s, end_s = _find_extent(source, period_s)
    step_s = next((step for step in STEPS_S if (end_s - start_s) / step <= MAX_POINTS), STEPS_S[-1])
    steps = max(1, int(np.ceil((end_s - start_s) / step_s)))
    edges_s = (start_s + step_s * np.arange(steps + 1)).astype(np.float64)
    name = text.name(zone) if zone else text.tr("All cameras")
    lines = (Line(name, measure_people(minutes, zone, edges_s)),)
    events = tuple(
        (max(event.start_s, start_s), min(event.end_s, end_s), text.name(event.name))
        for event in source.timeline.events
        if event.start_s < end_s and event.end_s > start_s and (not zone or event.zone in (None, zone))
    )
    return LineChart(
        "occupancy",
        text.tr("Occupancy"),
        edges_s[:-1],
        lines,
        text.tr("people"),
        text.tr("venue time"),
        marks=events,
    )


def _find_extent(source: ReportSource, period_s: Interval) -> Interval:
    """Return the start and end of the observed time within a period, in whole minutes."""
    observed = source.facts.observed
    start_s = max(period_s[0], float(observed[0, 0]))
    end_s = min(period_s[1], float(observed[-1, 1]))
    return start_s - start_s % 60, end_s


def _count_within(facts: PeriodFacts, at_s: FloatArray, counts: FloatArray, day_s: Interval) -> int:
    # the first step may begin before the facts
    at_s = np.maximum(at_s, facts.period_s[0])
    return round(float(counts[(at_s >= day_s[0]) & (at_s < day_s[1])].sum()))


def _list_figures(source: ReportSource, known: dict[CardFigure, CardEntry]) -> tuple[KeyFigure, ...]:
    text = source.text
    return tuple(
        text.figure(
            CARD_COLUMNS[figure],
            known[figure].measured,
            change=_describe_change(source, known[figure]),
            is_change_real=_is_change_real(known[figure]),
        )
        for figure in (
            CardFigure.FOOTFALL,
            CardFigure.PEAK,
            CardFigure.TOTAL_TIME,
            CardFigure.ZONES_VISITED,
        )
    )


def _describe_change(source: ReportSource, entry: CardEntry) -> str:
    return "" if entry.before is None else source.text.change(entry.measured.value, entry.before.value)


def _is_change_real(entry: CardEntry) -> bool:
    now, before = entry.measured.interval, None if entry.before is None else entry.before.interval
    return now is not None and before is not None and (now[0] > before[1] or now[1] < before[0])


def _describe_findings(source: ReportSource) -> tuple[list[str], list[str]]:
    """Return what was found and what to do about it."""
    from app.findings.finding_text import describe_finding
    from app.findings.findings_figures import list_open_findings

    text = source.text
    sentences, actions = [], []
    for finding in list_open_findings(source.layout)[:MAX_SENTENCES]:
        words = describe_finding(finding, time_zone=text.time_zone, name_zone=text.name)
        what = text.translate(words.what)
        sentences.append(text.tr("{what}. {impact}.", what=what, impact=text.translate(words.impact)))
        if words.advice.template:
            actions.append(text.tr("{name}: {value}", name=what, value=text.translate(words.advice)))
    return sentences, actions or [text.tr("Nothing found in this period calls for a change.")]


MIN_PEERS = 5
"""Minimum number of other stands for a comparison, so that none can be identified."""
PEER_COLOUR = "#9aa7b5"


def find_stand(source: ReportSource, zone: str) -> StandRow:
    """Return a stand's figures.

    Raises:
        VenueError: there is no such stand at the end of the period.
    """
    found = next((stand for stand in source.exhibition.stands if stand.zone == zone), None)
    if found is None:
        raise VenueError(
            "There is no stand '{name}' at the end of the period.",
            "Choose one of: {names}.",
            name=zone,
            names=", ".join(stand.zone for stand in source.exhibition.stands),
        )
    return found


def write_stand(source: ReportSource, zone: str) -> list[Block]:
    """Describe a stand's visitors, stops, dwell times and busy hours."""
    text, stand = source.text, find_stand(source, zone)
    if stand.exposed is None:
        return [
            Paragraph(
                text.tr(
                    "Only {share} of the stand was observed; no figures are shown below 80 %.",
                    share=text.share(stand.coverage),
                ),
                Weight.WARNING,
            )
        ]
    if (stand.visits or 0) < MIN_VISITORS:
        return [
            Paragraph(text.tr("Fewer than 5 visits: no figures are shown, to protect the visitors' privacy."))
        ]
    figures = (
        text.figure(CAME_NEAR, stand.exposed),
        text.figure(VISITS, _number(stand.visits)),
        text.figure(STOPPED, _number(stand.stopped)),
        text.figure(MEAN_DWELL, source.zones[zone].mean_dwell_s),
        text.figure(ATTRACTION, stand.attraction),
        text.figure(OF_PLACE, stand.of_place),
        text.figure(ENGAGED_MINUTES, stand.engaged_minutes),
    )
    blocks: list[Block] = [KeyFigures(figures), draw_occupancy(source, source.period_s, zone)]
    if stand.since_utc_s is not None:
        since = text.moment(stand.since_utc_s, source.period_s)
        blocks.insert(
            0,
            Paragraph(
                text.tr("The stand was changed at {moment}; the figures count from then on.", moment=since)
            ),
        )
    return blocks


def is_published(stand: StandRow) -> bool:
    """Return whether a stand was observed, and by enough visitors that none can be recognised."""
    return stand.exposed is not None and (stand.visits or 0) >= MIN_VISITORS


def write_peers(source: ReportSource, zone: str) -> list[Block]:
    """Compare the stand with the quartiles of the other stands, which are not named."""
    text, own = source.text, find_stand(source, zone)
    peers = [stand for stand in source.exhibition.stands if stand.zone != zone and is_published(stand)]
    if not is_published(own):
        return []
    if len(peers) < MIN_PEERS:
        return [
            Paragraph(
                text.tr(
                    "With fewer than 5 other stands there is no comparison, so that none can be identified."
                )
            )
        ]
    blocks: list[Block] = [
        Paragraph(
            text.tr(
                "Compared with {count} other stands, which stay anonymous: lower quartile, median and "
                "upper quartile.",
                count=text.number(len(peers)),
            )
        )
    ]
    for key, title, values, value, unit in (
        (
            "came_near_h",
            text.tr("Visitors near per observed hour"),
            [stand.divide_by_hours(stand.exposed) for stand in peers],
            own.divide_by_hours(own.exposed),
            text.tr("people"),
        ),
        (
            "attraction",
            text.tr("Attraction"),
            [stand.attraction.value for stand in peers],
            own.attraction.value,
            "%",
        ),
        (
            "engaged_minutes_m2_h",
            text.tr("Engaged minutes per m² and observed hour"),
            [compute_load(stand) for stand in peers],
            compute_load(own),
            text.tr("min"),
        ),
    ):
        known = np.array([number for number in values if number is not None], np.float64)
        if value is None or len(known) < MIN_PEERS:
            continue
        factor = 100.0 if key == "attraction" else 1.0
        quartiles = factor * np.quantile(known, (0.25, 0.5, 0.75))
        blocks.append(
            BarChart(
                f"peers_{key}",
                title,
                (text.name(zone), text.tr("lower quartile"), text.tr("median"), text.tr("upper quartile")),
                np.array([factor * value, *quartiles]),
                unit,
                colours=("", PEER_COLOUR, PEER_COLOUR, PEER_COLOUR),
            )
        )
    return blocks


def compute_load(stand: StandRow) -> float | None:
    """Return the engaged minutes per m² and observed hour; None if unknown."""
    per_hour = stand.divide_by_hours(stand.engaged_minutes)
    return None if per_hour is None else per_hour / stand.area_m2


def _number(value: int | None) -> float | None:
    return None if value is None else float(value)
