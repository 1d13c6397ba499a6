"""The sections of a stand's own report: its visitors, and its place among others, who stay anonymous."""

from __future__ import annotations

import numpy as np

from analytics.domain.errors import VenueError
from analytics.reports.content import BarChart, Block, KeyFigure, KeyFigures, Paragraph, Weight
from app.exhibition.exhibition_figures import StandRow
from app.reports.report_source import ReportSource
from app.reports.report_summary import draw_occupancy

LEAST_VISITORS = 5
"""Of fewer, nothing is told: nobody is to be recognised."""
LEAST_PEERS = 5
"""Among fewer others a stand could be told from its number."""
PEER_COLOUR = "#9aa7b5"


def find_stand(source: ReportSource, zone: str) -> StandRow:
    """A stand's figures.

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
    """Who came, who stopped, for how long, and when."""
    text, stand, summary = source.text, find_stand(source, zone), source.zones[zone]
    if stand.exposed is None:
        return [
            Paragraph(
                text.tr(
                    "The stand was observed for {share} only; below 80 % no figures are told.",
                    share=text.share(stand.coverage),
                ),
                Weight.WARNING,
            )
        ]
    if (stand.visits or 0) < LEAST_VISITORS:
        return [Paragraph(text.tr("Fewer than 5 visits: no figures are told, so that nobody is recognised."))]
    mean, interval = summary["mean_dwell_s"], summary["mean_dwell_sampling_interval_s"]
    attraction = stand.attraction
    figures = (
        KeyFigure(
            "came_near",
            text.tr("Came near"),
            stand.exposed,
            text.number(stand.exposed),
            definition=text.tr("Visitors who come within 3 m of the stand, or in; each once."),
        ),
        KeyFigure(
            "visits",
            text.tr("Visits"),
            _number(stand.visits),
            text.number(stand.visits),
            definition=text.tr("Stays in the zone of at least 3 s."),
        ),
        KeyFigure(
            "stopped",
            text.tr("Stopped"),
            _number(stand.stopped),
            text.number(stand.stopped),
            definition=text.tr("Visitors who stand still in the stand for 3 s or more; each once."),
        ),
        KeyFigure(
            "mean_dwell_s",
            text.tr("Mean dwell"),
            mean,
            text.duration(mean),
            "" if interval is None else text.interval(text.duration(interval[0]), text.duration(interval[1])),
            definition=text.tr("Mean time that a visit lasts, by occurrence and exposure (Little's law)."),
        ),
        KeyFigure(
            "attraction",
            text.tr("Attraction"),
            attraction.value,
            text.share(attraction.value),
            ""
            if attraction.interval is None
            else text.interval(text.share(attraction.interval[0]), text.share(attraction.interval[1])),
            definition=text.tr("Visitors who stop over those who come near."),
        ),
        KeyFigure(
            "engaged_minutes",
            text.tr("Engaged minutes"),
            stand.engaged_minutes,
            text.number(stand.engaged_minutes),
            definition=text.tr("Time of stop of all visits with at least 5 s of stop, in minutes."),
        ),
    )
    blocks: list[Block] = [KeyFigures(figures), draw_occupancy(source, source.period_s, zone)]
    if stand.since_utc_s is not None:
        since = text.moment(stand.since_utc_s, source.period_s)
        blocks.insert(
            0, Paragraph(text.tr("The stand changed at {moment}; it counts since then.", moment=since))
        )
    return blocks


def write_peers(source: ReportSource, zone: str) -> list[Block]:
    """The stand against the quartiles of the others, which are not named."""
    text, own = source.text, find_stand(source, zone)
    peers = [
        stand
        for stand in source.exhibition.stands
        if stand.zone != zone and stand.exposed is not None and (stand.visits or 0) >= LEAST_VISITORS
    ]
    if own.exposed is None or (own.visits or 0) < LEAST_VISITORS:
        return []
    if len(peers) < LEAST_PEERS:
        return [
            Paragraph(text.tr("With fewer than 5 other stands nothing is told: none is to be recognised."))
        ]
    blocks: list[Block] = [
        Paragraph(
            text.tr(
                "Against {count} other stands, of which none is named: the lowest quarter, the middle and "
                "the highest quarter.",
                count=text.number(len(peers)),
            )
        )
    ]
    for key, title, values, value, unit in (
        (
            "came_near_h",
            text.tr("Came near in an observed hour"),
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
            [_per_area(stand) for stand in peers],
            _per_area(own),
            text.tr("min"),
        ),
    ):
        known = np.array([number for number in values if number is not None], np.float64)
        if value is None or len(known) < LEAST_PEERS:
            continue
        factor = 100.0 if key == "attraction" else 1.0
        quartiles = factor * np.quantile(known, (0.25, 0.5, 0.75))
        blocks.append(
            BarChart(
                f"peers_{key}",
                title,
                (text.name(zone), text.tr("lowest quarter"), text.tr("middle"), text.tr("highest quarter")),
                np.array([factor * value, *quartiles]),
                unit,
                colours=("", PEER_COLOUR, PEER_COLOUR, PEER_COLOUR),
            )
        )
    return blocks


def _per_area(stand: StandRow) -> float | None:
    per_hour = stand.divide_by_hours(stand.engaged_minutes)
    return None if per_hour is None else per_hour / stand.area_m2


def _number(value: int | None) -> float | None:
    return None if value is None else float(value)
