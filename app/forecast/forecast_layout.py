"""Forecast of a changed layout from what was observed in a period of a venue's history."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely

from analytics.domain.errors import ExpoFlowError, ForecastError, Phrase, VenueError
from analytics.domain.exhibition import Interval
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle
from analytics.domain.zone import Zone
from analytics.forecast.itineraries import Itineraries, make_itineraries
from analytics.forecast.layout import Layout, layout_from_plan
from analytics.forecast.layout_forecast import (
    DRAWS,
    MIN_COVERAGE,
    SAME_PLACE_M,
    ForecastBasis,
    LayoutForecast,
    ObservedZone,
    forecast_layout,
    make_basis,
    share_arrivals,
)
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import convert_error
from app.facts.period_facts import read_period_facts
from app.plan.geojson import parse_feature, parse_floor_geojson, read_floor_geojson
from resources.bounded_file import read_bounded

if TYPE_CHECKING:
    import pandas as pd

    from analytics.domain.arrays import FloatArray
    from analytics.rollups.period_facts import PeriodFacts

TABLES = ("visits", "journeys", "crossings", "zone_days")
"""Tables of the period that a forecast needs."""
OBSTACLE = "obstacle"
ERROR_BLOCK_S = 1800.0
MIN_INSIDE = 0.98
"""Minimum share of a stand within the hall."""
MAX_OVERLAP = 0.2
"""Maximum share of a stand within another."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class VenueBasis:
    """A forecast's basis with the period and plan it was observed in.

    Attributes:
        period_s: the part of the period with the layout of its end, seconds since the epoch.
    """

    basis: ForecastBasis
    facts: PeriodFacts
    plan: FloorPlan
    geometry: FloorGeometry
    period_s: Interval


def read_forecast_basis(venue: Venue, period_s: Interval, context: JobContext | None = None) -> VenueBasis:
    """Read what forecasts start from: the part of a period with the layout in force at its end.

    Raises:
        ForecastError: too little was observed for an honest forecast.
        StoreError: the history cannot be read.
        JobCancelled: the job was cancelled.
    """
    parts = list(venue.geometries_between(*period_s))
    if parts:
        period_s = parts[-1][1], parts[-1][2]
    facts = read_period_facts(venue=venue, period_s=period_s, context=context, names=TABLES)
    if facts is None:
        raise ForecastError(
            "Nothing was observed in this period.", "Choose a period in which the hall was recorded."
        )
    return VenueBasis(_make_basis(facts), facts, venue.plan, facts.geometry, period_s)


def forecast_plan(
    read: VenueBasis,
    plan: FloorPlan,
    geometry: FloorGeometry,
    arrivals_scale: float = 1.0,
    *,
    draws: int = DRAWS,
    entrance_shares: Mapping[str, float] | None = None,
) -> LayoutForecast:
    """Forecast a changed plan: its obstacles, and the zones and lines of a geometry.

    Args:
        draws, entrance_shares: see ``forecast_layout``.

    Raises:
        ForecastError: the plan cannot be forecast, with what to do about it.
    """
    check_changed_plan(read, plan, geometry)
    after = layout_from_plan(plan, geometry)
    return forecast_layout(read.basis, after, arrivals_scale, draws=draws, entrance_shares=entrance_shares)


@dataclasses.dataclass(frozen=True, slots=True)
class EntranceArrivals:
    """An entrance of a changed layout with its share of the arrivals.

    Attributes:
        observed: its share in the basis; None for a new one.
        is_given: whether somebody gave ``share``.
    """

    name: str
    share: float
    observed: float | None
    is_given: bool


def list_entrances(
    read: VenueBasis, geometry: FloorGeometry, given: Mapping[str, float]
) -> tuple[tuple[EntranceArrivals, ...], bool]:
    """Return the entrances of a changed layout, and whether they are others or elsewhere.

    Args:
        given: shares of the arrivals by some entrances.
    """
    before, after = read.basis.layout, layout_from_plan(read.plan, geometry)
    shares = share_arrivals(before, after, read.basis.arrivals, given)
    total = max(float(read.basis.arrivals.sum()), 1e-9)
    observed = dict(
        zip((door.name for door in before.entrances), (read.basis.arrivals / total).tolist(), strict=False)
    )
    rows = tuple(
        EntranceArrivals(door.name, count / total, observed.get(door.name), door.name in given)
        for door, count in zip(after.entrances, shares.tolist(), strict=False)
    )
    places, places_after = ({door.name: door.place_m for door in one.entrances} for one in (before, after))
    is_changed = places.keys() != places_after.keys() or any(
        math.dist(place, places_after[name]) > SAME_PLACE_M for name, place in places.items()
    )
    return rows, is_changed


def check_changed_plan(read: VenueBasis, plan: FloorPlan, geometry: FloorGeometry) -> None:
    """Check that a changed plan can be forecast.

    Raises:
        ForecastError: no zones, stands outside of the hall or in each other, or floor that nobody measured.
    """
    stands = [zone for zone in geometry.zones if zone.is_stand]
    if not stands:
        raise ForecastError("The changed layout has no stands.", "Draw at least one stand as a zone.")
    hall = plan.outline.to_shape().buffer(0.01)
    shapes = [zone.outline.to_shape() for zone in stands]
    outside = [
        zone
        for zone, shape in zip(stands, shapes, strict=True)
        if hall.intersection(shape).area < MIN_INSIDE * shape.area
    ]
    if len(outside) > max(1, len(stands) / 2):
        raise ForecastError(
            "{count} of {total} stands are outside the hall.",
            "Coordinates must be in metres from the lower left corner of the plan, y upwards.",
            count=len(outside),
            total=len(stands),
        )
    if outside:
        raise ForecastError(
            "'{zone}' is outside the hall.", "Move it into the hall's outline.", zone=str(outside[0].name)
        )
    known = {str(zone.name): zone for zone in read.geometry.zones}
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects").T.tolist()
    for first, second in pairs:
        smaller = min(shapes[first].area, shapes[second].area)
        names = [str(stands[index].name) for index in (first, second)]
        is_as_before = all(
            name in known and known[name].outline == stands[index].outline
            for name, index in zip(names, (first, second), strict=True)
        )
        if (
            first < second
            and not is_as_before
            and shapes[first].intersection(shapes[second]).area > MAX_OVERLAP * smaller
        ):
            raise ForecastError(
                "'{first}' and '{second}' overlap.",
                "Move one of them.",
                first=names[0],
                second=names[1],
            )
    for zone in stands:
        before = known.get(str(zone.name))
        if before is not None and before.outline == zone.outline:
            continue
        if read.facts.measure_coverage(zone) < MIN_COVERAGE:
            raise ForecastError(
                "The floor at '{zone}' was not observed, so that nobody knows who passes there.",
                "Move it to floor that the cameras see.",
                zone=str(zone.name),
            )


def read_changed_plan(
    file: Path, plan: FloorPlan, geometry: FloorGeometry
) -> tuple[FloorPlan, FloorGeometry]:
    """Read a changed layout: zones, lines and obstacles as GeoJSON in metres.

    Obstacles in the file replace those of the plan. Without any, a stand that has moved takes along the
    obstacles that lie in it, and one that is removed takes them away. Without a line of kind entrance or
    exit, those of today stay.

    Raises:
        VenueError: the file cannot be read or understood.
    """
    try:
        document = json.loads(read_bounded(file).decode("utf-8-sig"))
    except OSError as error:
        raise convert_error(VenueError, error) from error
    except (ValueError, RecursionError):
        # the sentence about what is wrong with the file
        read_floor_geojson(file)
        raise
    features = document.get("features") if isinstance(document, dict) else None
    try:
        changed = parse_floor_geojson(document, is_left_out=_is_obstacle)
        obstacles = [
            _parse_obstacle(one, number) for number, one in enumerate(features or (), 1) if _is_obstacle(one)
        ]
    except ExpoFlowError as error:
        raise VenueError(
            "{file}: {fault}",
            "{advice}",
            file=file.name,
            fault=Phrase(error.problem_template, error.details),
            advice=Phrase(error.remedy_template, error.details),
        ) from error
    if not any(line.kind.value in ("entrance", "exit") for line in changed.lines) and not any(
        zone.is_door for zone in changed.zones
    ):
        doors = tuple(line for line in geometry.lines if line.kind.value in ("entrance", "exit"))
        zones = tuple(zone for zone in geometry.zones if zone.is_door)
        changed = dataclasses.replace(changed, lines=(*changed.lines, *doors), zones=(*changed.zones, *zones))
    kept = tuple(obstacles) or move_obstacles(plan, geometry, changed)
    return dataclasses.replace(plan, obstacles=kept), changed


def move_obstacles(plan: FloorPlan, before: FloorGeometry, after: FloorGeometry) -> tuple[Obstacle, ...]:
    """Return the obstacles after stands have moved: those within a stand go with it."""
    places = {str(zone.name): zone.outline.to_shape() for zone in after.zones}
    kept = []
    for obstacle in plan.obstacles:
        shape = obstacle.outline.to_shape()
        owner = next(
            (
                zone
                for zone in before.zones
                if zone.is_stand and zone.outline.to_shape().intersection(shape).area > 0.9 * shape.area
            ),
            None,
        )
        if owner is None:
            kept.append(obstacle)
            continue
        place = places.get(str(owner.name))
        if place is not None:
            was, now = owner.outline.to_shape().centroid, place.centroid
            moved = tuple((x + now.x - was.x, y + now.y - was.y) for x, y in obstacle.outline.points)
            is_same = math.hypot(now.x - was.x, now.y - was.y) < 1e-9
            kept.append(obstacle if is_same else dataclasses.replace(obstacle, outline=Polygon(moved)))
    return tuple(kept)


def _is_obstacle(feature: object) -> bool:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    return isinstance(properties, dict) and str(properties.get("kind")).strip().lower() == OBSTACLE


def _parse_obstacle(feature: Mapping[str, object], number: int) -> Obstacle:
    properties = feature["properties"]
    assert isinstance(properties, dict)
    name = str(properties.get("name") or Phrase("obstacle {number}", {"number": number}))
    zone = parse_feature({**feature, "properties": {"name": name, "kind": "other"}}, number=number)
    if not isinstance(zone, Zone):
        raise VenueError(
            "Obstacle '{name}' is a line.", "Draw it as a polygon around the obstacle.", name=name
        )
    return Obstacle(name, zone.outline)


def _make_basis(facts: PeriodFacts) -> ForecastBasis:
    layout = layout_from_plan(facts.plan, facts.geometry)
    return make_basis(read_itineraries(facts, layout), layout, observe_zones(facts, layout))


def read_itineraries(facts: PeriodFacts, layout: Layout) -> Itineraries:
    """Return the itineraries of a period's visitors through the zones of a layout."""
    return make_itineraries(
        visits=facts.tables["visits"],
        journeys=facts.tables["journeys"],
        crossings=facts.tables["crossings"],
        zones=[zone.name for zone in layout.zones],
        entrances=[door.name for door in layout.entrances],
        exits=[door.name for door in layout.exits],
    )


def observe_zones(facts: PeriodFacts, layout: Layout) -> dict[str, ObservedZone]:
    """Return the observed figures of every zone of a layout."""
    from analytics.rollups.period_zones import summarise_period_zones

    summaries = summarise_period_zones(facts)
    visits = facts.tables["visits"]
    names = visits["zone"].astype(object).to_numpy()
    weight, stop_s = (visits[name].to_numpy(np.float64) for name in ("probability", "stop_s"))
    seconds, entered_s = (visits[name].to_numpy(np.float64) for name in ("seconds", "entered_s"))
    errors = _measure_errors(visits, entered_s, weight, [zone.name for zone in layout.zones])
    # while any camera looked: at night nobody is missed
    coverages = {str(zone.name): facts.measure_coverage(zone) for zone in facts.zones}
    found = {}
    for zone in layout.zones:
        own = names == zone.name
        stopped = own & (stop_s > 0)
        total, time_s = float(weight[own].sum()), float((weight * seconds)[own].sum())
        # a stay that the tracker saw unsurely was a visit or not
        tracking = math.sqrt(float((weight * (1 - weight))[own].sum())) / max(1.0, total)
        error = math.hypot(errors[zone.name], tracking)
        summary = summaries[zone.name]
        if summary["visits"] is None or summary["person_seconds"] is None:
            continue
        found[zone.name] = ObservedZone(
            visits=float(summary["visits"]),
            person_s=float(summary["person_seconds"]),
            stop_share=float(weight[stopped].sum()) / total if total > 0 else 1.0,
            stop_s_share=float((weight * seconds)[stopped].sum()) / time_s if time_s > 0 else 1.0,
            error=error,
            coverage=coverages[zone.name],
            # stays differ in length, too
            person_s_error=error
            * math.sqrt(float((weight * seconds**2)[own].sum()) * total)
            / max(time_s, 1e-9),
        )
    return found


def _measure_errors(
    visits: pd.DataFrame, entered_s: FloatArray, weight: FloatArray, zones: Sequence[str]
) -> dict[str, float]:
    """Return the standard error of the logarithm of each zone's visits, from its share of each block."""
    if not len(visits):
        return dict.fromkeys(zones, 1.0)
    block = np.floor(entered_s / ERROR_BLOCK_S).astype(np.int64)
    block -= block.min()
    of_hall = np.bincount(block, weight)
    names = visits["zone"].astype(object).to_numpy()
    dispersion, totals = [], {}
    for zone in zones:
        own = np.bincount(block, weight * (names == zone), len(of_hall))
        totals[zone] = total = float(own.sum())
        expected = of_hall * total / of_hall.sum()
        used = expected > 1
        if used.sum() > 2:
            chi2 = ((own[used] - expected[used]) ** 2 / expected[used]).sum()
            dispersion.append(float(chi2) / (used.sum() - 1))
    factor = max(1.0, float(np.median(dispersion))) if dispersion else 1.0
    return {zone: math.sqrt(factor / max(1.0, total)) for zone, total in totals.items()}
