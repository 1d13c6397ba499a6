"""People on the ways of a fair's day as they behave: nobody stands in anybody, and nobody stands still.

A day's walks say where a group goes and how long it stays. Here each person gets a place of their own at a
stand or a seat at the stage, sways, shifts their weight and steps aside, follows the one ahead in the queue
after a moment, and gives way to the right. Sources of the figures: sway of quiet standing of 1 to 3 cm, a
distance of 0.5 to 0.6 m between the middles of two people who pass, a reaction of 0.7 s.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.signal import lfilter

from analytics.domain.arrays import FloatArray, IntArray
from analytics.domain.floor_geometry import Point
from tools.fairs.fair_hall import COFFEE, STAGE, FairHall
from tools.fairs.fair_itineraries import DayWalks
from tools.simulation.body_boxes import BodySizes
from tools.simulation.crowd.crowd_samples import CrowdSamples

_SWAY_M, _SWAY_S = 0.03, 2.0
_SHIFT_M, _SHIFT_S, _MOVE_S = 0.25, 25.0, 1.2
"""Every so often who stands takes a step or two, to a place so far from the one first chosen."""
_REACTION_S = 0.7
_TO_PLACE_M_S = 0.8
"""Who comes turns off to their own place at so much across their way."""
_APART_M = 0.6
_AHEAD_S = 0.6
_RIGHT_RAD = math.radians(35.0)
_YIELDING, _RETURN_S, _FASTEST_M_S = 0.35, 2.0, 0.8
"""Share of a lacking distance made up in a frame, how soon one is back, and how fast one yields."""
_CLEAR_M = 0.2
"""Between a body's middle and furniture."""
_CHILDREN, _BAGS = 0.04, 0.25
_CHILD_M, _CHILD_SPREAD_M = 1.25, 0.1
_ADULT_M, _ADULT_SPREAD_M, _SHORTEST_M = 1.71, 0.09, 0.95
_HALF_WIDTH_M, _CHILD_HALF_WIDTH_M, _BAG_M = 0.27, 0.2, 0.07


def draw_bodies(count: int, random: np.random.Generator) -> BodySizes:
    """Return adults and children, some of them with bags."""
    is_child = random.random(count) < _CHILDREN
    middle = np.where(is_child, _CHILD_M, _ADULT_M)
    height = random.normal(middle, np.where(is_child, _CHILD_SPREAD_M, _ADULT_SPREAD_M))
    half = np.where(is_child, _CHILD_HALF_WIDTH_M, _HALF_WIDTH_M) * random.normal(1.0, 0.06, count)
    half += _BAG_M * (random.random(count) < _BAGS)
    return BodySizes(np.maximum(height, _SHORTEST_M), half)


def sample_lively_crowd(
    walks: DayWalks, hall: FairHall, *, frames: int, fps: float, random: np.random.Generator
) -> CrowdSamples:
    """Return where everybody is in each of so many frames; equal arguments give equal positions."""
    walks = _follow_one_another(walks, hall)
    starts = np.flatnonzero(np.diff(walks.person, prepend=-1))
    ends = np.append(starts[1:], len(walks.person)) - 1
    first = np.maximum(np.ceil(walks.time_s[starts] * fps - 1e-9).astype(np.int64), 0)
    last = np.minimum(np.floor(walks.time_s[ends] * fps + 1e-9).astype(np.int64), frames - 1)
    counts = np.maximum(last - first + 1, 0)
    person = np.repeat(walks.person[starts], counts)
    frame = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts - first, counts)
    base = _interpolate(walks.person, walks.time_s, walks.xy_m, person, frame / fps)
    base += _interpolate(*_displace(walks, hall, random), person, frame / fps)
    base += _sway(len(base), fps, random)
    ahead = base[
        np.minimum(np.arange(len(base)) + round(_AHEAD_S * fps), np.repeat(np.cumsum(counts), counts) - 1)
    ]
    order = np.argsort(frame, kind="stable")
    frame, person, base, ahead = frame[order], person[order], base[order], ahead[order]
    xy = _give_way(base, ahead, person, np.searchsorted(frame, np.arange(frames + 1)), fps)
    return CrowdSamples(np.arange(frames) / fps, frame, person, _keep_off_furniture(xy, hall))


def _interpolate(
    persons: IntArray, times_s: FloatArray, values: FloatArray, person: IntArray, time_s: FloatArray
) -> FloatArray:
    """Return values of persons' own knots, shape (k, 2), at their moments, shape (n, 2)."""
    # all persons' knots one after the other on one axis, so that a single interpolation does for all
    apart_s = float(max(times_s.max(initial=0.0), time_s.max(initial=0.0))) + 1000.0
    knots, at = persons * apart_s + times_s, person * apart_s + time_s
    return np.column_stack([np.interp(at, knots, values[:, axis]) for axis in (0, 1)])


def _follow_one_another(walks: DayWalks, hall: FairHall) -> DayWalks:
    """Return the walks with a line for coffee whose people step up one after the other."""
    places = np.asarray(hall.stands[hall.find_stand(COFFEE)].stand.places)
    times_s = walks.time_s.copy()
    for person, stand, from_s, until_s in walks.stays.tolist():
        if int(stand) != hall.find_stand(COFFEE):
            continue
        low, high = np.searchsorted(walks.person, (int(person), int(person) + 1))
        own = np.arange(low, high)
        own = own[(walks.time_s[own] > from_s + 1e-6) & (walks.time_s[own] < until_s - 1e-6)]
        row = np.hypot(*(walks.xy_m[own][:, None] - places).transpose(2, 0, 1)).argmin(axis=1)
        # a step of several places ends as much later as it began, by the reactions of all who were ahead
        begun = np.maximum(row, np.concatenate([row[:1], row[:-1]]))
        delayed = walks.time_s[own] + _REACTION_S * begun
        times_s[own] = np.minimum(np.maximum.accumulate(delayed), until_s - 1e-3) if len(own) else delayed
    return replace(walks, time_s=times_s)


def _displace(
    walks: DayWalks, hall: FairHall, random: np.random.Generator
) -> tuple[IntArray, FloatArray, FloatArray]:
    """Return knots (person, time, displacement) that lead each to a place of their own, with steps aside."""
    stays = walks.stays[np.argsort(walks.stays[:, 2], kind="stable")]
    at = _interpolate(walks.person, walks.time_s, walks.xy_m, stays[:, 0].astype(np.int64), stays[:, 2])
    coffee, stage = hall.find_stand(COFFEE), hall.find_stand(STAGE)
    free_from = [np.zeros(len(stand.stand.places)) for stand in hall.stands]
    of_person: dict[int, list[tuple[float, float, FloatArray, bool]]] = {}
    for (person, number, from_s, until_s), xy in zip(stays.tolist(), at, strict=True):
        stand = int(number)
        if stand == coffee:
            continue
        places = np.asarray(hall.stands[stand].stand.places)
        distance_m = np.hypot(*(places - xy).T)
        distance_m[free_from[stand] > from_s] = np.inf
        place = int(distance_m.argmin())
        shift = np.zeros(2)
        if np.isfinite(distance_m[place]):
            free_from[stand][place] = until_s
            shift = places[place] - xy
        of_person.setdefault(int(person), []).append((from_s, until_s, shift, stand == stage))
    persons, times, shifts = [np.empty(0, np.int64)], [np.empty(0)], [np.empty((0, 2))]
    for person in np.unique(walks.person).tolist():
        own_s, own = _list_knots(of_person.get(person, []), random)
        persons.append(np.full(len(own_s), person))
        times.append(own_s)
        shifts.append(own)
    return np.concatenate(persons), np.concatenate(times), np.concatenate(shifts)


def _list_knots(
    stays: list[tuple[float, float, FloatArray, bool]], random: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    times, shifts = [-500.0], [np.zeros(2)]
    for number, (from_s, until_s, shift, is_seated) in enumerate(stays):
        turn_s = 0.5 + float(np.hypot(*shift)) / _TO_PLACE_M_S
        before_s = from_s - stays[number - 1][1] if number else math.inf
        after_s = stays[number + 1][0] - until_s if number + 1 < len(stays) else math.inf
        times += [from_s - min(turn_s, before_s / 2), from_s]
        shifts += [np.zeros(2), shift]
        # who sits stays on their seat
        while (
            not is_seated and (moves_s := times[-1] + float(random.exponential(_SHIFT_S))) < until_s - _MOVE_S
        ):
            times += [moves_s, moves_s + _MOVE_S]
            shifts += [shifts[-1], shift + random.normal(0.0, _SHIFT_M, 2)]
        times += [until_s, until_s + min(turn_s, after_s / 2)]
        shifts += [shifts[-1], np.zeros(2)]
    return np.array(times), np.array(shifts)


def _sway(count: int, fps: float, random: np.random.Generator) -> FloatArray:
    """Return slowly varying displacements, shape (count, 2): Ornstein-Uhlenbeck."""
    kept = math.exp(-1.0 / fps / _SWAY_S)
    noise = random.normal(0.0, _SWAY_M * math.sqrt(1 - kept**2), (count, 2))
    return np.asarray(lfilter([1.0], [1.0, -kept], noise, axis=0), np.float64)


def _give_way(
    base: FloatArray, ahead: FloatArray, person: IntArray, borders: IntArray, fps: float
) -> FloatArray:
    """Return positions in which people keep apart, and pass each other on the right.

    Args:
        base, ahead: where each would be, now and soon, by frame; shape (n, 2).
        borders: first row of each frame, and the end, shape (frames + 1,).
    """
    aside = np.zeros((int(person.max(initial=-1)) + 1, 2))
    turn = np.array(
        [[math.cos(_RIGHT_RAD), -math.sin(_RIGHT_RAD)], [math.sin(_RIGHT_RAD), math.cos(_RIGHT_RAD)]]
    )
    fastest_m = _FASTEST_M_S / fps
    xy = base.copy()
    for begin, end in zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True):
        own = aside[person[begin:end]]
        if end - begin > 1:
            places = np.stack([base[begin:end], ahead[begin:end]]) + own
            between = places[:, :, None] - places[:, None]
            distance_m = np.sqrt((between**2).sum(axis=3))
            lacking = np.maximum(_APART_M - distance_m, 0.0) / np.maximum(distance_m, 0.05)
            # nobody is in their own way: the differences are zero there
            push = _YIELDING / 2 * (between * lacking[..., None]).sum(axis=(0, 2)) @ turn.T
        else:
            push = np.zeros_like(own)
        step = push - own / (_RETURN_S * fps)
        length = np.hypot(step[:, 0], step[:, 1])[:, None]
        own = own + step * np.minimum(1.0, fastest_m / np.maximum(length, 1e-9))
        aside[person[begin:end]] = own
        xy[begin:end] += own
    return xy


def _keep_off_furniture(xy: FloatArray, hall: FairHall) -> FloatArray:
    """Return positions out of what stands in the hall, moved by the shortest way, and inside its walls."""
    width, depth = hall.size_m
    kept = np.clip(xy, _CLEAR_M, (width - _CLEAR_M, depth - _CLEAR_M))
    for item in hall.furniture:
        left, low, right, high = item.footprint
        left, low, right, high = left - _CLEAR_M, low - _CLEAR_M, right + _CLEAR_M, high + _CLEAR_M
        x, y = kept[:, 0], kept[:, 1]
        inside = np.flatnonzero((x > left) & (x < right) & (y > low) & (y < high))
        if not len(inside):
            continue
        sides: list[Point] = [(left, 0), (right, 0), (low, 1), (high, 1)]
        ways = np.stack([np.abs(kept[inside, int(axis)] - at) for at, axis in sides])
        # not out of the hall
        for number, (at, axis) in enumerate(sides):
            if not _CLEAR_M <= at <= (width, depth)[int(axis)] - _CLEAR_M:
                ways[number] = np.inf
        nearest = ways.argmin(axis=0)
        for number, (at, axis) in enumerate(sides):
            kept[inside[nearest == number], int(axis)] = at
    return kept
