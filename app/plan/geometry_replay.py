"""The last minutes counted again by a changed geometry, beside what the present one counts of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from analytics.domain.floor_plan import FloorGeometry
from analytics.reports.summary import PeriodResults, compute_results
from app.core.document import Venue
from app.facts.camera_views import find_views
from app.plan.recent_tracks import RecentTracks


@dataclass(frozen=True, slots=True)
class ZoneCount:
    """What a geometry counts in one zone; None where it has no such zone, or nothing of it was observed."""

    visits: int | None
    person_seconds: float | None


@dataclass(frozen=True, slots=True)
class LineCount:
    """What a geometry counts at one line; None where it has no such line."""

    into: int | None
    out: int | None


@dataclass(frozen=True, slots=True)
class Replay:
    """One stretch of time by two geometries, zones and lines by name: those of the changed one first.

    Attributes:
        period_s: from when until when, seconds since the epoch.
        people: everybody who was seen.
        zones, lines: (by the present geometry, by the changed one).
    """

    period_s: tuple[float, float]
    people: int
    zones: Mapping[str, tuple[ZoneCount, ZoneCount]]
    lines: Mapping[str, tuple[LineCount, LineCount]]


def replay_geometry(venue: Venue, *, changed: FloorGeometry, recent: RecentTracks) -> Replay:
    """Count a stretch of recorded tracks by the geometry that held at its end, and by a changed one.

    Nothing is written; the history is recomputed when the geometry is saved.
    """
    present = venue.geometry_at(recent.period_s[1])
    before, after = (_count(venue, geometry, recent) for geometry in (present, changed))
    people = recent.identify(venue, changed.zones).tracks["visitor"].nunique()
    return Replay(
        period_s=recent.period_s,
        people=int(people),
        zones={
            name: (_read_zone(before, name), _read_zone(after, name))
            for name in _list_names(after.summary["zones"], before.summary["zones"])
        },
        lines={
            name: (_read_line(before, name), _read_line(after, name))
            for name in _list_names(after.summary["lines"], before.summary["lines"])
        },
    )


def _count(venue: Venue, geometry: FloorGeometry, recent: RecentTracks) -> PeriodResults:
    period = recent.identify(venue, geometry.zones)
    return compute_results(
        tracks=period.tracks,
        spans=period.spans,
        zones=geometry.zones,
        lines=geometry.lines,
        duration_s=recent.duration_s,
        views=find_views(venue),
    )


def _list_names(first: object, second: object) -> list[str]:
    return list(dict.fromkeys([*cast(Mapping[str, object], first), *cast(Mapping[str, object], second)]))


def _read_zone(results: PeriodResults, name: str) -> ZoneCount:
    figures = cast(Mapping[str, Mapping[str, object]], results.summary["zones"]).get(name)
    if figures is None or not figures["coverage"]:
        return ZoneCount(None, None)
    # the visits themselves: an estimate of so short a while would be none
    visits = int((results.visits["zone"] == name).sum())
    return ZoneCount(visits, cast(float | None, figures["person_seconds"]))


def _read_line(results: PeriodResults, name: str) -> LineCount:
    counts = cast(Mapping[str, Mapping[str, int | None]], results.summary["lines"]).get(name)
    return LineCount(None, None) if counts is None else LineCount(counts["in"], counts["out"])
