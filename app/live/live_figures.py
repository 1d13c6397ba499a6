"""Compute live figures of the hall and its zones from positions and camera coverage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from analytics.alarms.alarm import AlarmKey
from analytics.domain.floor_plan import FloorGeometry
from analytics.domain.zone import ZoneKind
from analytics.domain.zone_targets import DEFAULT_CAMERA_RULE, AlarmMeasure, AlarmRule
from app.core.document import Venue
from app.plan.floor_scene import FloorScene, LiveDot

if TYPE_CHECKING:
    from analytics.density.level_of_service import ServiceScheme

MIN_SEEN_SHARE = 0.8
"""Minimum share of a zone's total coverage that live cameras must see for the zone to count as observed."""


@dataclass(frozen=True, slots=True)
class ZoneNow:
    """Live figures of a zone; None means unknown.

    Attributes:
        people: current number of people; None while too little of the zone is observed.
        capacity: maximum number of people, if set.
        space_m2: observed floor without obstacles per person; None without people.
        density_per_m2: people per m² of observed floor.
        level: level of service by Fruin for walkways, A to F, by the zone's mean density; A without
            people.
        queue: ``people`` of a zone of kind queue.
        wait_s: recent waiting time in a zone of kind queue.
    """

    name: str
    kind: ZoneKind
    people: int | None = None
    capacity: int | None = None
    space_m2: float | None = None
    density_per_m2: float | None = None
    level: str | None = None
    queue: int | None = None
    wait_s: float | None = None

    @property
    def use(self) -> float | None:
        """Return people divided by capacity."""
        return None if self.people is None or not self.capacity else self.people / self.capacity


@dataclass(frozen=True, slots=True)
class HallNow:
    """Live figures of the hall.

    Attributes:
        people: visitors seen by the cameras, each counted once; None while no camera is analysed.
    """

    people: int | None = None
    capacity: int | None = None
    zones: tuple[ZoneNow, ...] = ()

    @property
    def use(self) -> float | None:
        """Return people divided by capacity."""
        return None if self.people is None or not self.capacity else self.people / self.capacity


@dataclass(slots=True)
class _ZoneFloor:
    outline: BaseGeometry
    free: BaseGeometry
    seen_m2: float


@dataclass(slots=True)
class HallCoverage:
    """The zones of one plan version and the floor that each camera sees; recreated when either changes.

    Creating it loads packages for a second, so it must not happen on the window's thread.

    If no camera is calibrated, no floor counts as seen. Calibrated cameras with an unknown field of view,
    because they sent no picture yet, count as seeing everything.
    """

    venue: Venue
    geometry: FloorGeometry
    scene: FloorScene
    _scheme: ServiceScheme = field(init=False)
    _levels: list[str] = field(init=False)
    _zones: list[_ZoneFloor] = field(init=False)
    _views: dict[str, BaseGeometry] = field(init=False)
    _observed: dict[frozenset[str], list[float | None]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        from analytics.density.level_of_service import FRUIN_WALKWAY, Level

        self._scheme, self._levels = FRUIN_WALKWAY, [level.name for level in Level]
        self._views = {camera.name: _make_shape(camera.view) for camera in self.scene.cameras}
        blocked = shapely.union_all([shapely.Polygon(shape.points) for shape in self.scene.obstacles])
        everything = shapely.union_all(list(self._views.values())) if self._views else None
        self._zones = []
        for zone in self.geometry.zones:
            outline = zone.outline.to_shape()
            shapely.prepare(outline)
            free = outline.difference(blocked)
            seen = free if everything is None else free.intersection(everything)
            self._zones.append(_ZoneFloor(outline, free, seen.area))

    @property
    def is_uncalibrated(self) -> bool:
        """Return whether no camera is calibrated."""
        return not any(entry.camera.pairs for entry in self.venue.cameras)

    def measure(
        self, dots: Sequence[LiveDot], live: frozenset[str], *, waits_s: Mapping[str, float] | None = None
    ) -> HallNow:
        """Compute the current figures.

        Args:
            dots: positions of the visitors on the floor, each once.
            live: names of the cameras that are being analysed.
            waits_s: known waiting times by queue zone.
        """
        hall = self.venue.targets_of("")
        places = np.array([dot.place for dot in dots], np.float64).reshape(-1, 2)
        live = frozenset() if self.is_uncalibrated else live
        observed = self._measure_observed_m2(live)
        zones = []
        for zone, floor, seen_m2 in zip(self.geometry.zones, self._zones, observed, strict=True):
            name, capacity = str(zone.name), self.venue.targets_of(zone.name).capacity
            is_queue = zone.kind is ZoneKind.QUEUE
            wait_s = (waits_s or {}).get(name) if is_queue else None
            if seen_m2 is None:
                zones.append(ZoneNow(name, zone.kind, capacity=capacity, wait_s=wait_s))
                continue
            people = int(shapely.contains_xy(floor.outline, places[:, 0], places[:, 1]).sum())
            space_m2 = seen_m2 / people if people else None
            zones.append(
                ZoneNow(
                    name=name,
                    kind=zone.kind,
                    people=people,
                    capacity=capacity,
                    space_m2=space_m2,
                    density_per_m2=people / seen_m2,
                    level=self._levels[int(self._scheme.classify(np.array([people / seen_m2]))[0])],
                    queue=people if is_queue else None,
                    wait_s=wait_s,
                )
            )
        return HallNow(len(dots) if live else None, hall.capacity, tuple(zones))

    def measure_observed_share(self, live: frozenset[str]) -> float | None:
        """Return the share of all zones' floor without obstacles seen by the live cameras; None without
        zones.
        """
        free_m2 = sum(floor.free.area for floor in self._zones)
        if free_m2 <= 0:
            return None
        if not self._views:
            return 1.0 if live and not self.is_uncalibrated else 0.0
        seen = shapely.union_all([shape for name, shape in self._views.items() if name in live])
        return float(sum(floor.free.intersection(seen).area for floor in self._zones) / free_m2)

    def _measure_observed_m2(self, live: frozenset[str]) -> list[float | None]:
        """Return the observed floor of each zone without obstacles, m²; None where too little is seen."""
        known = self._observed.get(live)
        if known is not None:
            return known
        if not self._views:
            found = [floor.seen_m2 if live and floor.seen_m2 > 0 else None for floor in self._zones]
        else:
            seen = shapely.union_all([shape for name, shape in self._views.items() if name in live])
            found = []
            for floor in self._zones:
                seen_m2 = floor.free.intersection(seen).area
                found.append(seen_m2 if 0 < MIN_SEEN_SHARE * floor.seen_m2 <= seen_m2 else None)
        self._observed[live] = found
        return found


def list_rules(venue: Venue) -> dict[AlarmKey, AlarmRule]:
    """Return every alarm rule of a venue by its subject; each camera has a rule, by default too."""
    rules = {}
    zones = {str(zone.name) for zone in venue.geometry_at(None).zones}
    for targets in venue.targets:
        if not targets.is_hall and targets.zone not in zones:
            continue
        for rule in targets.rules:
            if rule.measure is not AlarmMeasure.CAMERA_DOWN:
                rules[AlarmKey(rule.measure, str(targets.zone))] = rule
    camera_rule = venue.targets_of("").find_rule(AlarmMeasure.CAMERA_DOWN) or DEFAULT_CAMERA_RULE
    for name in venue.camera_names:
        rules[AlarmKey(AlarmMeasure.CAMERA_DOWN, camera=str(name))] = camera_rule
    return rules


def list_values(hall: HallNow, down_s: Mapping[str, float | None]) -> dict[AlarmKey, float | None]:
    """Return the values that alarm rules check; None where nothing was observed.

    Args:
        down_s: seconds since each camera was last analysed; None for cameras that need not be.
    """
    values: dict[AlarmKey, float | None] = {AlarmKey(AlarmMeasure.PEOPLE): hall.people}
    for zone in hall.zones:
        values[AlarmKey(AlarmMeasure.PEOPLE, zone.name)] = zone.people
        values[AlarmKey(AlarmMeasure.DENSITY, zone.name)] = zone.density_per_m2
        values[AlarmKey(AlarmMeasure.QUEUE, zone.name)] = zone.queue
        values[AlarmKey(AlarmMeasure.WAIT, zone.name)] = zone.wait_s
    for camera, seconds in down_s.items():
        values[AlarmKey(AlarmMeasure.CAMERA_DOWN, camera=camera)] = seconds
    return values


def _make_shape(rings: Sequence[Sequence[tuple[float, float]]]) -> BaseGeometry:
    """Return rings as one shape by the even-odd rule."""
    shape: BaseGeometry = shapely.Polygon()
    for ring in rings:
        if len(ring) > 3:
            shape = shape.symmetric_difference(shapely.make_valid(shapely.Polygon(ring)))
    return shape
