"""What the hall and every zone are like at this moment, from where people stand and which cameras see."""

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

MIN_OF_VIEW = 0.8
"""A zone is observed while so much is seen of what all cameras together would see of it."""


@dataclass(frozen=True, slots=True)
class ZoneNow:
    """A zone at this moment; None for what is not known.

    Attributes:
        people: None while too little of the zone is observed.
        capacity: people who may be in it at once, where somebody has said.
        space_m2: observed floor without obstacles per person; None without people.
        density_per_m2: people per m² of observed floor.
        level: of service by Fruin for walkways, A to F, by the mean density of the zone; A without people.
        queue: ``people`` of a zone of kind queue.
        wait_s: in a zone of kind queue, of late.
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
        """People against capacity, as a share."""
        return None if self.people is None or not self.capacity else self.people / self.capacity


@dataclass(frozen=True, slots=True)
class HallNow:
    """The hall at this moment.

    Attributes:
        people: in view of the cameras, everybody once; None while no camera is analysed.
    """

    people: int | None = None
    capacity: int | None = None
    zones: tuple[ZoneNow, ...] = ()

    @property
    def use(self) -> float | None:
        """People against capacity, as a share."""
        return None if self.people is None or not self.capacity else self.people / self.capacity


@dataclass(slots=True)
class _ZoneFloor:
    outline: BaseGeometry
    free: BaseGeometry
    seen_m2: float


@dataclass(slots=True)
class HallSight:
    """The zones of one geometry and what each camera sees of them; made anew when either changes.

    Making one loads what takes a second: not for the window's own thread.

    Of a floor none of whose cameras is calibrated nothing is seen: nobody on it can be counted. Cameras that
    are calibrated and whose view is not known, since their pictures had no size yet, are taken to see it all.
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
        self._views = {camera.name: _make_view(camera.view) for camera in self.scene.cameras}
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
    def is_blind(self) -> bool:
        """Whether no camera can place anybody on the floor."""
        return not any(entry.camera.pairs for entry in self.venue.cameras)

    def measure(
        self, dots: Sequence[LiveDot], live: frozenset[str], *, waits_s: Mapping[str, float] | None = None
    ) -> HallNow:
        """The figures of a moment.

        Args:
            dots: everybody on the floor, each once.
            live: names of the cameras that are analysed at this moment.
            waits_s: of the zones of kind queue of which one is known.
        """
        hall = self.venue.targets_of("")
        places = np.array([dot.place for dot in dots], np.float64).reshape(-1, 2)
        live = frozenset() if self.is_blind else live
        observed = self._find_observed(live)
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

    def measure_observed(self, live: frozenset[str]) -> float | None:
        """Share of all zones' floor without obstacles that the live cameras see; None without zones."""
        free_m2 = sum(floor.free.area for floor in self._zones)
        if free_m2 <= 0:
            return None
        if not self._views:
            return 1.0 if live and not self.is_blind else 0.0
        view = shapely.union_all([shape for name, shape in self._views.items() if name in live])
        return float(sum(floor.free.intersection(view).area for floor in self._zones) / free_m2)

    def _find_observed(self, live: frozenset[str]) -> list[float | None]:
        """Observed floor of each zone without its obstacles, m²; None where too little is seen."""
        known = self._observed.get(live)
        if known is not None:
            return known
        if not self._views:
            found = [floor.seen_m2 if live and floor.seen_m2 > 0 else None for floor in self._zones]
        else:
            view = shapely.union_all([shape for name, shape in self._views.items() if name in live])
            found = []
            for floor in self._zones:
                seen_m2 = floor.free.intersection(view).area
                found.append(seen_m2 if 0 < MIN_OF_VIEW * floor.seen_m2 <= seen_m2 else None)
        self._observed[live] = found
        return found


def list_rules(venue: Venue) -> dict[AlarmKey, AlarmRule]:
    """Every alarm rule of a venue by what it is about; of cameras each has its own, by default too."""
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
    """The figures that rules look at; None where nothing was observed.

    Args:
        down_s: for how long each camera has not been analysed; None where it need not be.
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


def _make_view(rings: Sequence[Sequence[tuple[float, float]]]) -> BaseGeometry:
    """Rings by the even-odd rule as one shape."""
    shape: BaseGeometry = shapely.Polygon()
    for ring in rings:
        if len(ring) > 3:
            shape = shape.symmetric_difference(shapely.make_valid(shapely.Polygon(ring)))
    return shape
