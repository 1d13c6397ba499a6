"""Journeys of visitors through the zones, and whether their beginning and end were seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analytics.domain.zone import Zone
from analytics.dwell.visits import VisitSettings
from analytics.flows.transitions import describe_presence
from analytics.metrics.coverage import ViewEdge
from analytics.metrics.presence import OrderedRows

JOURNEY_COLUMN_NAMES = ("visitor", "start_s", "end_s", "is_start_seen", "is_end_seen", "zones", "entered_s")
"""Columns of the table. ``zones`` is a tuple of names in order of entry, none twice in a row;
``entered_s`` a tuple of times. A start or end is seen where the visitor came or went through a door or
across the edge of the view."""


def list_journeys(
    *,
    ordered: OrderedRows,
    visits: pd.DataFrame,
    zones: Sequence[Zone],
    spans: pd.DataFrame | None,
    view_edge: ViewEdge | None = None,
    settings: VisitSettings | None = None,
) -> pd.DataFrame:
    """Return one row per visitor, columns of ``JOURNEY_COLUMN_NAMES``, ordered by start.

    A visitor whose track was lost appears as two, each with an incomplete journey: statistics of whole
    journeys must leave these out, and counts of visitors include both. Visitors divided by an outage are left
    out.

    Args:
        ordered: the tracks by visitor.
        visits: columns of ``VISIT_COLUMNS``; those of the given zones count.
        zones: doors among them tell where people come and go.
        view_edge: of the floor on which the tracks are; None: every beginning and end is taken as seen.
    """
    people = describe_presence(ordered, zones, spans, view_edge, settings or VisitSettings())
    chosen = visits[visits["zone"].isin([str(zone.name) for zone in zones])]
    chosen = chosen[chosen["visitor"].isin(people.index)]
    chosen = chosen.sort_values(["visitor", "entered_s"], kind="stable")
    again = (chosen["visitor"] == chosen["visitor"].shift()) & (chosen["zone"] == chosen["zone"].shift())
    chosen = chosen[~again]
    ways: dict[int, list[tuple[str, float]]] = {}
    for visitor, zone, entered_s in zip(chosen["visitor"], chosen["zone"], chosen["entered_s"], strict=True):
        ways.setdefault(int(visitor), []).append((str(zone), float(entered_s)))
    visitors = people.index.to_numpy()
    table = pd.DataFrame(
        {
            "visitor": visitors.astype(np.int64),
            "start_s": people["start_s"].to_numpy(np.float64),
            "end_s": people["end_s"].to_numpy(np.float64),
            "is_start_seen": people["comes"].to_numpy(bool),
            "is_end_seen": people["goes"].to_numpy(bool),
        }
    )
    for name, part in (("zones", 0), ("entered_s", 1)):
        values = [tuple(step[part] for step in ways.get(int(visitor), ())) for visitor in visitors]
        table[name] = pd.Series(values, dtype=object, index=table.index)
    return table.sort_values(["start_s", "visitor"], kind="stable", ignore_index=True)
