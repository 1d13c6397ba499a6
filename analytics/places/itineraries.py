"""Itineraries: the zones that each visitor went to in order, with stops and passages told apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.arrays import BoolArray, FloatArray, IntArray

UNKNOWN = -1


@dataclass(frozen=True, slots=True, eq=False)
class Itineraries:
    """The steps of visitors through zones, one visitor after the other, each in order of time.

    Attributes:
        entrances: names of the doors.
        first: first step of each visitor, and at last the number of steps, shape (visitors + 1,).
        zone: index in ``zones`` of each step, shape (steps,).
        entered_utc_s, left_utc_s: of each step, shape (steps,).
        stopped: whether the visitor stood still in it, shape (steps,).
        start_utc_s, end_utc_s: first and last time seen, shape (visitors,).
        is_start_seen, is_end_seen: whether they were seen to come and to go, shape (visitors,).
        entrance: index of the door used, or ``UNKNOWN``, shape (visitors,).
    """

    zones: tuple[str, ...]
    entrances: tuple[str, ...]
    first: IntArray
    zone: IntArray
    entered_utc_s: FloatArray
    left_utc_s: FloatArray
    stopped: BoolArray
    start_utc_s: FloatArray
    end_utc_s: FloatArray
    is_start_seen: BoolArray
    is_end_seen: BoolArray
    entrance: IntArray

    @property
    def visitor(self) -> IntArray:
        """Index of the visitor of each step, shape (steps,)."""
        return np.repeat(np.arange(len(self.start_utc_s)), np.diff(self.first))

    def __len__(self) -> int:
        """Return the number of visitors."""
        return len(self.start_utc_s)


def make_itineraries(
    *,
    visits: pd.DataFrame,
    journeys: pd.DataFrame,
    crossings: pd.DataFrame,
    zones: Sequence[str],
    entrances: Sequence[str],
    exits: Sequence[str],
) -> Itineraries:
    """Return the itineraries of a period's visitors.

    Args:
        visits: columns of ``VISIT_COLUMNS`` with ``stop_s``.
        journeys: columns of ``JOURNEY_COLUMN_NAMES``; only their visitors count.
        crossings: columns of ``CROSSING_COLUMNS``, which tell by which door a visitor came.
        entrances, exits: names of lines or zones.
    """
    people = journeys.sort_values(["start_s", "visitor"], kind="stable", ignore_index=True)
    number = pd.Series(np.arange(len(people)), index=people["visitor"].to_numpy(np.int64))
    codes = {name: code for code, name in enumerate(zones)}
    chosen = visits[visits["visitor"].isin(number.index) & visits["zone"].isin(codes)]
    own = pd.DataFrame(
        {
            "visitor": number.reindex(chosen["visitor"].to_numpy(np.int64)).to_numpy(np.int64),
            "zone": chosen["zone"].astype(object).map(codes).to_numpy(np.int64),
            "entered_s": chosen["entered_s"].to_numpy(np.float64),
            "left_s": chosen["left_s"].to_numpy(np.float64),
            "stopped": chosen["stop_s"].to_numpy(np.float64) > 0,
        }
    ).sort_values(["visitor", "entered_s"], kind="stable")
    start_s, end_s = (people[name].to_numpy(np.float64) for name in ("start_s", "end_s"))
    is_start_seen, is_end_seen = (people[name].to_numpy(bool) for name in ("is_start_seen", "is_end_seen"))
    is_start_seen = is_start_seen | _mark_crossed(number, crossings, entrances, "in")
    is_end_seen = is_end_seen | _mark_crossed(number, crossings, exits, "out")
    return Itineraries(
        zones=tuple(zones),
        entrances=tuple(entrances),
        first=np.concatenate([[0], np.cumsum(np.bincount(own["visitor"], minlength=len(people)))]).astype(
            np.int64
        ),
        zone=own["zone"].to_numpy(np.int64),
        entered_utc_s=own["entered_s"].to_numpy(np.float64),
        left_utc_s=own["left_s"].to_numpy(np.float64),
        stopped=own["stopped"].to_numpy(bool),
        start_utc_s=start_s,
        end_utc_s=end_s,
        is_start_seen=is_start_seen,
        is_end_seen=is_end_seen,
        entrance=_find_entrances(number, crossings, own, zones, entrances),
    )


def measure_losses(itineraries: Itineraries) -> tuple[float, float]:
    """Return how many tracks are lost per second of walking, and per second of a stop.

    Only walks that begin with a stop count: a track whose beginning was not seen may stand rather than walk
    before its first stop.
    """
    steps = np.flatnonzero(itineraries.stopped)
    who, left_s = itineraries.visitor[steps], itineraries.left_utc_s[steps]
    entered_s, end_s = itineraries.entered_utc_s[steps], itineraries.end_utc_s[who]
    goes_on = np.append(who[1:] == who[:-1], False)[: len(steps)]
    until_s = np.where(goes_on, np.append(entered_s[1:], 0.0)[: len(steps)], end_s)
    is_lost = ~goes_on & ~itineraries.is_end_seen[who]
    walked_s = float(np.maximum(until_s - left_s, 0.0).sum())
    stood_s = float((left_s - entered_s).sum())
    is_walking = left_s < end_s
    return (
        float((is_lost & is_walking).sum()) / max(walked_s, 1.0),
        float((is_lost & ~is_walking).sum()) / max(stood_s, 1.0),
    )


def _mark_crossed(number: pd.Series, crossings: pd.DataFrame, doors: Sequence[str], way: str) -> BoolArray:
    """Return who crossed a line among the doors that way: seen to come or to go, wherever the track ends."""
    used = crossings["line"].isin(doors) & (crossings["direction"] == way)
    return np.asarray(number.index.isin(crossings["visitor"][used]), bool)


def _find_entrances(
    number: pd.Series,
    crossings: pd.DataFrame,
    steps: pd.DataFrame,
    zones: Sequence[str],
    doors: Sequence[str],
) -> IntArray:
    """Return the entrance of each visitor: the first line crossed inwards, or the first zone."""
    found = np.full(len(number), UNKNOWN if len(doors) != 1 else 0, np.int64)
    if len(doors) < 2:
        return found
    codes = {name: code for code, name in enumerate(doors)}
    zone_code = np.array([codes.get(name, UNKNOWN) for name in zones], np.int64)
    own = steps[zone_code[steps["zone"].to_numpy(np.int64)] >= 0] if len(zones) else steps.iloc[:0]
    own = own.drop_duplicates("visitor")
    found[own["visitor"].to_numpy(np.int64)] = zone_code[own["zone"].to_numpy(np.int64)]
    used = crossings[
        crossings["line"].isin(codes)
        & (crossings["direction"] == "in")
        & crossings["visitor"].isin(number.index)
    ].sort_values("time_s", kind="stable")
    used = used.drop_duplicates("visitor")
    at = number.reindex(used["visitor"].to_numpy(np.int64)).to_numpy(np.int64)
    found[at] = used["line"].astype(object).map(codes).to_numpy(np.int64)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Moves:
    """Moves from one chosen stand to the next, or out; a row is one choice.

    Attributes:
        visitor: index of the visitor, shape (moves,).
        origin: stand, or stands + door for the first choice, shape (moves,).
        chosen: stand, or the number of stands for leaving, shape (moves,).
        minutes: since the visitor came, shape (moves,).
        seconds: walked, shape (moves,).
        been: stands visited so far, shape (moves, stands).
        at_utc_s: when it began, shape (moves,).
        dwell_s: mean time of a stop at each stand, shape (stands,).
    """

    visitor: IntArray
    origin: IntArray
    chosen: IntArray
    minutes: FloatArray
    seconds: FloatArray
    been: BoolArray
    at_utc_s: FloatArray
    dwell_s: FloatArray


def list_moves(itineraries: Itineraries, stands: Sequence[str]) -> Moves:
    """Return the choices of all visitors who stopped at a stand.

    A visitor who was lost makes no choice to leave.
    """
    count = len(stands)
    codes = {name: code for code, name in enumerate(stands)}
    stand = np.array([codes.get(name, UNKNOWN) for name in itineraries.zones] or [UNKNOWN], np.int64)
    visitor = itineraries.visitor
    is_stop = itineraries.stopped & (stand[itineraries.zone] >= 0) if len(visitor) else np.empty(0, bool)
    at = np.flatnonzero(is_stop)
    who, what = visitor[at], stand[itineraries.zone[at]]
    entered_s, left_s = itineraries.entered_utc_s[at], itineraries.left_utc_s[at]
    same = np.append(False, who[1:] == who[:-1])[: len(at)]
    repeats = same & np.append(False, what[1:] == what[:-1])[: len(at)]
    # going on at the same stand is one stop
    group = np.cumsum(~repeats) - 1
    keep = np.flatnonzero(~repeats)
    until_s = np.full(len(keep), -np.inf)
    np.maximum.at(until_s, group, left_s)
    who, what, entered_s, same = who[keep], what[keep], entered_s[keep], same[keep]
    start_s = itineraries.start_utc_s[who]
    before = np.arange(len(keep)) - 1
    door = itineraries.entrance[who]
    origin = np.where(same, what[before], count + door)
    begun_s = np.where(same, until_s[before], start_s)
    is_known = same | (itineraries.is_start_seen[who] & (door >= 0))
    is_last = np.append(~same[1:], True)[: len(keep)]
    goes = is_last & itineraries.is_end_seen[who]
    been = _mark_been(who, what, same, count)
    leave_been = been | (np.arange(count)[None, :] == what[:, None])
    parts = (
        (who, origin, what, begun_s, entered_s, been, is_known),
        (
            who,
            what,
            np.full(len(keep), count),
            until_s,
            itineraries.end_utc_s[who],
            leave_been,
            goes,
        ),
    )
    who_all, origin_all, chosen_all, from_s, to_s, been_all = (
        np.concatenate([part[column][part[6]] for part in parts]) for column in range(6)
    )
    seconds = np.maximum(to_s - from_s, 0.0)
    stood_s = np.bincount(what, np.maximum(until_s - entered_s, 0.0), minlength=count)
    stops = np.bincount(what, minlength=count)
    mean_s = float(stood_s.sum()) / max(1, int(stops.sum()))
    return Moves(
        visitor=who_all,
        origin=origin_all,
        chosen=chosen_all,
        minutes=(from_s - itineraries.start_utc_s[who_all]) / 60.0,
        seconds=seconds,
        been=been_all,
        at_utc_s=from_s,
        # a stand of few stops has hardly a mean of its own
        dwell_s=(stood_s + 5 * mean_s) / (stops + 5),
    )


def _mark_been(who: IntArray, what: IntArray, same: BoolArray, count: int) -> BoolArray:
    """Return the stands that each visitor had stopped at before each stop, shape (stops, stands)."""
    been = np.zeros((len(who), count), bool)
    if not len(who):
        return been
    first = np.maximum.accumulate(np.where(same, 0, np.arange(len(who))))
    step = np.arange(len(who)) - first
    for place in range(1, int(step.max(initial=0)) + 1):
        rows = np.flatnonzero(step == place)
        been[rows] = been[rows - 1]
        been[rows, what[rows - 1]] = True
    return been
