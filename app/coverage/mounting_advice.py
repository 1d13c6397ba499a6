"""Advice on camera mounting: coverage problems of zones, and the cheapest effective changes."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

import numpy as np
import shapely

from analytics.domain.errors import Phrase
from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.floor_plan import FloorPlan
from analytics.domain.zone import Zone
from app.core.job import JobContext
from app.coverage.camera_mounting import MountedCamera
from app.coverage.coverage_map import (
    PEOPLE_PER_M2,
    CoverageValues,
    ZoneCoverage,
    ZoneFloor,
    combine_coverage,
    list_covering_cameras,
    measure_camera,
    spread_points,
)
from vision.calibration.camera_pose import CameraPose


class ChangeKind(IntEnum):
    """The kind of change, cheapest first: a screw, a joint, a longer rod, new holes."""

    TILT = 1
    HEADING = 2
    HEIGHT = 3
    PLACE = 4


HEIGHTS_M = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5)
TILTS_DEG = (2.0, 5.0, 10.0, 15.0, 20.0)
HEADINGS_DEG = (5.0, 10.0, 20.0, 30.0)
MOVES_M = (0.5, 1.0, 2.0, 3.0)
MIN_M, MAX_HEIGHT_M = 2.0, 30.0
"""Mounting height limits: lower ones are in reach of people, higher ones exceed any hall."""
MAX_TILT_DEG = 85.0
"""Maximum tilt; looking straight down, a camera has no heading."""


@dataclass(frozen=True, slots=True)
class MountingChange:
    """A possible change of a camera's mounting.

    Attributes:
        amount: size of the change in metres or degrees, for comparing costs.
        words: such as ``0.7 m higher``.
    """

    kind: ChangeKind
    pose: CameraPose
    amount: float
    words: Phrase

    @property
    def cost(self) -> tuple[int, float]:
        """Return the sort key of its cost."""
        return int(self.kind), self.amount


def list_changes(pose: CameraPose, *, hall: Polygon) -> Iterator[MountingChange]:
    """Return possible changes of a camera, none within reach of people or outside of the hall."""
    tilt_deg = math.degrees(pose.tilt_rad)
    for by, sign in itertools.product(TILTS_DEG, (1, -1)):
        way = Phrase("tilted {by:.0f}° further down") if sign > 0 else Phrase("tilted {by:.0f}° further up")
        if 0.0 <= tilt_deg + sign * by <= MAX_TILT_DEG:
            turned = dataclasses.replace(pose, tilt_rad=math.radians(tilt_deg + sign * by))
            yield _make_change(ChangeKind.TILT, turned, by, way)
    for by, sign in itertools.product(HEADINGS_DEG, (1, -1)):
        way = Phrase("turned {by:.0f}° to the left") if sign > 0 else Phrase("turned {by:.0f}° to the right")
        turned = dataclasses.replace(pose, heading_rad=pose.heading_rad + sign * math.radians(by))
        yield _make_change(ChangeKind.HEADING, turned, by, way)
    for by, sign in itertools.product(HEIGHTS_M, (1, -1)):
        way = Phrase("{by:.1f} m higher") if sign > 0 else Phrase("{by:.1f} m lower")
        if MIN_M <= pose.height_m + sign * by <= MAX_HEIGHT_M:
            hung = dataclasses.replace(pose, height_m=pose.height_m + sign * by)
            yield _make_change(ChangeKind.HEIGHT, hung, by, way)
    floor = hall.to_shape()
    for by, ((right, up), way) in itertools.product(MOVES_M, _WAYS.items()):
        moved = dataclasses.replace(pose, x_m=pose.x_m + right * by, y_m=pose.y_m + up * by)
        if shapely.intersects_xy(floor, moved.x_m, moved.y_m):
            yield _make_change(ChangeKind.PLACE, moved, by, way)


_WAYS = {
    (1, 0): Phrase("moved {by:.1f} m to the right on the plan"),
    (-1, 0): Phrase("moved {by:.1f} m to the left on the plan"),
    (0, 1): Phrase("moved {by:.1f} m up on the plan"),
    (0, -1): Phrase("moved {by:.1f} m down on the plan"),
}


def _make_change(kind: ChangeKind, pose: CameraPose, by: float, way: Phrase) -> MountingChange:
    return MountingChange(kind, pose, by, dataclasses.replace(way, fields={"by": by}))


NEEDED_PERSON_PX = 40.0
"""In the picture as the detector gets it. YOLO11n INT8 on three real clips that were made smaller by steps
(1,155 people): at the pipeline's least score it finds 97 % of those who are 40 to 50 pixels tall there, 88 %
at 30 to 40, 53 % at 20 to 25; and every one from 80 pixels on."""
UNSEEN_SHARE = 0.05
"""Minimum unseen share of a zone; less is its border."""
UNSEEN_M2 = 1.0
"""Minimum unseen area, the space of one person."""
MISSED_SHARE = 0.2
"""Missed share up to which comparisons stay valid: the zone is observed for four fifths of time and floor (as
``OBSERVED_SHARE`` of zones)."""
MAX_ERROR_M = 0.35
"""Required accuracy of floor positions (root mean square)."""
TARGET_GAIN = 0.5
"""Share of the missed floor that a change must restore to be named; the cheapest such one is."""
TARGET_SHARE_OF_BEST = 0.8
"""Share of the best change's gain that a cheaper one must reach otherwise."""
MIN_GAIN = 0.2
"""Minimum gain, as a share of a zone's missed floor, that justifies a change."""
HALF = (0.45, 0.55)
"""Range of shares that is described as half."""
ADVISED_POINTS = 150
"""Sample points per zone while dozens of changes of every camera are tried."""
_SIDES = 0.15
"""Distance of the unseen part from the middle, in zone sizes, at which a side is named."""


class AdviceKind(StrEnum):
    """The subject of a piece of advice."""

    UNSEEN = "unseen"
    SMALL = "small"
    INEXACT = "inexact"
    CHANGE = "change"


@dataclass(frozen=True, slots=True)
class MountingAdvice:
    """One piece of advice on a zone and its cameras.

    Attributes:
        words: a translatable sentence.
        camera: camera to change; None for none.
        place_m: position on the floor.
        change: None if nothing helps, or a camera has to be added.
        before_m2, after_m2: missed floor of the zone, without and with the change.
    """

    kind: AdviceKind
    zone: str
    words: Phrase
    place_m: Point | None = None
    camera: str | None = None
    change: MountingChange | None = None
    before_m2: float | None = None
    after_m2: float | None = None


@dataclass(frozen=True, slots=True)
class _Trial:
    """A change and the resulting coverage of every zone."""

    camera: MountedCamera
    change: MountingChange
    zones: tuple[ZoneCoverage, ...]

    @property
    def missed_m2(self) -> float:
        return sum(zone.missed_m2 for zone in self.zones)


def advise_mounting(
    cameras: Sequence[MountedCamera],
    zones: Sequence[Zone],
    plan: FloorPlan,
    *,
    people_per_m2: float = PEOPLE_PER_M2,
    context: JobContext | None = None,
) -> tuple[MountingAdvice, ...]:
    """Return the advice for every zone, those that miss most of their floor first.

    For each zone: what no camera sees of it, whether people are too small there for the detector, whether
    positions are too inexact, and the change of one camera that mends its missed floor (never seen, or hidden
    by people at the moment) or its error. A change must not make all zones together miss more, nor any
    of them by more than ``UNSEEN_SHARE`` of it. The cheapest that mends ``TARGET_GAIN`` is named, or else the
    cheapest that mends ``TARGET_SHARE_OF_BEST`` of what the best one does.
    """
    floors = [spread_points(zone, plan, points=ADVISED_POINTS) for zone in zones]
    floors = [floor for floor in floors if len(floor.points_m)]
    survey = _Survey(cameras, floors, plan, people_per_m2)
    now = survey.summarise()
    trials = list(_try_changes(survey, plan, now, context))
    advice: list[MountingAdvice] = []
    for index, zone in sorted(enumerate(now), key=lambda pair: -pair[1].missed_m2):
        advice += _find_unseen(zone, zones)
        advice += _find_small(zone)
        advice += _find_inexact(zone)
        change = _find_change(index, zone, trials)
        if change is not None:
            advice.append(change)
    return tuple(advice)


class _Survey:
    """Coverage values of every camera at every zone, measured once."""

    def __init__(
        self,
        cameras: Sequence[MountedCamera],
        floors: Sequence[ZoneFloor],
        plan: FloorPlan,
        people_per_m2: float,
    ) -> None:
        self.cameras, self._floors, self._plan = cameras, floors, plan
        self._people_per_m2 = people_per_m2
        self._names = [camera.name for camera in cameras]
        self._points = np.concatenate([np.empty((0, 2)), *(floor.points_m for floor in floors)])
        self._borders = np.cumsum([0, *(len(floor.points_m) for floor in floors)])
        self._figures = [self._measure(camera) for camera in cameras]

    def summarise(self, replaced: int = -1, by: MountedCamera | None = None) -> tuple[ZoneCoverage, ...]:
        """Summarise every zone, optionally with one camera replaced."""
        figures = list(self._figures)
        if by is not None:
            figures[replaced] = self._measure(by)
        combined = combine_coverage(figures, len(self._points), people_per_m2=self._people_per_m2)
        found = []
        for number, floor in enumerate(self._floors):
            part = slice(self._borders[number], self._borders[number + 1])
            seeing = list_covering_cameras([camera.select(part) for camera in figures], self._names)
            found.append(floor.summarise(combined.select(part), seeing))
        return tuple(found)

    def _measure(self, camera: MountedCamera) -> CoverageValues:
        return measure_camera(camera, self._points, obstacles=self._plan.obstacles)


def _try_changes(
    survey: _Survey, plan: FloorPlan, now: Sequence[ZoneCoverage], context: JobContext | None
) -> Iterator[_Trial]:
    if all(not _is_poor(zone) for zone in now):
        return
    missed_m2 = sum(zone.missed_m2 for zone in now)
    for number, camera in enumerate(survey.cameras):
        if camera.mounting is None:
            continue
        for change in list_changes(camera.mounting.pose, hall=plan.outline):
            if context is not None:
                context.checkpoint(number, len(survey.cameras))
            moved = camera.moved_to(change.pose, hall=plan.outline)
            trial = _Trial(camera, change, survey.summarise(number, moved))
            if trial.missed_m2 <= missed_m2 and not _makes_worse(trial.zones, now):
                yield trial


def _makes_worse(after: Sequence[ZoneCoverage], now: Sequence[ZoneCoverage]) -> bool:
    return any(
        zone.missed_m2 > before.missed_m2 + UNSEEN_SHARE * before.area_m2
        for zone, before in zip(after, now, strict=True)
    )


def _is_poor(zone: ZoneCoverage) -> bool:
    return zone.area_m2 > 0 and (
        zone.missed_m2 > MISSED_SHARE * zone.area_m2
        or (zone.error_m is not None and zone.error_m > MAX_ERROR_M)
    )


def _find_unseen(zone: ZoneCoverage, zones: Sequence[Zone]) -> Iterator[MountingAdvice]:
    if zone.unseen_m2 <= UNSEEN_SHARE * zone.area_m2 or zone.unseen_m2 < UNSEEN_M2:
        return
    fields: dict[str, object] = {"zone": zone.name, "area": zone.unseen_m2}
    side = _name_side(zone, zones)
    if not zone.cameras:
        words = Phrase("No camera sees {zone}: {area:.1f} m².", fields)
    elif side is None:
        words = Phrase("No camera sees {area:.1f} m² of {zone}.", fields)
    else:
        words = Phrase("No camera sees {side} of {zone}: {area:.1f} m².", {**fields, "side": side})
    yield MountingAdvice(AdviceKind.UNSEEN, zone.name, words, zone.unseen_middle_m)


def _name_side(zone: ZoneCoverage, zones: Sequence[Zone]) -> Phrase | None:
    outline = next(known.outline for known in zones if known.name == zone.name).to_shape()
    left, bottom, right, top = outline.bounds
    if zone.unseen_middle_m is None:
        return None
    across = (zone.unseen_middle_m[0] - (left + right) / 2) / (right - left)
    upwards = (zone.unseen_middle_m[1] - (bottom + top) / 2) / (top - bottom)
    if max(abs(across), abs(upwards)) < _SIDES:
        return None
    if abs(across) >= abs(upwards):
        return Phrase("the right side") if across > 0 else Phrase("the left side")
    return Phrase("the upper side") if upwards > 0 else Phrase("the lower side")


def _find_small(zone: ZoneCoverage) -> Iterator[MountingAdvice]:
    if zone.person_px is not None and zone.person_px < NEEDED_PERSON_PX:
        yield MountingAdvice(
            AdviceKind.SMALL,
            zone.name,
            Phrase(
                "At {zone}, people are {height:.0f} pixels tall in the detector's picture; "
                "{needed:.0f} are needed.",
                {"zone": zone.name, "height": zone.person_px, "needed": NEEDED_PERSON_PX},
            ),
        )


def _find_inexact(zone: ZoneCoverage) -> Iterator[MountingAdvice]:
    if zone.error_m is not None and zone.error_m > MAX_ERROR_M:
        yield MountingAdvice(
            AdviceKind.INEXACT,
            zone.name,
            Phrase(
                "The position error at {zone} is {error:.2f} m; it should be {most:.2f} m or less.",
                {"zone": zone.name, "error": zone.error_m, "most": MAX_ERROR_M},
            ),
        )


def _find_change(index: int, zone: ZoneCoverage, trials: Sequence[_Trial]) -> MountingAdvice | None:
    if zone.missed_m2 > MISSED_SHARE * zone.area_m2 and zone.missed_m2 >= UNSEEN_M2:
        best = _choose(
            [(zone.missed_m2 - trial.zones[index].missed_m2, trial) for trial in trials],
            target=TARGET_GAIN * zone.missed_m2,
        )
        if best is not None and zone.missed_m2 - best.zones[index].missed_m2 >= MIN_GAIN * zone.missed_m2:
            return _describe_gain(zone, best.zones[index], best)
    if zone.error_m is not None and zone.error_m > MAX_ERROR_M:
        gains = [
            (zone.error_m - error_m, trial)
            for trial in trials
            if (error_m := trial.zones[index].error_m) is not None
            and trial.zones[index].missed_m2 <= zone.missed_m2
        ]
        best = _choose(gains, target=TARGET_GAIN * zone.error_m)
        after = None if best is None else best.zones[index].error_m
        if best is not None and after is not None and zone.error_m - after >= MIN_GAIN * zone.error_m:
            return _describe_error(zone, after, best)
    return None


def _choose(gains: Sequence[tuple[float, _Trial]], *, target: float) -> _Trial | None:
    largest = max((gain for gain, _trial in gains), default=0.0)
    if largest <= 0:
        return None
    # a half that was computed is a hair more or less than one half
    enough = min(target, TARGET_SHARE_OF_BEST * largest) * (1 - 1e-9)
    costs = [
        (trial.change.cost, -gain, number) for number, (gain, trial) in enumerate(gains) if gain >= enough
    ]
    return gains[min(costs)[2]][1]


def _describe_gain(zone: ZoneCoverage, after: ZoneCoverage, trial: _Trial) -> MountingAdvice:
    fields = {
        "camera": trial.camera.name,
        "change": trial.change.words,
        "zone": zone.name,
        "before": zone.missed_m2,
        "after": after.missed_m2,
    }
    words = Phrase(
        "Camera {camera} {change}: the hidden or unseen floor of {zone} shrinks from {before:.1f} to "
        "{after:.1f} m².",
        fields,
    )
    if HALF[0] <= after.missed_m2 / zone.missed_m2 <= HALF[1]:
        words = Phrase(
            "Camera {camera} {change} halves the hidden or unseen floor of {zone}: {before:.1f} to "
            "{after:.1f} m².",
            fields,
        )
    return MountingAdvice(
        AdviceKind.CHANGE,
        zone.name,
        words,
        camera=trial.camera.name,
        change=trial.change,
        before_m2=zone.missed_m2,
        after_m2=after.missed_m2,
    )


def _describe_error(zone: ZoneCoverage, after_m: float, trial: _Trial) -> MountingAdvice:
    return MountingAdvice(
        AdviceKind.CHANGE,
        zone.name,
        Phrase(
            "Camera {camera} {change}: the position error at {zone} is {after:.2f} m instead of "
            "{before:.2f} m.",
            {
                "camera": trial.camera.name,
                "change": trial.change.words,
                "zone": zone.name,
                "before": zone.error_m,
                "after": after_m,
            },
        ),
        camera=trial.camera.name,
        change=trial.change,
    )
