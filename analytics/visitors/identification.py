"""From tracklets of all cameras to visitors: the step between track points and every number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from analytics.columns import TRACK_COLUMNS, Column, empty_table, require_columns
from analytics.domain.zone import Zone
from analytics.metrics.coverage import CameraView
from analytics.visitors.visitor_settings import VisitorSettings

LINK_COLUMNS = (
    Column("from_tracklet", "int64", ""),
    Column("to_tracklet", "int64", ""),
    Column("kind", "str", "overlap or stitch"),
    Column("gap_s", "float64", "s"),
    Column("confidence", "float64", "0 to 1"),
)
"""Links between tracklets of one visitor: seen by two cameras at once, or one after the other."""


@dataclass(frozen=True, slots=True, eq=False)
class IdentifiedVisitors:
    """Who is who.

    Attributes:
        tracks: columns of ``TRACK_COLUMNS``, ordered by time and visitor, ``visitor`` known in every row;
            one row per visitor and moment.
        links: columns of ``LINK_COLUMNS``.
        parameters: the settings, as they belong into ``summary.json``.
    """

    tracks: pd.DataFrame
    links: pd.DataFrame
    parameters: dict[str, object]


def identify_visitors(
    *,
    tracks: pd.DataFrame,
    spans: pd.DataFrame | None = None,
    views: Sequence[CameraView] = (),
    zones: Sequence[Zone] = (),
    settings: VisitorSettings | None = None,
) -> IdentifiedVisitors:
    """Join the tracklets of each person, across cameras and gaps.

    Args:
        tracks: columns of ``TRACK_COLUMNS`` in any order of rows; ``visitor`` is not read.
        spans: when cameras were analysed, columns of ``SPAN_COLUMNS``; None: all the time.
        views: what the cameras see; people come and go at its edge.
        zones: of kind entrance or exit: people come and go there.

    Raises:
        ExpoFlowError: a column is missing.
    """
    require_columns(tracks, TRACK_COLUMNS)
    settings = settings or VisitorSettings()
    identified = tracks.sort_values(["time_s", "tracklet", "camera"], kind="stable", ignore_index=True)
    codes, _ = pd.factorize(identified["tracklet"])
    identified["visitor"] = pd.array(codes + 1, dtype="Int64")
    return IdentifiedVisitors(identified, empty_table(LINK_COLUMNS), asdict(settings))
