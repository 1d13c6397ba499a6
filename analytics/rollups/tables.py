"""The tables that are stored for a stretch of time, so that pages and reports need no tracks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.domain.arrays import FloatArray
from analytics.domain.zone import ZoneKind
from analytics.dwell.engagement_tier import Tier
from analytics.exhibition.companions import find_parties
from analytics.flows.door_balance import BEGUN, ENDED, list_door_ends
from analytics.flows.first_turns import Turn, list_first_turns
from analytics.flows.transitions import MOVE_SUM_COLUMN_NAMES, list_moves, sum_moves
from analytics.rollups.clock_steps import MINUTE_S, STEP_S, add_up_rows, add_up_steps, find_steps
from analytics.rollups.crowded_floor import tabulate_crowded_floor
from analytics.rollups.crowding import tabulate_crowding
from analytics.rollups.exposed_visitors import tabulate_exposed
from analytics.rollups.floor_hours import tabulate_floor_hours
from analytics.rollups.queue_tails import tabulate_queue_tails
from analytics.rollups.stretch import Stretch, cache_by_stretch
from analytics.rollups.visit_lengths import tabulate_visit_lengths
from analytics.rollups.zone_blocks import tabulate_zone_blocks
from analytics.rollups.zone_days import tabulate_zone_days
from analytics.rollups.zone_lengths import tabulate_zone_lengths
from analytics.rollups.zone_minutes import tabulate_minutes
from analytics.rollups.zone_passages import tabulate_passages


def tabulate_first_turns(stretch: Stretch) -> pd.DataFrame:
    """Return one row per entrance line and visitor who came in there, columns of ``TURN_COLUMN_NAMES``."""
    entrances = [line for line in stretch.geometry.lines if line.kind is ZoneKind.ENTRANCE]
    parts = [
        list_first_turns(ordered=stretch.ordered, crossings=stretch.crossings, line=line)
        for line in entrances
    ]
    if parts:
        return pd.concat(parts, ignore_index=True)
    return pd.DataFrame(
        {
            "line": pd.Series(dtype="str"),
            "visitor": pd.Series(dtype="int64"),
            "time_s": pd.Series(dtype="float64"),
            "turn": pd.Series(dtype="str"),
        }
    )


ZONE_USE_COLUMN_NAMES = (
    "zone",
    "start_s",
    "came",
    "stopped",
    "first_stops",
    "stop_visits",
    "stop_s",
    "engaged_stop_s",
)
"""Columns of the table. ``start_s``: of five minutes of the UTC clock; empty steps have no row. ``came``:
visitors by the first of their visits to the zone; ``stopped``: by the first of those with a stop of at
least ``EngagementSettings.stop_s``. ``first_stops``: visitors who were seen to come, by their first visit
with a stop to any zone, if it was to this one. ``stop_visits`` and ``stop_s``: visits with a stop, and
seconds of their stops; ``engaged_stop_s``: of these, in engaged visits. All by the start of the visit."""
_ENGAGED = (Tier.ENGAGED.value, Tier.LONG.value)


def tabulate_zone_uses(stretch: Stretch) -> pd.DataFrame:
    """Return one row per zone and step, columns of ``ZONE_USE_COLUMN_NAMES``."""
    return sum_zone_uses(
        stretch.visits,
        stretch.journeys,
        start_utc_s=stretch.start_utc_s,
        min_stop_s=stretch.settings.engagement.stop_s,
    )


def sum_zone_uses(
    visits: pd.DataFrame, journeys: pd.DataFrame, *, start_utc_s: float, min_stop_s: float
) -> pd.DataFrame:
    """Return the table ``zone_uses`` of visits and journeys.

    Args:
        visits: with ``visitor``, ``zone``, ``entered_s``, ``stop_s`` and ``tier``, in any order.
        journeys: with ``visitor`` and ``is_start_seen``.
        start_utc_s: seconds since the epoch at which their times are 0.
        min_stop_s: see ``EngagementSettings.stop_s``.
    """
    ordered = visits.sort_values(["entered_s", "visitor"], kind="stable")
    stop_s = ordered["stop_s"].to_numpy(np.float64)
    did_come = set(journeys.loc[journeys["is_start_seen"].to_numpy(bool), "visitor"].tolist())
    stopping = ordered[stop_s > 0]
    firsts = stopping[~stopping.duplicated("visitor") & stopping["visitor"].isin(did_come)]
    at_zone = ["visitor", "zone"]
    long_stops = ordered[stop_s >= min_stop_s]
    own_s = stopping["stop_s"].to_numpy(np.float64)
    is_engaged = stopping["tier"].isin(_ENGAGED).to_numpy(bool)

    def count(rows: pd.DataFrame, sums: dict[str, FloatArray]) -> pd.DataFrame:
        start_s = find_steps(rows["entered_s"].to_numpy(np.float64), start_utc_s=start_utc_s)
        return add_up_steps(rows["zone"].to_numpy(object), start_s, sums)

    def count_rows(rows: pd.DataFrame, name: str) -> pd.DataFrame:
        return count(rows, {name: np.ones(len(rows))})

    table = add_up_rows(
        [
            count_rows(ordered[~ordered.duplicated(at_zone)], "came"),
            count_rows(long_stops[~long_stops.duplicated(at_zone)], "stopped"),
            count_rows(firsts, "first_stops"),
            count(
                stopping,
                {
                    "stop_visits": np.ones(len(stopping)),
                    "stop_s": own_s,
                    "engaged_stop_s": np.where(is_engaged, own_s, 0.0),
                },
            ),
        ]
    )
    return table[list(ZONE_USE_COLUMN_NAMES)]


WAY_COLUMN_NAMES = ("start_s", "end_s", "is_start_seen", "is_end_seen", "steps")
"""Columns of ``ways``, one row per journey; ``steps``: number of its rows in ``way_steps``."""
WAY_STEP_COLUMN_NAMES = ("place", "has_stopped")
"""One row per zone of a journey, journey by journey; ``has_stopped``: with a stop of at least
``EngagementSettings.stop_s`` in a visit of this step."""


def tabulate_ways(stretch: Stretch) -> pd.DataFrame:
    """Return one row per journey, columns of ``WAY_COLUMN_NAMES``."""
    return list_ways(stretch.journeys)


def tabulate_way_steps(stretch: Stretch) -> pd.DataFrame:
    """Return one row per zone of a journey, columns of ``WAY_STEP_COLUMN_NAMES``."""
    return list_way_steps(stretch.visits, stretch.journeys, min_stop_s=stretch.settings.engagement.stop_s)


def list_ways(journeys: pd.DataFrame) -> pd.DataFrame:
    """Return the table ``ways`` of journeys, columns of ``JOURNEY_COLUMN_NAMES``."""
    steps = journeys["zones"].map(len).to_numpy(np.int32)
    return journeys[list(WAY_COLUMN_NAMES[:-1])].assign(steps=steps)


def list_way_steps(visits: pd.DataFrame, journeys: pd.DataFrame, *, min_stop_s: float) -> pd.DataFrame:
    """Return the table ``way_steps`` of journeys and their visits."""
    order = pd.Series(np.arange(len(journeys)), index=journeys["visitor"].to_numpy(np.int64))
    own = visits[visits["visitor"].isin(order.index)]
    own = own.assign(journey=order[own["visitor"]].to_numpy()).sort_values(
        ["journey", "entered_s"], kind="stable"
    )
    journey, zone = own["journey"].to_numpy(np.int64), own["zone"].to_numpy(object)
    begins = np.append(True, (journey[1:] != journey[:-1]) | (zone[1:] != zone[:-1]))[: len(own)]
    first = np.flatnonzero(begins)
    stop_s = own["stop_s"].to_numpy(np.float64)
    longest_s = np.maximum.reduceat(stop_s, first) if len(first) else np.empty(0)
    return pd.DataFrame(
        {"place": pd.Categorical(zone[first].astype(str)), "has_stopped": longest_s >= min_stop_s}
    )


LINE_MINUTE_COLUMN_NAMES = ("line", "start_s", "in", "out", BEGUN, ENDED)
"""Columns of the table. ``start_s``: of a minute of the UTC clock; empty minutes have no row. ``begun`` and
``ended``: tracks beside doors, see ``list_door_ends``."""
LINE_TURN_COLUMN_NAMES = ("line", "start_s", *(turn.value for turn in Turn))
"""Columns of the table. ``start_s``: of five minutes of the UTC clock in which visitors first came in by
the line; their number by direction (see ``Turn``)."""


def tabulate_line_minutes(stretch: Stretch) -> pd.DataFrame:
    """Return one row per line and minute, columns of ``LINE_MINUTE_COLUMN_NAMES``."""
    ends = list_door_ends(
        ordered=stretch.ordered,
        crossings=stretch.crossings,
        lines=stretch.geometry.lines,
        observed=stretch.observed,
    )
    return sum_crossings(pd.concat([stretch.crossings, ends]), start_utc_s=stretch.start_utc_s)


def tabulate_line_turns(stretch: Stretch) -> pd.DataFrame:
    """Return one row per entrance line and step, columns of ``LINE_TURN_COLUMN_NAMES``."""
    return sum_turns(tabulate_first_turns(stretch), start_utc_s=stretch.start_utc_s)


def sum_crossings(crossings: pd.DataFrame, *, start_utc_s: float) -> pd.DataFrame:
    """Return the table of crossings and of ends beside doors, by ``line``, ``time_s`` and ``direction``."""
    return _count(crossings, "direction", LINE_MINUTE_COLUMN_NAMES[2:], start_utc_s, MINUTE_S)


def sum_turns(turns: pd.DataFrame, *, start_utc_s: float) -> pd.DataFrame:
    """Return the table of turns, columns of ``TURN_COLUMN_NAMES``; time 0 is ``start_utc_s``."""
    return _count(turns, "turn", [turn.value for turn in Turn], start_utc_s, STEP_S)


def _count(
    table: pd.DataFrame, column: str, values: tuple[str, ...] | list[str], start_utc_s: float, step_s: float
) -> pd.DataFrame:
    start_s = find_steps(table["time_s"].to_numpy(np.float64), start_utc_s=start_utc_s, step_s=step_s)
    sums = {value: np.asarray(table[column] == value, np.float64) for value in values}
    return add_up_steps(table["line"].to_numpy(object), start_s, sums, named="line")


MOVE_TABLE_COLUMN_NAMES = (*MOVE_SUM_COLUMN_NAMES, "start_s")
"""Columns of the table. ``start_s``: of the stretch, 0."""


@cache_by_stretch
def tabulate_moves(stretch: Stretch) -> pd.DataFrame:
    """Return every move, columns of ``MOVE_COLUMN_NAMES``."""
    return list_moves(
        ordered=stretch.ordered,
        stays=stretch.stays,
        zones=stretch.geometry.zones,
        spans=stretch.spans,
        view_edge=stretch.floor_edge,
        settings=stretch.settings.transitions,
    )


def tabulate_move_sums(stretch: Stretch) -> pd.DataFrame:
    """Return one row per pair of states, columns of ``MOVE_TABLE_COLUMN_NAMES``."""
    return sum_moves_by_clock(tabulate_moves(stretch), start_utc_s=stretch.start_utc_s)


def sum_moves_by_clock(moves: pd.DataFrame, *, start_utc_s: float) -> pd.DataFrame:
    """Return the table of moves; time 0 is ``start_utc_s``, seconds since the epoch."""
    step = np.floor((moves["at_s"].to_numpy(np.float64) + start_utc_s) / STEP_S).astype(np.int64)
    return sum_moves(moves, step).assign(start_s=0.0)


PARTY_TABLE_COLUMN_NAMES = ("start_s", "size")
"""Columns of the table. ``start_s``: when the first of a party was first seen."""


def tabulate_parties(stretch: Stretch) -> pd.DataFrame:
    """Return one row per party of visitors whose arrival was seen, columns of ``PARTY_TABLE_COLUMN_NAMES``.

    A track that begins in the middle of the floor is a piece of another, and gives no evidence of parties.
    """
    parties = find_parties(stretch.ordered)
    seen = stretch.journeys.loc[stretch.journeys["is_start_seen"].astype(bool), "visitor"]
    known = parties[parties["visitor"].isin(seen)].groupby("party", sort=True)
    table = pd.DataFrame({"start_s": known["start_s"].min(), "size": known.size()})
    table = table.sort_values("start_s", kind="stable", ignore_index=True)
    return table.astype({"start_s": np.float64, "size": np.int64})


@dataclass(frozen=True, slots=True)
class RollupTable:
    """One table of a rollup.

    Attributes:
        version: raised whenever the same stretch would give another table, so that it is computed again. Days
            without tracks keep the table of an older version, so that columns must stay.
        times: columns that count from the start of the stretch, seconds; in a period's facts they are seconds
            since the epoch. This includes columns of tuples of times.
        compute: function that computes it from a stretch.
        is_sum: contains no single visitors, so that it is kept when tracks are deleted for their age.
        categories: text columns that stay categories in a period's facts.
    """

    version: int
    times: tuple[str, ...]
    compute: Callable[[Stretch], pd.DataFrame]
    is_sum: bool = False
    categories: tuple[str, ...] = ()


_ZONE = ("zone",)
TABLES: Mapping[str, RollupTable] = {
    "spans": RollupTable(1, ("start_s", "end_s"), lambda stretch: stretch.spans, is_sum=True),
    "stays": RollupTable(2, ("entered_s", "left_s"), lambda stretch: stretch.stays),
    "visits": RollupTable(2, ("entered_s", "left_s"), lambda stretch: stretch.visits),
    "stops": RollupTable(1, ("started_s", "ended_s"), lambda stretch: stretch.stops),
    "journeys": RollupTable(2, ("start_s", "end_s", "entered_s"), lambda stretch: stretch.journeys),
    "crossings": RollupTable(1, ("time_s",), lambda stretch: stretch.crossings),
    "first_turns": RollupTable(1, ("time_s",), tabulate_first_turns),
    "parties": RollupTable(1, ("start_s",), tabulate_parties, is_sum=True),
    "moves": RollupTable(2, ("at_s",), tabulate_moves),
    "exposed": RollupTable(3, ("time_s",), tabulate_exposed),
    "minutes": RollupTable(2, ("start_s",), tabulate_minutes, is_sum=True, categories=_ZONE),
    "floor_hours": RollupTable(1, ("hour_s",), tabulate_floor_hours, is_sum=True),
    "crowding": RollupTable(2, ("slot_s",), tabulate_crowding, is_sum=True),
    "crowded_floor": RollupTable(1, ("start_s",), tabulate_crowded_floor, is_sum=True),
    "zone_days": RollupTable(4, ("start_s",), tabulate_zone_days, is_sum=True),
    "zone_blocks": RollupTable(3, ("start_s",), tabulate_zone_blocks, is_sum=True, categories=_ZONE),
    "zone_lengths": RollupTable(2, (), tabulate_zone_lengths, is_sum=True),
    "visit_lengths": RollupTable(2, ("start_s",), tabulate_visit_lengths, is_sum=True, categories=_ZONE),
    "passages": RollupTable(3, ("start_s",), tabulate_passages, is_sum=True, categories=_ZONE),
    "queue_tails": RollupTable(3, ("minute_s",), tabulate_queue_tails, is_sum=True),
    "zone_uses": RollupTable(2, ("start_s",), tabulate_zone_uses, is_sum=True, categories=_ZONE),
    "move_sums": RollupTable(2, ("start_s",), tabulate_move_sums, is_sum=True),
    "line_minutes": RollupTable(2, ("start_s",), tabulate_line_minutes, is_sum=True),
    "line_turns": RollupTable(1, ("start_s",), tabulate_line_turns, is_sum=True),
    "ways": RollupTable(2, ("start_s", "end_s"), tabulate_ways),
    "way_steps": RollupTable(2, (), tabulate_way_steps, categories=("place",)),
}
"""Tables by name. Their columns are those of the functions that compute them (``STAY_COLUMN_NAMES``,
``VISIT_COLUMNS`` with the tiers, ``STOP_COLUMN_NAMES``, ``JOURNEY_COLUMN_NAMES``, ``CROSSING_COLUMNS``,
``TURN_COLUMN_NAMES``, ``MOVE_COLUMN_NAMES``, ``EXPOSED_COLUMN_NAMES``, ``MINUTE_COLUMN_NAMES``,
``FLOOR_HOUR_COLUMN_NAMES``, ``CROWDING_COLUMN_NAMES``, ``CROWDED_FLOOR_COLUMN_NAMES``,
``ZONE_DAY_COLUMN_NAMES``, ``ZONE_BLOCK_COLUMN_NAMES``, ``ZONE_LENGTH_COLUMN_NAMES``,
``VISIT_LENGTH_COLUMN_NAMES``, ``PASSAGE_COLUMN_NAMES``,
``QUEUE_TAIL_COLUMN_NAMES``, ``ZONE_USE_COLUMN_NAMES``, ``MOVE_TABLE_COLUMN_NAMES``,
``LINE_MINUTE_COLUMN_NAMES``, ``LINE_TURN_COLUMN_NAMES``, ``WAY_COLUMN_NAMES``, ``WAY_STEP_COLUMN_NAMES``)."""
