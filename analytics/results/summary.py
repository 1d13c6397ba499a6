"""Content of summary.json: one dictionary with every number of a period."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.domain.zone import CountingLine, Zone, describe_rule
from analytics.dwell.dwell import DwellSettings, count_errors
from analytics.dwell.occupancy import PRESENCE_GAP_S, compute_occupancy, find_presence_intervals
from analytics.dwell.visits import VisitSettings, compute_stays, select_visits
from analytics.dwell.zone_figures import ZoneFigures
from analytics.dwell.zone_summary import summarise_zone
from analytics.flows.footfall import CrossingSettings, compute_crossings, count_crossings
from analytics.flows.transitions import TransitionSettings, estimate_transitions
from analytics.metrics.coverage import (
    CameraView,
    ViewEdge,
    compute_line_coverage,
    map_floor_edge,
    map_zones_edge,
)
from analytics.metrics.moved_views import measure_doubtful_shares
from analytics.metrics.observation import clip_intervals, unite_spans
from analytics.metrics.presence import OrderedRows, order_rows
from analytics.metrics.unseen_share import measure_unseen_shares
from analytics.results.zone_figures import describe_zone_figures
from analytics.visitors.cameras.uncorroborated_tracks import UncorroboratedTracks
from analytics.visitors.doors import NO_DOORS, Doors
from analytics.visitors.false_positives.corrections import Corrections
from analytics.visitors.false_positives.false_persons import FalsePlace
from analytics.visitors.false_positives.short_false_tracks import ShortFalseTracks

SUMMARY_FORMAT = 1
"""Format version; increased when a reader of an older version would misinterpret the file."""


@dataclass(frozen=True, slots=True)
class MetricSettings:
    """All parameters of the metrics, with defaults."""

    visits: VisitSettings = field(default_factory=VisitSettings)
    crossings: CrossingSettings = field(default_factory=CrossingSettings)
    dwell: DwellSettings = field(default_factory=DwellSettings)
    transitions: TransitionSettings = field(default_factory=TransitionSettings)


@dataclass(frozen=True, slots=True, eq=False)
class PeriodResults:
    """The visits, crossings and summary of a period.

    Attributes:
        stays: by visitor, including those too short for a visit; columns of ``STAY_COLUMN_NAMES``.
    """

    visits: pd.DataFrame
    crossings: pd.DataFrame
    summary: dict[str, object]
    stays: pd.DataFrame
    zones: dict[str, ZoneFigures]


def compute_results(
    *,
    tracks: pd.DataFrame,
    spans: pd.DataFrame | None,
    zones: Sequence[Zone],
    lines: Sequence[CountingLine],
    duration_s: float,
    views: Sequence[CameraView] = (),
    doors: Doors = NO_DOORS,
    start_utc: str | None = None,
    skipped_rows: Mapping[str, int] | None = None,
    parameters: Mapping[str, object] | None = None,
    versions: Mapping[str, str] | None = None,
    settings: MetricSettings | None = None,
) -> PeriodResults:
    """Compute visits, crossings and summary of a period from its tracks.

    Args:
        tracks: the columns of ``TRACK_COLUMNS``; ``time_s`` counts from the start of the period.
        spans: when cameras were analysed, on the same clock; None: all the time.
        duration_s: length of the period, seconds.
        views: fields of view; they separate visitors who left from lost ones, and give the coverage.
        doors: of the identification; people who vanish there left.
        parameters: of earlier stages (detector, tracker, stitching), listed beside those of the metrics.
    """
    settings = settings or MetricSettings()
    by_visitor = order_rows(tracks)
    find_stays = functools.partial(
        compute_stays,
        tracks=tracks,
        zones=zones,
        spans=spans,
        settings=settings.visits,
        view_edge=map_zones_edge(zones, views, doors.floor),
        ordered=by_visitor,
    )
    stays = find_stays()
    errors = count_errors(
        zones=zones,
        stays=stays,
        find_shifted=lambda shift_m: find_stays(shift_m=shift_m),
        settings=settings.dwell,
    )
    crossings = compute_crossings(
        tracks=tracks, lines=lines, settings=settings.crossings, spans=spans, ordered=by_visitor
    )
    period_s = (0.0, float(duration_s))
    unseen_shares = measure_unseen_shares(tracks=tracks, zones=zones)
    zone_figures = {
        str(zone.name): summarise_zone(
            zone=zone,
            stays=stays[stays["zone"] == str(zone.name)],
            errors=errors[str(zone.name)],
            unseen_share=unseen_shares[str(zone.name)],
            views=views,
            spans=spans,
            period_s=period_s,
            settings=settings.dwell,
        )
        for zone in zones
    }
    cameras = _summarise_cameras(tracks, spans, duration_s)
    people, identities = _summarise_people(by_visitor, spans, period_s)
    summary: dict[str, object] = {
        "format": SUMMARY_FORMAT,
        "start_utc": start_utc,
        "duration_s": round(float(duration_s), 3),
        "analysed_frames": sum(int(camera["frames"]) for camera in cameras.values()),
        "cameras": cameras,
        "identities": identities,
        "people_in_view": people,
        "zones": {name: describe_zone_figures(figures) for name, figures in zone_figures.items()},
        "lines": _summarise_lines(crossings, lines, views=views, spans=spans, period_s=period_s),
        "transitions": _summarise_transitions(
            tracks,
            by_visitor,
            stays,
            zones,
            spans,
            map_floor_edge(tracks, views, doors.floor),
            period_s,
            settings,
        ),
        "skipped_rows": dict(sorted((skipped_rows or {}).items())),
        "parameters": {
            **dict(parameters or {}),
            "metrics": asdict(settings),
            "zones": {str(zone.name): describe_rule(zone) for zone in zones},
        },
        "versions": dict(sorted((versions or {}).items())),
    }
    visits = select_visits(stays=stays, zones=zones)
    return PeriodResults(visits, crossings, summary, stays, zone_figures)


def _summarise_lines(
    crossings: pd.DataFrame,
    lines: Sequence[CountingLine],
    *,
    views: Sequence[CameraView],
    spans: pd.DataFrame | None,
    period_s: tuple[float, float],
) -> dict[str, dict[str, float | None]]:
    """Return every line's counts with its coverage; None if the line was not observed."""
    summaries: dict[str, dict[str, float | None]] = {}
    counts = count_crossings(crossings=crossings, lines=lines)
    for line in lines:
        counted = counts[str(line.name)]
        coverage = compute_line_coverage(line=line, views=views, spans=spans, period_s=period_s)
        is_observed = coverage > 0 or any(counted.values())
        of_line: dict[str, float | None] = dict(counted) if is_observed else dict.fromkeys(counted)
        summaries[str(line.name)] = {**of_line, "coverage": round(coverage, 4)}
    return summaries


def _summarise_transitions(  # noqa: PLR0917
    tracks: pd.DataFrame,
    by_visitor: OrderedRows,
    stays: pd.DataFrame,
    zones: Sequence[Zone],
    spans: pd.DataFrame | None,
    view_edge: ViewEdge | None,
    period_s: tuple[float, float],
    settings: MetricSettings,
) -> list[dict[str, object]]:
    table = estimate_transitions(
        tracks=tracks, stays=stays, zones=zones, spans=spans, period_s=period_s,
        view_edge=view_edge, settings=settings.transitions, ordered=by_visitor,
    )  # fmt: skip
    rows: Any = table.itertuples(index=False, name=None)
    return [
        {
            "from": begin,
            "to": end,
            "moves": moves,
            "share": round(share, 4),
            "share_interval": None if np.isnan(low) else [round(low, 4), round(high, 4)],
        }
        for begin, end, moves, _, share, low, high in rows
    ]


def _summarise_cameras(
    tracks: pd.DataFrame, spans: pd.DataFrame | None, duration_s: float
) -> dict[str, dict[str, float]]:
    if spans is None:
        # frames without a person leave no row, so only times with rows are counted
        frames = tracks.groupby("camera", sort=True)["time_s"].nunique()
        return {
            str(name): {"frames": int(count), "observed_s": round(float(duration_s), 3)}
            for name, count in frames.items()
        }
    return {
        str(name): {
            "frames": int(spans.loc[spans["camera"] == name, "frames"].sum()),
            "observed_s": round(float(np.diff(unite_spans(spans, cameras={str(name)}), axis=1).sum()), 3),
        }
        for name in sorted(spans["camera"].unique())
    }


def _summarise_people(
    by_visitor: OrderedRows, spans: pd.DataFrame | None, period_s: tuple[float, float]
) -> tuple[dict[str, float | None], int]:
    rows = by_visitor.cut(longest_gap_s=PRESENCE_GAP_S)
    observed: npt.NDArray[np.float64] = np.array([period_s]) if spans is None else unite_spans(spans)
    occupancy = compute_occupancy(
        intervals=find_presence_intervals(rows),
        observed=clip_intervals(observed, start_s=period_s[0], end_s=period_s[1]),
        period_s=period_s,
    )
    mean, peak = occupancy.overall_mean(), occupancy.peak()
    identities = len(np.unique(rows.person[rows.segment_starts()]))
    return {
        "mean": None if mean is None else round(mean, 3),
        "peak_1min": None if peak is None else round(peak, 3),
    }, identities


ZONE_FIGURES = ("visits", "mean_dwell_s", "person_seconds")


def describe_false_persons(
    *,
    excluded: Sequence[FalsePlace],
    proposed: Sequence[FalsePlace],
    corrections: Corrections,
    apparitions: ShortFalseTracks,
    lone_sights: UncorroboratedTracks,
) -> dict[str, object]:
    """Return the section ``false_persons``: places left out of all numbers, and suspects that are not.

    Also the numbers of visitors seen too briefly to have a place (``brief``), or by one camera where others
    should have seen them (``lone``); no number includes them either.

    Times are seconds on the clock of the period.
    """
    places: dict[str, object] = {
        name: [
            {
                "camera": str(place.camera),
                "x_m": round(place.x_m, 2),
                "y_m": round(place.y_m, 2),
                "seconds": round(place.seconds, 1),
                "pieces": place.pieces,
                "first_s": round(place.first_s, 3),
                "last_s": round(place.last_s, 3),
                "certain": place.is_certain,
                "decided": corrections.find_verdict(place) is not None,
            }
            for place in of_kind
        ]
        for name, of_kind in (("excluded", excluded), ("proposed", proposed))
    }
    return {**places, "brief": asdict(apparitions), "lone": asdict(lone_sights)}


def describe_staff(
    *, staff: pd.DataFrame, is_left_out: bool, zones: Mapping[str, object], other_zones: Mapping[str, object]
) -> dict[str, object]:
    """Return the section ``staff``: likely staff, and every zone's figures with and without them.

    Args:
        staff: columns of ``STAFF_COLUMN_NAMES``.
        is_left_out: the main numbers exclude staff.
        zones: the zones of the main summary.
        other_zones: the zones of the summary with staff treated the other way.
    """
    with_staff, without_staff = (other_zones, zones) if is_left_out else (zones, other_zones)
    rows: Any = staff.itertuples(index=False)
    return {
        "left_out": is_left_out,
        "proposed": [
            {
                "visitor": int(row.visitor),
                "home_zone": str(row.home_zone),
                "presence_s": round(float(row.presence_s), 1),
                "home_share": round(float(row.home_share), 3),
                "first_s": round(float(row.first_s), 3),
                "last_s": round(float(row.last_s), 3),
            }
            for row in rows
        ],
        "zones_with_staff": _select(with_staff),
        "zones_without_staff": _select(without_staff),
    }


def _select(zones: Mapping[str, object]) -> dict[str, dict[str, object]]:
    return {
        name: {figure: cast(Mapping[str, object], summary)[figure] for figure in ZONE_FIGURES}
        for name, summary in zones.items()
    }


def describe_moved_cameras(
    moved: pd.DataFrame, tracks: pd.DataFrame, zones: Sequence[Zone], start_s: float
) -> dict[str, object]:
    """Return the section ``moved_cameras``: when they moved, and their share of each zone's positions.

    Args:
        moved: table of ``find_moved_spans``, with absolute times.
        tracks: of the period, times from its start.
        start_s: start of the period, from which the section's times count.
    """
    spans = moved.assign(start_s=moved["start_s"] - start_s, end_s=moved["end_s"] - start_s)
    shares = measure_doubtful_shares(tracks, spans, zones)
    return {
        "moved_cameras": {
            "spans": [
                {"camera": camera, "start_s": round(first_s, 3), "end_s": round(last_s, 3)}
                for camera, first_s, last_s in spans[["camera", "start_s", "end_s"]].itertuples(
                    index=False, name=None
                )
            ],
            "doubtful_share": {name: round(share, 4) for name, share in shares.items() if share > 0},
        }
    }
