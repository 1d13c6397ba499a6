"""From tracklets of all cameras to visitors: the step between track points and every number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analytics.columns import TRACK_COLUMNS, Column, require_columns
from analytics.domain.zone import Zone
from analytics.metrics.coverage import CameraView
from analytics.visitors.gap_stitching import Links, stitch_gaps
from analytics.visitors.observation_gaps import make_outage_check
from analytics.visitors.tracklet_ends import estimate_first_states, estimate_last_states
from analytics.visitors.tracklet_rows import TrackletRows, read_tracklet_rows
from analytics.visitors.visitor_paths_table import make_visitor_tracks
from analytics.visitors.visitor_settings import VisitorSettings

IntArray = npt.NDArray[np.int64]

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
    rows = read_tracklet_rows(tracks)
    links = stitch_gaps(
        first=estimate_first_states(rows),
        last=estimate_last_states(rows),
        views=views,
        zones=zones,
        is_outage_between=make_outage_check(
            spans=spans,
            camera_names=rows.camera_names,
            longest_outage_s=settings.stitch.longest_outage_s,
        ),
        motion=settings.motion,
        settings=settings.stitch,
    )
    confidence = np.ones(len(rows))
    confidence[links.end] = links.confidence
    return IdentifiedVisitors(
        tracks=make_visitor_tracks(
            tracks=tracks,
            rows=rows,
            visitor=_number_visitors(rows, links),
            confidence=confidence,
            settings=settings.paths,
        ),
        links=_describe_links(rows, links),
        parameters=asdict(settings),
    )


def _number_visitors(rows: TrackletRows, links: Links) -> IntArray:
    """Visitor of every piece: 1, 2, … in the order in which they came."""
    graph = coo_array((np.ones(len(links.end)), (links.end, links.beginning)), shape=(len(rows), len(rows)))
    _, label = connected_components(graph, directed=False)
    by_time = np.lexsort((rows.number, rows.time_s[rows.starts]))
    _, first_place = np.unique(label[by_time], return_index=True)
    rank = np.empty(len(first_place), np.int64)
    rank[np.argsort(first_place)] = np.arange(1, len(first_place) + 1)
    return np.asarray(rank[label], np.int64)


def _describe_links(rows: TrackletRows, links: Links) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "from_tracklet": rows.number[links.end],
            "to_tracklet": rows.number[links.beginning],
            "kind": pd.Series(["stitch"] * len(links.end), dtype="str"),
            "gap_s": links.gap_s,
            "confidence": links.confidence,
        }
    )
