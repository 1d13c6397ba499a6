"""Rules for places of stands: what may move where, which neighbours, fire lanes and aisles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np
import shapely
from shapely import affinity

from analytics.domain.arrays import BoolArray, FloatArray
from analytics.domain.errors import GeometryError, Phrase
from analytics.domain.floor_geometry import Polygon

SIZE_TOLERANCE_M = 0.25
"""Outlines that differ by no more are of one size."""
MAX_DISTANCE_M = 1000.0
ERROR_M = 0.05
"""Error of a drawn corner."""
_OVERLAP_M2 = 0.05
"""Overlap that comes from drawing."""


@dataclass(frozen=True, slots=True)
class SizeClass:
    """Stands that may exchange their places whatever their outlines, as far as the floor allows it."""

    name: str
    stands: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NeighbourRule:
    """Two stands that have to be within a distance of each other, or apart by at least that.

    Attributes:
        distance_m: between the outlines.
    """

    stands: tuple[str, ...]
    distance_m: float
    is_wanted: bool


@dataclass(frozen=True, slots=True)
class FireLane:
    """Floor that no stand may take."""

    name: str
    outline: Polygon


Rule = str | SizeClass | NeighbourRule | FireLane


@dataclass(frozen=True, slots=True)
class PlacementRules:
    """The rules that a search for better layouts keeps to.

    Attributes:
        fixed: stands that stay where they are.
        size_classes: a stand in none exchanges its place with those of its outline.
        least_aisle_m: no aisle that is as wide may become narrower, and no narrower one narrower still; None:
            only overlaps are refused.
        keeps_sponsors: no sponsor may be expected to lose visits.
    """

    fixed: tuple[str, ...] = ()
    size_classes: tuple[SizeClass, ...] = ()
    neighbours: tuple[NeighbourRule, ...] = ()
    fire_lanes: tuple[FireLane, ...] = ()
    least_aisle_m: float | None = None
    keeps_sponsors: bool = True

    @property
    def listed(self) -> tuple[Rule, ...]:
        """Return the rules about stands and floor; a name stands for a stand that stays where it is."""
        return (*self.fixed, *self.size_classes, *self.neighbours, *self.fire_lanes)

    def with_rule(self, rule: Rule) -> PlacementRules:
        """Return the rules with one more; size classes that share a stand become one."""
        if isinstance(rule, str):
            return replace(self, fixed=tuple(sorted({*self.fixed, rule})))
        if isinstance(rule, NeighbourRule):
            return replace(self, neighbours=(*self.neighbours, rule))
        if isinstance(rule, FireLane):
            return replace(self, fire_lanes=(*self.fire_lanes, rule))
        shared = [one for one in self.size_classes if set(one.stands) & set(rule.stands)]
        stands = {*rule.stands}.union(*(one.stands for one in shared))
        merged = SizeClass(shared[0].name if shared else rule.name, tuple(sorted(stands)))
        others = tuple(one for one in self.size_classes if one not in shared)
        return replace(self, size_classes=(*others, merged))

    def without_rule(self, rule: Rule) -> PlacementRules:
        """Return the rules without one of them."""
        return replace(
            self,
            fixed=tuple(one for one in self.fixed if one != rule),
            size_classes=tuple(one for one in self.size_classes if one != rule),
            neighbours=tuple(one for one in self.neighbours if one != rule),
            fire_lanes=tuple(one for one in self.fire_lanes if one != rule),
        )


def check_rules(rules: PlacementRules, stands: Sequence[str]) -> PlacementRules:
    """Return the rules if they fit to the stands of the plan.

    Raises:
        GeometryError: a stand that is not on the plan, in two size classes, or that contradicts itself.
    """
    named = {*rules.fixed}
    named.update(*(one.stands for one in rules.size_classes), *(one.stands for one in rules.neighbours))
    if unknown := sorted(named - set(stands)):
        raise GeometryError(
            "The placement rules name the stand '{name}', which is not on the plan.",
            "Correct its name in the rules, or draw it.",
            name=unknown[0],
        )
    for name, count in Counter(name for one in rules.size_classes for name in one.stands).items():
        if count > 1:
            raise GeometryError(
                "The stand '{name}' is in two size classes.", "Keep it in one of them.", name=name
            )
    for rule in rules.neighbours:
        if len(set(rule.stands)) != 2:
            raise GeometryError(
                "A rule about neighbours names {count} stands.",
                "Name two different stands.",
                count=len(set(rule.stands)),
            )
        if not 0 < rule.distance_m <= MAX_DISTANCE_M:
            raise GeometryError(
                "The distance {distance:g} m between neighbours is not between 0 and {most:g} m.",
                "Enter the distance in metres.",
                distance=rule.distance_m,
                most=MAX_DISTANCE_M,
            )
    pairs = Counter(frozenset(rule.stands) for rule in rules.neighbours)
    for pair, count in pairs.items():
        if count > 1:
            first, second = sorted(pair)
            raise GeometryError(
                "There are two rules about the stands '{first}' and '{second}'.",
                "Keep one of them.",
                first=first,
                second=second,
            )
    if rules.least_aisle_m is not None and not 0 < rules.least_aisle_m <= MAX_DISTANCE_M:
        raise GeometryError(
            "The least aisle width {width:g} m is not between 0 and {most:g} m.",
            "Enter the width in metres, or leave it out.",
            width=rules.least_aisle_m,
            most=MAX_DISTANCE_M,
        )
    return rules


def find_move(outline: shapely.Polygon, place: shapely.Polygon) -> list[float]:
    """Return the move of an outline to a place, turned so that it covers the place's outline best.

    Returns:
        What ``shapely.affinity.affine_transform`` takes.
    """
    turn_deg = _measure_turn(place) - _measure_turn(outline)
    best: list[float] = []
    least_m = np.inf
    for quarter in range(4):
        cos, sin = (float(f(np.radians(turn_deg + 90 * quarter))) for f in (np.cos, np.sin))
        turned = affinity.affine_transform(outline, [cos, -sin, sin, cos, 0.0, 0.0]).centroid
        move = [cos, -sin, sin, cos, place.centroid.x - turned.x, place.centroid.y - turned.y]
        moved = affinity.affine_transform(outline, move)
        misfit_m = float(shapely.hausdorff_distance(moved.exterior, place.exterior))
        # the first of equal turns is kept, so that nothing is turned without need
        if misfit_m < least_m - ERROR_M:
            best, least_m = move, misfit_m
        if least_m <= ERROR_M:
            break
    return best


def _measure_turn(outline: shapely.Polygon) -> float:
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(outline))
    sides = np.diff(corners, axis=0)
    x, y = sides[int(np.argmax(np.hypot(*sides.T)))]
    turn_deg = float(np.degrees(np.arctan2(y, x))) % 180.0
    return turn_deg if turn_deg < 179.0 else turn_deg - 180.0


@dataclass(frozen=True, slots=True, eq=False)
class PlacementSpace:
    """The moves that the rules allow on one plan; place k is where stand k is today.

    Attributes:
        outlines: of the places, shape (stands,).
        is_allowed: whether stand i may be at place k, shape (stands, stands).
        is_alike: whether it takes the floor there of the stand of today, shape (stands, stands).
        gaps_m: distances between the outlines of places, shape (stands, stands).
        hall: outline of the floor.
        obstacles: other things on the floor, which stay.
    """

    names: tuple[str, ...]
    outlines: tuple[shapely.Polygon, ...]
    is_allowed: BoolArray
    is_alike: BoolArray
    gaps_m: FloatArray
    hall: shapely.Polygon
    obstacles: tuple[shapely.Polygon, ...]
    rules: PlacementRules

    def keeps_neighbours(self, places: np.ndarray) -> BoolArray:
        """Return which layouts keep to the rules about neighbours.

        Args:
            places: place of each stand, shape (layouts, stands).
        """
        is_kept = np.ones(len(places), bool)
        index = {name: row for row, name in enumerate(self.names)}
        for rule in self.rules.neighbours:
            first, second = (places[:, index[name]] for name in rule.stands)
            gap_m = self.gaps_m[first, second]
            is_kept &= gap_m <= rule.distance_m if rule.is_wanted else gap_m >= rule.distance_m
        return is_kept

    def place_stands(self, places: Sequence[int]) -> tuple[shapely.Polygon, ...]:
        """Return the outlines of all stands at their places."""
        return tuple(
            own if stand == place else _move(own, self.outlines[place])
            for stand, (own, place) in enumerate(zip(self.outlines, places, strict=True))
        )

    def find_conflict(self, places: Sequence[int]) -> Phrase | None:
        """Return why the floor does not allow a layout, if it does not."""
        placed = self.place_stands(places)
        for stand, place in enumerate(places):
            if self.is_alike[stand, place]:
                continue
            others = [(other, where) for other, where in enumerate(places) if other != stand]
            reason = self._find_fault(
                placed[stand], place, [(placed[other], self.outlines[where]) for other, where in others]
            )
            if reason is not None:
                return Phrase("{stand}: {reason}", {"stand": self.names[stand], "reason": reason})
        return None

    def _find_fault(
        self,
        outline: shapely.Polygon,
        place: int,
        others: Sequence[tuple[shapely.Polygon, shapely.Polygon]],
    ) -> Phrase | None:
        """Return what is wrong with an outline at a place.

        Args:
            others: outlines of other stands, each with that of its place today.
        """
        today = self.outlines[place]
        reach = outline.union(today).buffer(self.rules.least_aisle_m or 0.0)
        others = [*others, *((one, one) for one in self.obstacles)]
        is_near = shapely.intersects(reach, np.array([other for other, _ in others], object))
        if outline.difference(self.hall).area > today.difference(self.hall).area + _OVERLAP_M2:
            return Phrase("it would stand outside of the hall")
        for lane in self.rules.fire_lanes:
            shape = lane.outline.to_shape()
            if outline.intersection(shape).area > today.intersection(shape).area + _OVERLAP_M2:
                return Phrase("it would stand in the fire lane '{name}'", {"name": lane.name})
        for other, other_today in compress(others, is_near):
            if outline.intersection(other).area > today.intersection(other_today).area + _OVERLAP_M2:
                return Phrase("it would overlap something else")
            if self.rules.least_aisle_m is not None:
                least_m = min(self.rules.least_aisle_m, today.distance(other_today))
                if outline.distance(other) < least_m - ERROR_M:
                    return Phrase("an aisle would be narrower than {width:g} m", {"width": least_m})
        return None


def make_space(
    *,
    names: Sequence[str],
    outlines: Sequence[shapely.Polygon],
    can_move: Sequence[bool],
    hall: shapely.Polygon,
    obstacles: Sequence[shapely.Polygon],
    rules: PlacementRules,
) -> PlacementSpace:
    """Return what the rules allow.

    Args:
        names, outlines: of all stands and other zones that visitors go to.
        can_move: whether each may move at all; others count as fixed.

    Raises:
        GeometryError: the rules do not fit to the plan.
    """
    check_rules(rules, names)
    count = len(names)
    outlines = tuple(outlines)
    gaps_m = shapely.distance(np.array(outlines)[:, None], np.array(outlines)[None, :])
    space = PlacementSpace(
        tuple(names),
        outlines,
        np.eye(count, dtype=bool),
        np.eye(count, dtype=bool),
        gaps_m,
        hall,
        tuple(obstacles),
        rules,
    )
    class_of = {name: row for row, one in enumerate(rules.size_classes) for name in one.stands}
    moves = [can and name not in rules.fixed for name, can in zip(names, can_move, strict=True)]
    for stand in range(count):
        for place in range(count):
            if stand == place or not (moves[stand] and moves[place]):
                continue
            own, other = class_of.get(names[stand]), class_of.get(names[place])
            if own != other or (own is None and not _is_like(outlines[stand], outlines[place])):
                continue
            outline = _move(outlines[stand], outlines[place])
            misfit_m = shapely.hausdorff_distance(outline.exterior, outlines[place].exterior)
            if own is None and misfit_m > SIZE_TOLERANCE_M:
                continue
            space.is_alike[stand, place] = misfit_m <= ERROR_M
            others = [(one, one) for k, one in enumerate(outlines) if k not in (stand, place)]
            space.is_allowed[stand, place] = (
                misfit_m <= ERROR_M or space._find_fault(outline, place, others) is None
            )
    return space


def _move(outline: shapely.Polygon, place: shapely.Polygon) -> shapely.Polygon:
    return affinity.affine_transform(outline, find_move(outline, place))


def _is_like(first: shapely.Polygon, second: shapely.Polygon) -> bool:
    """Return whether two outlines can be of one size; cheaper than moving them."""
    return abs(first.area - second.area) <= SIZE_TOLERANCE_M * max(first.length, second.length) / 2
