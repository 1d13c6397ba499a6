"""Visitors who walk from stop to stop: the run of a day, their positions, and the visits that come of them.

A party is one visitor, or a group who decide together. Every rule of who goes where is in ``VisitorRules``.
All days of a layout run at once, each with its own crowd.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from tools.layout_truth.hall_ways import STEP_M, HallWays
from tools.layout_truth.true_halls import REACH_M, TrueHall

TICK_S = 6.0
"""Decisions within so many seconds see the same crowd."""
MERGE_S, MINIMUM_STAY_S = 2.0, 3.0
_LABEL_M = 0.05
_WALK_SAMPLE_S = 0.5
_LATERAL_M = 0.35
_NOBODY = -1


@dataclass(slots=True, eq=False)
class Parties:
    """State of all parties of all days, one entry each.

    Attributes:
        day, size: number of the day, and how many people it is.
        arrived_s: seconds since the opening.
        node, goal: where it is, or goes next; where it wants to go in the end.
        stand: at which it stands, or -1.
        visited: stands where it has stopped, shape (n, stands).
        clock_s: of its latest event.
    """

    day: IntArray
    size: IntArray
    speed_m_s: FloatArray
    arrived_s: FloatArray
    node: IntArray
    goal: IntArray
    stand: IntArray
    visited: BoolArray
    clock_s: FloatArray


class VisitorRules(Protocol):
    """Choices of parties; ``who`` are their numbers, shape (m,)."""

    def choose_goal(self, who: IntArray, parties: Parties, crowd: IntArray) -> IntArray:
        """Return the nodes that they go to next; an exit ends the visit.

        Args:
            crowd: people by day and stand.
        """
        ...

    def find_stop_chance(self, who: IntArray, parties: Parties, crowd: IntArray) -> FloatArray:
        """Return the chance of a stop at each stand that they pass on the way, shape (m, stands)."""
        ...

    def draw_stay_s(
        self, who: IntArray, stands: IntArray, parties: Parties, crowd: IntArray
    ) -> tuple[FloatArray, BoolArray]:
        """Return how long each one's last member stays, and whether they are put off and only look from afar.

        Notes in ``parties.visited`` where they need not go again.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Legs:
    """Walks with the stay after each, by party and time.

    Attributes:
        party, start, end: party and the nodes.
        depart_s, arrive_s, until_s: start and end of the walk, end of the stay.
        is_put_off: whether the stay is outside of the zone.
    """

    party: IntArray
    start: IntArray
    end: IntArray
    depart_s: FloatArray
    arrive_s: FloatArray
    until_s: FloatArray
    is_put_off: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class ZoneTotals:
    """Visits and person-seconds by day and zone, shape (days, zones)."""

    visits: FloatArray
    person_s: FloatArray


def run_days(
    ways: HallWays, parties: Parties, rules: VisitorRules, rng: np.random.Generator, *, end_s: float
) -> Legs:
    """Run all parties from their arrival until they have left, or the end."""
    count, stands = parties.visited.shape
    days = int(parties.day.max()) + 1
    crowd = np.zeros((days, stands), np.int64)
    next_s = parties.arrived_s.copy()
    is_walking = np.zeros(count, bool)
    depart_s, origin = np.zeros(count), parties.node.copy()
    put_off = np.zeros(count, bool)
    rows: list[tuple[IntArray, ...]] = []
    stays: list[FloatArray] = []

    def record(who: IntArray, until_s: FloatArray) -> None:
        rows.append((who, origin[who].copy(), parties.node[who].copy(), put_off[who].astype(np.int64)))
        stays.append(np.column_stack([depart_s[who], parties.clock_s[who], until_s]))

    for now_s in np.arange(TICK_S, end_s + TICK_S, TICK_S):
        due = np.flatnonzero(next_s <= now_s)
        if not len(due):
            continue
        walking = is_walking[due]
        came, ready = due[walking], due[~walking]
        if len(came):
            parties.clock_s[came] = next_s[came]
            is_walking[came] = False
            place = ways.stand[parties.node[came]]
            gone = np.isin(parties.node[came], ways.exits)
            stay_s = np.zeros(len(came))
            put_off[came] = False
            at = np.flatnonzero(place >= 0)
            if len(at):
                who = came[at]
                stay_s[at], put_off[who] = rules.draw_stay_s(who, place[at], parties, crowd)
                # who only looks from afar is no part of the crowd
                who, stands_here = who[~put_off[who]], place[at][~put_off[who]]
                parties.stand[who] = stands_here
                np.add.at(crowd, (parties.day[who], stands_here), parties.size[who])
            next_s[came] = np.where(gone, np.inf, parties.clock_s[came] + stay_s)
            record(came, parties.clock_s[came] + stay_s)
        if len(ready):
            parties.clock_s[ready] = next_s[ready]
            stood = ready[parties.stand[ready] >= 0]
            np.subtract.at(crowd, (parties.day[stood], parties.stand[stood]), parties.size[stood])
            parties.stand[stood] = _NOBODY
            is_there = parties.node[ready] == parties.goal[ready]
            choosing = ready[is_there]
            if len(choosing):
                parties.goal[choosing] = rules.choose_goal(choosing, parties, crowd)
            stops = _draw_stop(ready, ways, parties, rules, crowd, rng)
            origin[ready] = parties.node[ready]
            goal_stand = ways.stand[parties.goal[ready]]
            own = np.where(
                goal_stand >= 0, ways.nearest[parties.node[ready], goal_stand], parties.goal[ready]
            )
            # the side of the stand that is nearest now
            parties.goal[ready] = own
            parties.node[ready] = np.where(stops >= 0, stops, own)
            depart_s[ready] = parties.clock_s[ready]
            length_m = ways.length_m[origin[ready], parties.node[ready]]
            length_m = np.where(np.isfinite(length_m), length_m, 0.0)
            next_s[ready] = parties.clock_s[ready] + np.maximum(length_m, 0.3) / parties.speed_m_s[ready]
            is_walking[ready] = True
    who, start, end, is_off = (np.concatenate(column) for column in zip(*rows, strict=True))
    times = np.concatenate(stays)
    order = np.lexsort([times[:, 0], who])
    times = times[order]
    return Legs(
        who[order], start[order], end[order], times[:, 0], times[:, 1], times[:, 2], is_off[order] == 1
    )


def _draw_stop(
    who: IntArray,
    ways: HallWays,
    parties: Parties,
    rules: VisitorRules,
    crowd: IntArray,
    rng: np.random.Generator,
) -> IntArray:
    """Return the node of the first stand on the way at which each stops, or -1."""
    goals = parties.goal[who]
    passed_m = ways.passed_m[parties.node[who], goals]
    chance = np.where(np.isnan(passed_m), 0.0, rules.find_stop_chance(who, parties, crowd))
    goal_stand = ways.stand[goals]
    to_stand = goal_stand >= 0
    chance[to_stand, goal_stand[to_stand]] = 0.0
    stopped = rng.random(chance.shape) < chance
    first = np.argmin(np.where(stopped, passed_m, np.inf), axis=1)
    return np.where(stopped.any(axis=1), ways.nearest[parties.node[who], first], _NOBODY)


@dataclass(frozen=True, slots=True, eq=False)
class MemberLegs:
    """Legs of single people, ordered by person and time, with the places where each stands.

    Attributes:
        leg: index into ``Legs``.
        person: from 0, over all days.
        stay_until_s: end of the own stay at the stand; the person then waits nearby for the others.
        from_xy, to_xy, wait_xy: where the walk begins, where the person stands and waits; shape (n, 2).
        lateral_m: offset to the left of the way.
    """

    legs: Legs
    leg: IntArray
    person: IntArray
    stay_until_s: FloatArray
    from_xy: FloatArray
    to_xy: FloatArray
    wait_xy: FloatArray
    lateral_m: FloatArray


def expand_members(
    legs: Legs, ways: HallWays, parties: Parties, rng: np.random.Generator, *, least_share: float = 1.0
) -> MemberLegs:
    """Give every member of a party legs of its own.

    Args:
        least_share: of the party's stay after which the first members have seen enough; 1: all stay as long.
    """
    size = parties.size[legs.party]
    leg = np.repeat(np.arange(len(legs.party)), size)
    member = np.arange(len(leg)) - np.repeat(np.cumsum(size) - size, size)
    first_person = np.cumsum(parties.size) - parties.size
    person = first_person[legs.party[leg]] + member
    order = np.lexsort([leg, person])
    leg, person, member = leg[order], person[order], member[order]
    count = len(leg)
    share = np.where(member == 0, 1.0, rng.uniform(least_share, 1.0, count))
    arrive, until = legs.arrive_s[leg], legs.until_s[leg]
    stay_until_s = arrive + share * (until - arrive)
    node = legs.end[leg]
    out, side = ways.outwards[node], ways.outwards[node][:, ::-1] * (1.0, -1.0)
    along = rng.uniform(-0.45, 0.45, count)[:, None] * ways.front_m[node][:, None] * side
    # from the access point before a side: towards it and away from it
    depth = np.where(legs.is_put_off[leg], REACH_M - 0.8 + 0.5, rng.uniform(-0.4, 0.2, count))
    is_stand = ways.stand[node] >= 0
    scatter = rng.normal(0.0, 0.3, (count, 2))
    is_door = ~is_stand & (np.abs(out).sum(axis=1) > 0)
    to_xy = ways.xy_m[node] + np.where(is_stand[:, None], along + depth[:, None] * out, scatter)
    to_xy = np.where(is_door[:, None], ways.xy_m[node] + along - 0.5 * out, to_xy)
    wait_xy = to_xy + (REACH_M - 0.8 + 0.4 - depth)[:, None] * out
    begins = np.concatenate([[True], np.diff(person) > 0])
    origin = legs.start[leg]
    out0 = ways.outwards[origin]
    begin_xy = ways.xy_m[origin] - 0.5 * out0
    begin_xy += rng.uniform(-1.0, 1.0, count)[:, None] * out0[:, ::-1] * (1.0, -1.0)
    waits = stay_until_s < until - 0.5
    last_xy = np.where(waits[:, None], wait_xy, to_xy)
    from_xy = np.where(begins[:, None], begin_xy, np.roll(last_xy, 1, axis=0))
    lateral_m = np.clip(rng.normal(0.0, _LATERAL_M, count), -1.0, 1.0)
    return MemberLegs(legs, leg, person, stay_until_s, from_xy, to_xy, wait_xy, lateral_m)


def locate(members: MemberLegs, ways: HallWays, row: IntArray, time_s: FloatArray) -> FloatArray:
    """Return the positions of member legs (rows) at times within them, shape (n, 2)."""
    legs, leg = members.legs, members.leg[row]
    start, end = legs.start[leg], legs.end[leg]
    length_m = np.maximum(np.where(np.isfinite(ways.length_m[start, end]), ways.length_m[start, end], 0), 0.3)
    span_s = np.maximum(legs.arrive_s[leg] - legs.depart_s[leg], 1e-3)
    at_m = np.clip((time_s - legs.depart_s[leg]) / span_s, 0.0, 1.0) * length_m
    index = np.minimum((at_m / STEP_M).astype(np.int64), ways.points.shape[2] - 2)
    rest = (at_m / STEP_M - index)[:, None]
    before, after = ways.points[start, end, index], ways.points[start, end, index + 1]
    xy = before * (1 - rest) + after * rest
    way = (after - before).astype(np.float64)
    way /= np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-6)[:, None]
    ramp_m = np.minimum(3.0, length_m / 2)
    fade_in = np.clip(at_m / ramp_m, 0.0, 1.0)
    fade_out = np.clip((length_m - at_m) / ramp_m, 0.0, 1.0)
    lateral = (members.lateral_m[row] * np.minimum(fade_in, fade_out))[:, None] * way[:, ::-1] * (-1.0, 1.0)
    first, last = ways.points[start, end, 0], ways.xy_m[end]
    xy = xy + lateral + (1 - fade_in)[:, None] * (members.from_xy[row] - first)
    xy = xy + (1 - fade_out)[:, None] * (members.to_xy[row] - last)
    waits = time_s > members.stay_until_s[row] + 1e-6
    located: FloatArray = np.where(waits[:, None], members.wait_xy[row], xy)
    return located


def count_visits(
    hall: TrueHall, members: MemberLegs, ways: HallWays, day_of_person: IntArray, *, days: int
) -> ZoneTotals:
    """Count visits and person-seconds in the hall's zones from exact positions, by the visit rule."""
    legs, leg = members.legs, members.leg
    depart, arrive, until = legs.depart_s[leg], legs.arrive_s[leg], legs.until_s[leg]
    steps = np.ceil((arrive - depart) / _WALK_SAMPLE_S).astype(np.int64)
    waits = members.stay_until_s < until - 0.5
    # the walk, then the two ends of the stay, and of the wait
    count = steps + np.where(waits, 4, 2)
    rows = np.repeat(np.arange(len(leg)), count)
    number = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    ends_s = np.column_stack([arrive, members.stay_until_s, members.stay_until_s + 0.01, until])
    times = depart[rows] + number * ((arrive - depart) / np.maximum(steps, 1))[rows]
    stands = np.flatnonzero(number >= steps[rows])
    times[stands] = ends_s[rows[stands], number[stands] - steps[rows[stands]]]
    xy = np.concatenate(
        [
            locate(members, ways, rows[i : i + 500_000], times[i : i + 500_000])
            for i in range(0, len(rows), 500_000)
        ]
    )
    person = members.person[rows]
    return count_samples(hall, person, times, xy, day_of_person, days=days)


def count_samples(
    hall: TrueHall,
    person: IntArray,
    times_s: FloatArray,
    xy: FloatArray,
    day_of_person: IntArray,
    *,
    days: int,
) -> ZoneTotals:
    """Count visits and person-seconds from samples ordered by person and time."""
    label = label_zones(hall, xy)
    zones = len(hall.zones)
    same = person[1:] == person[:-1]
    middle_s = (times_s[1:] + times_s[:-1]) / 2
    from_s = np.concatenate([times_s[:1], np.where(same, middle_s, times_s[1:])])
    to_s = np.concatenate([np.where(same, middle_s, times_s[:-1]), times_s[-1:]])
    begins = np.flatnonzero(np.concatenate([[True], ~same | (label[1:] != label[:-1])]))
    ends = np.concatenate([begins[1:], [len(label)]]) - 1
    run_person, run_label, start_s, end_s = person[begins], label[begins], from_s[begins], to_s[ends]
    inside = run_label >= 0
    run_person, run_label, start_s, end_s = (
        values[inside] for values in (run_person, run_label, start_s, end_s)
    )
    cell = day_of_person[run_person] * zones + run_label
    person_s = np.bincount(cell, end_s - start_s, minlength=days * zones)
    order = np.lexsort([start_s, run_label, run_person])
    run_person, run_label, start_s, end_s, cell = (
        values[order] for values in (run_person, run_label, start_s, end_s, cell)
    )
    goes_on = (run_person[1:] == run_person[:-1]) & (run_label[1:] == run_label[:-1])
    goes_on &= start_s[1:] - end_s[:-1] <= MERGE_S
    first = np.flatnonzero(np.concatenate([[True], ~goes_on]))
    last = np.concatenate([first[1:], [len(end_s)]]) - 1
    counts = end_s[last] - start_s[first] >= MINIMUM_STAY_S
    visits = np.bincount(cell[first][counts], minlength=days * zones).astype(np.float64)
    return ZoneTotals(visits.reshape(days, zones), person_s.reshape(days, zones))


def label_zones(hall: TrueHall, xy: FloatArray) -> IntArray:
    """Return the index of each point's zone, or -1."""
    width, height = (round(side / _LABEL_M) for side in hall.size_m)
    raster = np.full((height, width), -1, np.int16)
    for index, zone in enumerate(hall.zones):
        left, low, right, high = zone.outline.to_shape().bounds
        rows = slice(round(low / _LABEL_M), round(high / _LABEL_M))
        raster[rows, round(left / _LABEL_M) : round(right / _LABEL_M)] = index
    column = np.clip((xy[:, 0] / _LABEL_M).astype(np.int64), 0, width - 1)
    row = np.clip((xy[:, 1] / _LABEL_M).astype(np.int64), 0, height - 1)
    return raster[row, column].astype(np.int64)


def sample_day(
    members: MemberLegs, ways: HallWays, persons: BoolArray, *, interval_s: float = 1.0
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return person, time and exact position of some people at equal times, ordered by person and time.

    Args:
        persons: whether each person is wanted.
    """
    legs = members.legs
    row = np.flatnonzero(persons[members.person])
    leg = members.leg[row]
    first = np.ceil(legs.depart_s[leg] / interval_s).astype(np.int64)
    last = np.ceil(legs.until_s[leg] / interval_s).astype(np.int64)
    count = np.maximum(last - first, 0)
    rows = np.repeat(row, count)
    step = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count)
    time_s = (np.repeat(first, count) + step) * interval_s
    return members.person[rows], time_s, locate(members, ways, rows, time_s)
