"""Search for better layouts of a venue, with what each promises."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely import affinity

from analytics.domain.errors import ForecastError, OutputError, Phrase
from analytics.domain.floor_geometry import Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.forecast.itineraries import make_itineraries
from analytics.forecast.layout_forecast import ForecastBasis, LayoutForecast, forecast_layout, make_basis
from analytics.forecast.layout_search import (
    LEAST_GAIN,
    FoundLayouts,
    Goal,
    GoalMeasure,
    LayoutPromise,
    search_layouts,
)
from analytics.forecast.placement_rules import PlacementSpace, find_move, make_space
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import convert_error
from app.forecast.forecast_layout import VenueBasis
from app.forecast.placement_file import read_placement_rules
from app.plan.geojson import make_floor_geojson
from resources.atomic_file import write_text_atomically

if TYPE_CHECKING:
    from analytics.domain.arrays import BoolArray

SEARCH_SEED = 20_260_330
HALF_BLOCK_S = 1800.0
"""Visitors who came within the same block belong to the same half of the time."""


@dataclass(frozen=True, slots=True)
class StandMove:
    """A stand that is elsewhere.

    Attributes:
        to: the stand whose place it takes.
    """

    stand: str
    to: str


@dataclass(frozen=True, slots=True, eq=False)
class ProposedLayout:
    """A better layout.

    Attributes:
        promise: expected growth of the goal with its interval of 80 %.
        forecast: of every zone.
    """

    promise: LayoutPromise
    moves: tuple[StandMove, ...]
    plan: FloorPlan
    geometry: FloorGeometry
    forecast: LayoutForecast


@dataclass(frozen=True, slots=True, eq=False)
class LayoutProposals:
    """The layouts that a search found.

    Attributes:
        layouts: that with the fewest moves first; none if no better one was found.
        statements: what has to be said with them.
    """

    goal: Goal
    layouts: tuple[ProposedLayout, ...]
    statements: tuple[Phrase, ...]


def parse_goal(text: str) -> Goal:
    """Return the goal of a name.

    Raises:
        ForecastError: there is none.
    """
    if text not in list(Goal):
        raise ForecastError(
            "There is no goal '{goal}'.", "Choose one of these: {goals}.", goal=text, goals=", ".join(Goal)
        )
    return Goal(text)


def find_better_layouts(
    venue: Venue, read: VenueBasis, *, goal: Goal, most_moves: int, context: JobContext | None = None
) -> LayoutProposals:
    """Search for layouts with more of a goal, by exchanging places of stands as the venue's rules allow.

    Raises:
        ForecastError: too little was observed for a search, no stand can move, or no stand has a rent.
        GeometryError: the rules do not fit to the plan.
        VenueError: the rules cannot be read.
        JobCancelled: the job was cancelled.
    """
    context = context or JobContext()
    rules = read_placement_rules(venue.folder)
    stands = read.basis.layout.stands
    names = [stand.name for stand in stands]
    outlines = [stand.polygon.to_shape() for stand in stands]
    owner_of = _find_owners(read.plan, dict(zip(names, outlines, strict=True)))
    space = make_space(
        names=names,
        outlines=outlines,
        can_move=[stand.kind is ZoneKind.BOOTH for stand in stands],
        hall=read.plan.outline.to_shape(),
        obstacles=[one.outline.to_shape() for one in read.plan.obstacles if one.name not in owner_of]
        + [zone.outline.to_shape() for zone in read.geometry.zones if _blocks(zone, names)],
        rules=rules,
    )
    if space.is_allowed.sum() == len(names):
        raise ForecastError(
            "No two stands may exchange their places.",
            "Name stands of different outlines that may in the size classes of placement.toml, or free some "
            "that are fixed.",
        )
    sponsors = {str(targets.zone) for targets in venue.targets if targets.is_sponsor}
    rents = {str(targets.zone): targets.rent for targets in venue.targets if targets.rent}
    found = search_layouts(
        read.basis,
        [(half, measure_goal(half, goal, rents)) for half in _fit_halves(read)],
        measure_goal(read.basis, goal, rents),
        space,
        most_moves=most_moves,
        kept_stands=[row for row, name in enumerate(names) if rules.keeps_sponsors and name in sponsors],
        rng=np.random.default_rng(SEARCH_SEED),
        on_progress=lambda share: context.checkpoint(share, 1.0),
    )
    layouts = tuple(_propose(read, space, promise, owner_of) for promise in found.layouts)
    return LayoutProposals(goal, layouts, tuple(_make_statements(found, read.basis)))


def measure_goal(basis: ForecastBasis, goal: Goal, rents: Mapping[str, float]) -> GoalMeasure:
    """Return how much of a goal was observed at each stand.

    Raises:
        ForecastError: rents count, and there are none.
    """
    stands = basis.layout.stands
    observed = [basis.observed[stand.name] for stand in stands]
    is_booth = np.array([stand.kind is ZoneKind.BOOTH for stand in stands])
    counts = is_booth if is_booth.any() else np.ones(len(stands), bool)
    amounts = np.array([one.visits for one in observed])
    if goal is Goal.PERSON_SECONDS:
        amounts = np.array([one.person_s for one in observed])
    if goal is Goal.RENT:
        rent = np.array([rents.get(stand.name, 0.0) for stand in stands])
        if not rent.any():
            raise ForecastError(
                "No stand has a rent, by which visits could be weighted.",
                "Enter rents on Exhibition, Rents and targets, or choose another goal.",
            )
        amounts = amounts * rent
        counts = rent > 0
    shares = [one.stop_s_share if goal is Goal.PERSON_SECONDS else one.stop_share for one in observed]
    return GoalMeasure(goal, amounts, np.array(shares), counts)


def _blocks(zone: Zone, names: list[str]) -> bool:
    """Return whether a zone is neither a stand that was observed nor floor to walk on."""
    return zone.is_stand and str(zone.name) not in names


def _fit_halves(read: VenueBasis) -> list[ForecastBasis]:
    """Return the model fitted to either half of the time, in turns of half an hour.

    Raises:
        ForecastError: too few moves in a half.
    """
    visits, journeys = (read.facts.tables[name] for name in ("visits", "journeys"))
    layout = read.basis.layout
    half = (journeys["start_s"].to_numpy(np.float64) // HALF_BLOCK_S).astype(np.int64) % 2
    found = []
    for parity in (0, 1):
        people = journeys[half == parity]
        own = visits[visits["visitor"].isin(people["visitor"])]
        observed = {}
        weight, seconds = (own[name].to_numpy(np.float64) for name in ("probability", "seconds"))
        for name, one in read.basis.observed.items():
            is_here: BoolArray = (own["zone"] == name).to_numpy(bool)
            observed[name] = dataclasses.replace(
                one, visits=float(weight[is_here].sum()), person_s=float((weight * seconds)[is_here].sum())
            )
        itineraries = make_itineraries(
            visits=own,
            journeys=people,
            crossings=read.facts.tables["crossings"],
            zones=[zone.name for zone in layout.zones],
            entrances=[door.name for door in layout.entrances],
            exits=[door.name for door in layout.exits],
        )
        found.append(dataclasses.replace(make_basis(itineraries, layout, observed), error=read.basis.error))
    return found


def _find_owners(plan: FloorPlan, stands: Mapping[str, shapely.Polygon]) -> dict[str, str]:
    """Return the stand that each obstacle within a stand moves with."""
    owner_of = {}
    for obstacle in plan.obstacles:
        shape = obstacle.outline.to_shape()
        for name, outline in stands.items():
            if outline.intersection(shape).area > 0.9 * shape.area:
                owner_of[obstacle.name] = name
    return owner_of


def _propose(
    read: VenueBasis, space: PlacementSpace, promise: LayoutPromise, owner_of: Mapping[str, str]
) -> ProposedLayout:
    """Return the plan of a layout.

    A stand at a place of its own outline takes it over with the obstacles in it; another one brings its own.
    """
    moved: dict[str, Polygon] = {}
    left: set[str] = set()
    brought: list[Obstacle] = []
    changes = [(stand, place) for stand, place in enumerate(promise.places.tolist()) if stand != place]
    for stand, place in changes:
        name = space.names[stand]
        if space.is_alike[stand, place]:
            moved[name] = read.basis.layout.stands[place].polygon
            continue
        move = find_move(space.outlines[stand], space.outlines[place])
        moved[name] = _move(read.basis.layout.stands[stand].polygon, move)
        left.add(space.names[place])
        brought += [
            Obstacle(f"{obstacle.name} ({name})", _move(obstacle.outline, move), obstacle.height_m)
            for obstacle in read.plan.obstacles
            if owner_of.get(obstacle.name) == name
        ]
    kept = [one for one in read.plan.obstacles if owner_of.get(one.name) not in left]
    plan = dataclasses.replace(read.plan, obstacles=(*kept, *brought))
    zones = tuple(
        dataclasses.replace(zone, outline=moved.get(str(zone.name), zone.outline))
        for zone in read.geometry.zones
    )
    layout = read.basis.layout
    after = dataclasses.replace(
        layout,
        obstacles=tuple(obstacle.outline for obstacle in plan.obstacles),
        zones=tuple(
            dataclasses.replace(zone, polygon=moved.get(zone.name, zone.polygon)) for zone in layout.zones
        ),
    )
    return ProposedLayout(
        promise,
        tuple(StandMove(space.names[stand], space.names[place]) for stand, place in changes),
        plan,
        dataclasses.replace(read.geometry, zones=zones),
        forecast_layout(read.basis, after),
    )


def _move(outline: Polygon, move: list[float]) -> Polygon:
    moved = affinity.affine_transform(outline.to_shape(), move)
    points = shapely.get_coordinates(moved)[:-1]
    return Polygon(tuple((round(float(x), 4), round(float(y), 4)) for x, y in points))


def _make_statements(found: FoundLayouts, basis: ForecastBasis) -> list[Phrase]:
    said = [*basis.warnings]
    if not found.tried:
        said.append(
            Phrase("No better layout was found: no exchange of places that the rules allow promises a gain.")
        )
    elif not found.layouts:
        said.append(
            Phrase(
                "No better layout was found. Of {count} that were judged, the best gains {percent:.1f} %; a "
                "layout is shown from {least:.0f} % on, and if a loss is unlikely.",
                {
                    "count": found.tried,
                    "percent": 100 * max(0.0, found.best_gain),
                    "least": 100 * LEAST_GAIN,
                },
            )
        )
    else:
        said.append(
            Phrase(
                "The gains are those of the forecast's model, with intervals of 80 %. What choosing the best "
                "of many layouts promises too much, {percent:.1f} % here, was measured between two halves of "
                "the time and is taken off.",
                {"percent": 100 * found.curse},
            )
        )
    if not found.layouts:
        said.append(
            Phrase("Let more stands move, choose another goal, or let stands of other sizes exchange places.")
        )
    if not basis.is_proven:
        said.append(
            Phrase("Not proven in this hall: the forecasts were not compared with changes observed here.")
        )
    return said


PROMISE_COLUMNS = ("layout", "file", "moves", "goal", "gain", "gain_low", "gain_high", "moved")


def write_proposals(found: LayoutProposals, folder: Path) -> Path:
    """Write each layout as GeoJSON and its forecast as CSV, and the promises as ``promises.csv``.

    Returns:
        The file of the promises.

    Raises:
        OutputError: a file cannot be written.
    """
    from app.forecast.cli import write_forecast

    text = io.StringIO()
    writer = csv.DictWriter(text, PROMISE_COLUMNS, lineterminator="\n")
    writer.writeheader()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, layout in enumerate(found.layouts, 1):
            file = folder / f"layout-{number}.geojson"
            document = json.dumps(make_layout_geojson(layout), ensure_ascii=False, indent=1)
            write_text_atomically(file, document + "\n")
            write_forecast(layout.forecast, folder / f"layout-{number}.csv")
            writer.writerow(describe_proposal(found, layout, number) | {"file": file.name})
        promises = folder / "promises.csv"
        write_text_atomically(promises, text.getvalue())
    except OSError as error:
        raise convert_error(OutputError, error, file=folder) from error
    return promises


def describe_proposal(found: LayoutProposals, layout: ProposedLayout, number: int) -> dict[str, object]:
    """Return a proposal by the names of ``PROMISE_COLUMNS``, without its file."""
    low, high = layout.promise.gain_interval
    return {
        "layout": number,
        "moves": layout.promise.moves,
        "goal": found.goal.value,
        "gain": round(layout.promise.gain, 4),
        "gain_low": round(low, 4),
        "gain_high": round(high, 4),
        "moved": "; ".join(f"{move.stand} -> {move.to}" for move in layout.moves),
    }


def make_layout_geojson(layout: ProposedLayout) -> dict[str, object]:
    """Return zones, lines and obstacles of a layout, as ``read_changed_plan`` reads them."""
    obstacles = tuple(
        Zone(ZoneId(obstacle.name), ZoneKind.OTHER, obstacle.outline) for obstacle in layout.plan.obstacles
    )
    drawn = make_floor_geojson(layout.geometry)
    features = make_floor_geojson(FloorGeometry(obstacles))["features"]
    assert isinstance(features, list)
    assert isinstance(drawn["features"], list)
    for feature in features:
        feature["properties"] = {"name": feature["properties"]["name"], "kind": "obstacle"}
    return {**drawn, "features": [*drawn["features"], *features]}
