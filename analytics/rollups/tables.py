"""What is kept of a stretch of time so that pages and reports need no tracks: one table for each purpose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from analytics.rollups.crowded_floor import tabulate_crowded_floor
from analytics.rollups.crowding import tabulate_crowding
from analytics.rollups.exposed_visitors import tabulate_exposed
from analytics.rollups.first_turns import tabulate_first_turns
from analytics.rollups.floor_hours import tabulate_floor_hours
from analytics.rollups.line_sums import tabulate_line_minutes, tabulate_line_turns
from analytics.rollups.move_sums import tabulate_move_sums, tabulate_moves
from analytics.rollups.queue_tails import tabulate_queue_tails
from analytics.rollups.stretch import Stretch
from analytics.rollups.visit_lengths import tabulate_visit_lengths
from analytics.rollups.visiting_parties import tabulate_parties
from analytics.rollups.way_tables import tabulate_way_steps, tabulate_ways
from analytics.rollups.zone_blocks import tabulate_zone_blocks
from analytics.rollups.zone_days import tabulate_zone_days
from analytics.rollups.zone_lengths import tabulate_zone_lengths
from analytics.rollups.zone_minutes import tabulate_minutes
from analytics.rollups.zone_passages import tabulate_passages
from analytics.rollups.zone_uses import tabulate_zone_uses


@dataclass(frozen=True, slots=True)
class RollupTable:
    """One table of a rollup.

    Attributes:
        version: raised whenever the same stretch would give another table: what is kept is then made again.
            Days whose tracks are gone are read as an older version counted them, so that columns stay.
        times: the columns that count from the start of the stretch, seconds; in a period's facts they are
            seconds since the epoch. A column of tuples is one, too, if its values are times.
        compute: makes it from a stretch.
        is_sum: nobody is told apart in it, so that it is kept when tracks are deleted for their age.
        categories: the columns of texts that stay numbers with names in a period's facts.
        later: columns of numbers that older days have not; there they are not a number.
    """

    version: int
    times: tuple[str, ...]
    compute: Callable[[Stretch], pd.DataFrame]
    is_sum: bool = False
    categories: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


_ZONE = ("zone",)

TABLES: Mapping[str, RollupTable] = {
    "spans": RollupTable(1, ("start_s", "end_s"), lambda stretch: stretch.spans, is_sum=True),
    "stays": RollupTable(1, ("entered_s", "left_s"), lambda stretch: stretch.stays),
    "tracklet_stays": RollupTable(1, ("entered_s", "left_s"), lambda stretch: stretch.tracklet_stays),
    "visits": RollupTable(1, ("entered_s", "left_s"), lambda stretch: stretch.visits),
    "stops": RollupTable(1, ("started_s", "ended_s"), lambda stretch: stretch.stops),
    "journeys": RollupTable(1, ("start_s", "end_s", "entered_s"), lambda stretch: stretch.journeys),
    "crossings": RollupTable(1, ("time_s",), lambda stretch: stretch.crossings),
    "first_turns": RollupTable(1, ("time_s",), tabulate_first_turns),
    "parties": RollupTable(1, ("start_s",), tabulate_parties, is_sum=True),
    "moves": RollupTable(1, ("at_s",), tabulate_moves),
    "exposed": RollupTable(1, ("time_s",), tabulate_exposed),
    "minutes": RollupTable(1, ("start_s",), tabulate_minutes, is_sum=True, categories=_ZONE),
    "floor_hours": RollupTable(1, ("hour_s",), tabulate_floor_hours, is_sum=True),
    "crowding": RollupTable(2, ("slot_s",), tabulate_crowding, is_sum=True),
    "crowded_floor": RollupTable(1, ("start_s",), tabulate_crowded_floor, is_sum=True),
    "zone_days": RollupTable(1, ("start_s",), tabulate_zone_days, is_sum=True, later=("unseen_share",)),
    "zone_blocks": RollupTable(1, ("start_s",), tabulate_zone_blocks, is_sum=True, categories=_ZONE),
    "zone_lengths": RollupTable(1, (), tabulate_zone_lengths, is_sum=True),
    "visit_lengths": RollupTable(1, ("start_s",), tabulate_visit_lengths, is_sum=True, categories=_ZONE),
    "passages": RollupTable(2, ("start_s",), tabulate_passages, is_sum=True, categories=_ZONE),
    "queue_tails": RollupTable(3, ("minute_s",), tabulate_queue_tails, is_sum=True),
    "zone_uses": RollupTable(1, ("start_s",), tabulate_zone_uses, is_sum=True, categories=_ZONE),
    "move_sums": RollupTable(1, ("start_s",), tabulate_move_sums, is_sum=True),
    "line_minutes": RollupTable(1, ("start_s",), tabulate_line_minutes, is_sum=True),
    "line_turns": RollupTable(1, ("start_s",), tabulate_line_turns, is_sum=True),
    "ways": RollupTable(1, ("start_s", "end_s"), tabulate_ways),
    "way_steps": RollupTable(1, (), tabulate_way_steps, categories=("place",)),
}
"""By name. The first rows of columns are those of the functions that make them (``STAY_COLUMN_NAMES``,
``VISIT_COLUMNS`` with the tiers, ``STOP_COLUMN_NAMES``, ``JOURNEY_COLUMN_NAMES``, ``CROSSING_COLUMNS``,
``TURN_COLUMN_NAMES``, ``MOVE_COLUMN_NAMES``, ``EXPOSED_COLUMN_NAMES``, ``MINUTE_COLUMN_NAMES``,
``FLOOR_HOUR_COLUMN_NAMES``, ``CROWDING_COLUMN_NAMES``, ``CROWDED_FLOOR_COLUMN_NAMES``,
``ZONE_DAY_COLUMN_NAMES``, ``ZONE_BLOCK_COLUMN_NAMES``, ``ZONE_LENGTH_COLUMN_NAMES``,
``VISIT_LENGTH_COLUMN_NAMES``, ``PASSAGE_COLUMN_NAMES``,
``QUEUE_TAIL_COLUMN_NAMES``, ``ZONE_USE_COLUMN_NAMES``, ``MOVE_TABLE_COLUMN_NAMES``,
``LINE_MINUTE_COLUMN_NAMES``, ``LINE_TURN_COLUMN_NAMES``, ``WAY_COLUMN_NAMES``, ``WAY_STEP_COLUMN_NAMES``)."""
