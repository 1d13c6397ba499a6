"""From tracklets of all cameras to visitors: the step between track points and every number."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from analytics.columns import TRACK_COLUMNS, Column, require_columns
from analytics.domain.floor_geometry import Polygon
from analytics.domain.zone import Zone
from analytics.metrics.coverage import CameraView
from analytics.visitors.brief_apparitions import Apparitions, leave_out_apparitions
from analytics.visitors.company import Company
from analytics.visitors.false_persons import FalsePlace
from analytics.visitors.gap_stitching import Links, stitch_gaps
from analytics.visitors.lone_sights import LoneSights, find_lone_rows
from analytics.visitors.observation_gaps import make_outage_check
from analytics.visitors.overlap_fusion import align_cameras, fuse_overlaps
from analytics.visitors.overlap_grouping import OverlapGroups
from analytics.visitors.person_exchanges import undo_visitors_exchanges
from analytics.visitors.sight_lines import SightLines
from analytics.visitors.swap_splitting import cut_handovers
from analytics.visitors.takeover_splitting import cut_takeovers
from analytics.visitors.tracklet_ends import estimate_first_states, estimate_last_states
from analytics.visitors.tracklet_rows import TrackletRows, read_tracklet_rows
from analytics.visitors.turnover_map import TurnoverPrior, outline_of
from analytics.visitors.visitor_paths_table import make_visitor_tracks
from analytics.visitors.visitor_settings import StitchSettings, VisitorSettings

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
        links: columns of ``LINK_COLUMNS``, of the tracklets that are left out as well.
        apparitions: visitors who are in no track, since nobody was there; their numbers are nobody's.
        lone_sights: what is in no track, since other cameras should have seen it.
        parameters: the settings, as they belong into ``summary.json``.
    """

    tracks: pd.DataFrame
    links: pd.DataFrame
    apparitions: Apparitions
    lone_sights: LoneSights
    parameters: dict[str, object]


def identify_visitors(
    *,
    tracks: pd.DataFrame,
    spans: pd.DataFrame | None = None,
    views: Sequence[CameraView] = (),
    zones: Sequence[Zone] = (),
    kept_places: Sequence[FalsePlace] = (),
    settings: VisitorSettings | None = None,
) -> IdentifiedVisitors:
    """Join the tracklets of each person, across cameras and gaps.

    Args:
        tracks: columns of ``TRACK_COLUMNS`` in any order of rows; ``visitor`` is not read.
        spans: when cameras were analysed, columns of ``SPAN_COLUMNS``; None: all the time.
        views: what the cameras see; people come and go at its edge.
        zones: of kind entrance or exit: people come and go there.
        kept_places: where nobody is left out, however brief or lone: somebody looked, or is to look.

    Raises:
        ExpoFlowError: a column is missing.
    """
    require_columns(tracks, TRACK_COLUMNS)
    settings = settings or VisitorSettings()
    rows = read_tracklet_rows(tracks)
    rows = cut_handovers(
        rows, overlap=settings.overlap, swap=settings.swap, blame=settings.blame, views=views
    )
    suspected = rows.starts
    rows = cut_takeovers(rows, motion=settings.motion, stitch=settings.stitch, settings=settings.takeover)
    groups = fuse_overlaps(rows, settings=settings.overlap, views=views)
    rows = _align(rows, groups)
    _, group = np.unique(groups.label, return_inverse=True)
    first_piece, last_piece = _find_group_ends(rows, group)
    is_cut = (np.diff(rows.number) == 0) & (np.diff(rows.camera) == 0) & np.isin(rows.starts[1:], suspected)
    turnover = TurnoverPrior(views=views, zones=zones, outline=_outline(rows), settings=settings.stitch)
    first = estimate_first_states(rows).take(first_piece)
    links = stitch_gaps(
        first=first,
        last=estimate_last_states(rows).take(last_piece),
        lines=SightLines.of(rows, views).find(first_piece, first.x_m, first.y_m),
        company=Company.of(
            rows,
            group=group,
            first_piece=first_piece,
            last_piece=last_piece,
            settings=settings.stitch.company,
        ),
        turnover=turnover,
        is_outage_between=make_outage_check(
            spans=spans,
            camera_names=rows.camera_names,
            longest_outage_s=settings.stitch.longest_outage_s,
        ),
        continued=(group[:-1][is_cut], group[1:][is_cut]),
        motion=settings.motion,
        settings=settings.stitch,
    )
    links = Links(last_piece[links.end], first_piece[links.beginning], links.gap_s, links.confidence)
    described = _describe_links(rows, groups, links)
    pieces, visitor = undo_visitors_exchanges(
        rows, _number_visitors(rows, groups, links), motion=settings.motion, settings=settings.exchange
    )
    confidence = np.ones(len(pieces))
    confidence[pieces.find_pieces(rows.ends[links.end] - 1)] = links.confidence
    is_lone, lone_sights = find_lone_rows(
        pieces, visitor, views=views, kept_places=kept_places, settings=settings.lone_sight
    )
    trimmed = np.unique(visitor[pieces.find_pieces(np.flatnonzero(is_lone))])
    if lone_sights.count:
        pieces, kept_pieces = pieces.leave_out(is_lone)
        visitor, confidence = visitor[kept_pieces], confidence[kept_pieces]
    paths = make_visitor_tracks(
        tracks=tracks, rows=pieces, visitor=visitor, confidence=confidence, settings=settings.paths
    )
    kept, apparitions = leave_out_apparitions(
        tracks=paths,
        spans=spans,
        turnovers=_find_turnovers(rows, views=views, zones=zones, settings=settings.stitch),
        kept_places=kept_places,
        kept_visitors=trimmed,
        settings=settings.apparition,
    )
    return IdentifiedVisitors(
        tracks=kept,
        links=described,
        apparitions=apparitions,
        lone_sights=lone_sights,
        parameters={**asdict(settings), "camera_disagreement_m": _describe_disagreement(rows, groups)},
    )


def _align(rows: TrackletRows, groups: OverlapGroups) -> TrackletRows:
    """The same rows, moved to where their cameras agree."""
    shift_m = align_cameras(disagreement_m=groups.disagreement_m, cameras=len(rows.camera_names))
    if not shift_m.any():
        return rows
    shift_m = shift_m[np.repeat(rows.camera, rows.ends - rows.starts)]
    return replace(rows, x_m=rows.x_m + shift_m[:, 0], y_m=rows.y_m + shift_m[:, 1])


def _find_turnovers(
    rows: TrackletRows, *, views: Sequence[CameraView], zones: Sequence[Zone], settings: StitchSettings
) -> Callable[[str], TurnoverPrior | None]:
    """Where people come and go as one camera sees it; None where its view is not known."""
    by_name = {str(view.camera): view for view in views}
    outline = _outline(rows)

    @functools.cache
    def find_turnover(camera: str) -> TurnoverPrior | None:
        view = by_name.get(camera)
        if view is None:
            return None
        return TurnoverPrior(views=[view], zones=zones, outline=outline, settings=settings)

    return find_turnover


def _outline(rows: TrackletRows) -> Polygon:
    if not len(rows):
        return outline_of(np.zeros((1, 2)))
    return outline_of(np.column_stack([rows.x_m, rows.y_m]), margin_m=2.0)


def _find_group_ends(rows: TrackletRows, group: IntArray) -> tuple[IntArray, IntArray]:
    """The piece that begins first and the piece that ends last, of every group."""
    begin_s, end_s = rows.time_s[rows.starts], rows.time_s[rows.ends - 1]
    by_begin = np.lexsort((rows.number, begin_s, group))
    by_end = np.lexsort((rows.number, -end_s, group))
    heads = np.flatnonzero(np.append(True, np.diff(group[by_begin]) != 0)) if len(rows) else by_begin
    return by_begin[heads], by_end[heads]


def _number_visitors(rows: TrackletRows, groups: OverlapGroups, links: Links) -> IntArray:
    """Visitor of every piece: 1, 2, … in the order in which they came."""
    one, other = np.append(links.end, groups.a), np.append(links.beginning, groups.b)
    graph = coo_array((np.ones(len(one)), (one, other)), shape=(len(rows), len(rows)))
    _, label = connected_components(graph, directed=False)
    by_time = np.lexsort((rows.number, rows.time_s[rows.starts]))
    _, first_place = np.unique(label[by_time], return_index=True)
    rank = np.empty(len(first_place), np.int64)
    rank[np.argsort(first_place)] = np.arange(1, len(first_place) + 1)
    return np.asarray(rank[label], np.int64)


def _describe_links(rows: TrackletRows, groups: OverlapGroups, links: Links) -> pd.DataFrame:
    one, other = np.append(groups.a, links.end), np.append(groups.b, links.beginning)
    kind = ["overlap"] * len(groups.a) + ["stitch"] * len(links.end)
    # the parts of a tracklet that was cut and joined again are no link between tracklets
    is_link = rows.number[one] != rows.number[other]
    one, other = one[is_link], other[is_link]
    table = pd.DataFrame(
        {
            "from_tracklet": rows.number[one],
            "to_tracklet": rows.number[other],
            "kind": pd.Series(kind, dtype="str")[is_link].to_numpy(),
            "gap_s": rows.time_s[rows.starts[other]] - rows.time_s[rows.ends[one] - 1],
            "confidence": np.append(groups.confidence, links.confidence)[is_link],
        }
    )
    return table.sort_values(["from_tracklet", "to_tracklet"], kind="stable", ignore_index=True)


def _describe_disagreement(rows: TrackletRows, groups: OverlapGroups) -> dict[str, list[float]]:
    return {
        f"{rows.camera_names[one]}, {rows.camera_names[other]}": [round(value, 3) for value in shift]
        for (one, other), shift in groups.disagreement_m.items()
    }
