"""What the floor plan shows of a period: presence on the floor, and the figures of every zone."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import shapely

from analytics.domain.floor_plan import FloorGeometry
from app.jobs.job import JobContext
from app.venue.document import Venue

if TYPE_CHECKING:
    import pandas as pd

    from analytics.metrics.heatmap import Heatmap
    from analytics.store.event_store import EventReader
    from app.operations.corrected_period import CorrectedPeriod
    from app.operations.identified_period import IdentifiedPeriod

FloatArray = npt.NDArray[np.float64]
Period = tuple[float, float]

LIVE_PERIOD_S = 3600.0
"""What "now" looks back on."""
MOST_COLUMNS = 500
MOST_ROWS = 300
"""A screen shows no finer cells, and a picture of them is made within milliseconds."""
FINEST_CELL_M = 0.25
TOP_SHARE = 0.995
"""The scale ends at this quantile of the visited floor, lest one cell make all others pale."""
LONGEST_PAUSE_S = 60.0
"""After a longer one nobody says that a camera "was watching" all the while."""
_STEPS = 5.0


@dataclass(frozen=True, slots=True)
class ZoneFigures:
    """One zone in a period; None where the data do not carry a value.

    Attributes:
        coverage: observed share of the zone's floor and time, 0 to 1.
    """

    name: str
    visits: int | None
    visits_interval: tuple[float, float] | None
    mean_dwell_s: float | None
    mean_dwell_interval_s: tuple[float, float] | None
    coverage: float


@dataclass(frozen=True, slots=True, eq=False)
class HeatmapView:
    """A period on the floor.

    Attributes:
        period_s: from the first to the last moment of the wanted period that was observed, seconds since the
            epoch; the wanted period where nothing was.
        history_s: the first and the last moment of the whole history; None where there is none.
        geometry: the zones and lines that held at the end of the period.
        zones_since_s: the figures count from here, where the zones changed within the period.
        observed_s: seconds of the period in which any camera was analysed, short pauses included.
        heatmap: on a clock that stands still while no camera is analysed, so that nights do not make a floor
            unobserved; None where nothing was observed in the period.
        shown: values for drawing, shape (rows, columns): carried on up to the walls, 0 where there is none.
        unobserved: closed rings, shape (n, 2) in metres, round the floor without a value, even-odd.
        top: where the scale of person-seconds per m² ends.
        zones: empty where nothing was observed or no figures were asked for.
        mean_people, peak_people: in view of the cameras, over the period and in its fullest minute.
        corrected: who was where, and what was left out; None where nothing was observed.
    """

    period_s: Period
    history_s: Period | None
    geometry: FloorGeometry
    zones_since_s: float | None = None
    observed_s: float = 0.0
    heatmap: Heatmap | None = None
    shown: FloatArray | None = None
    unobserved: tuple[FloatArray, ...] = ()
    top: float = 0.0
    zones: tuple[ZoneFigures, ...] = ()
    mean_people: float | None = None
    peak_people: float | None = None
    corrected: CorrectedPeriod | None = None


def compute_heatmap_view(
    *,
    venue: Venue,
    period_s: Period | None,
    now_utc_s: float,
    context: JobContext | None = None,
    with_zones: bool = True,
) -> HeatmapView:
    """Read a period of a venue's history and compute what the floor plan shows of it.

    Args:
        period_s: start and end, seconds since the epoch; None: the hour before now.
        with_zones: also the zones' figures, which take most of the time.

    Raises:
        StoreError: the history cannot be read. That there is none is no error.
        JobCancelled: the context says so.
    """
    # pandas and the store's engines take a second to load, which the window must not wait for
    from analytics.store.sql_event_store import open_reader
    from app.operations.corrected_period import CorrectedPeriod
    from app.operations.identified_period import derive, read_identified_period

    context = context or JobContext()
    period = (now_utc_s - LIVE_PERIOD_S, now_utc_s) if period_s is None else period_s
    period = (min(period[0], now_utc_s), min(period[1], now_utc_s))
    geometry = venue.geometry_at(period[1])
    if not venue.events_file.exists():
        return HeatmapView(period, None, geometry)
    context.checkpoint(0, _STEPS)
    reader = open_reader(venue.folder)
    try:
        extent = reader.time_range()
        history = None if extent is None else (extent.start_s, extent.end_s)
        if extent is None or period[1] <= period[0]:
            return HeatmapView(period, history, geometry)
        spans = reader.read_spans(*period)
        spans = spans[spans["end_s"] > spans["start_s"]]
        if spans.empty:
            return HeatmapView(period, history, geometry)
        identified = read_identified_period(
            venue=venue,
            reader=reader,
            spans=spans,
            period_s=period,
            zones=geometry.zones,
            read_tracks=lambda: _read_tracks(reader, period, context),
        )
    finally:
        reader.close()
    corrected = CorrectedPeriod(identified, period)
    spans = _clip(spans, period)
    context.checkpoint(3, _STEPS)
    view = derive(identified, ("heat", venue.plan), lambda: _compute_heat(venue, identified, period, spans))
    context.checkpoint(3.5, _STEPS)
    observed = (float(spans["start_s"].min()), float(spans["end_s"].max()))
    zones: tuple[ZoneFigures, ...] = ()
    mean_people = peak_people = None
    versions = list(venue.geometries_between(*observed))
    since_s = versions[-1][1] if len(versions) > 1 else None
    geometry = versions[-1][0] if versions else geometry
    if with_zones:
        zones, mean_people, peak_people = _summarise(venue, identified, period, since_s, spans)
    context.checkpoint(_STEPS, _STEPS)
    return dataclasses.replace(
        view,
        period_s=observed,
        history_s=history,
        geometry=geometry,
        zones_since_s=since_s,
        zones=zones,
        mean_people=mean_people,
        peak_people=peak_people,
        corrected=corrected,
    )


def _read_tracks(reader: EventReader, period: Period, context: JobContext) -> pd.DataFrame:
    import pandas as pd

    from analytics.columns import TRACK_COLUMNS, empty_table

    hours = max(1.0, math.ceil((period[1] - period[0]) / 3600))
    parts: list[pd.DataFrame] = []
    for part in reader.iterate_tracks(*period):
        parts.append(part)
        context.checkpoint(min(1.0, len(parts) / hours), _STEPS)
    return pd.concat(parts, ignore_index=True) if parts else empty_table(TRACK_COLUMNS)


def _compute_heat(
    venue: Venue, identified: IdentifiedPeriod, period_s: Period, spans: pd.DataFrame
) -> HeatmapView:
    from analytics.metrics.heatmap import compute_heatmap
    from analytics.metrics.observation import unite_spans
    from app.operations.camera_views import find_views

    tracks = identified.tracks
    observed = unite_spans(spans)
    start_s, end_s = float(observed[0, 0]), float(observed[-1, 1])

    def count(time_s: pd.Series) -> FloatArray:
        return _skip_pauses(np.asarray(time_s, np.float64), observed) - start_s

    period = (0.0, float(_skip_pauses(np.array([end_s]), observed)[0]) - start_s)
    outline = venue.plan.outline
    heatmap = compute_heatmap(
        tracks=tracks.assign(time_s=count(tracks["time_s"] + period_s[0])),
        spans=spans.assign(start_s=count(spans["start_s"]), end_s=count(spans["end_s"])),
        camera_views=find_views(venue),
        outline=outline,
        period_s=period,
        obstacles=[obstacle.outline for obstacle in venue.plan.obstacles],
        cell_m=choose_cell(outline.to_shape().bounds),
    )
    values = heatmap.person_seconds_per_m2
    visited = values[np.isfinite(values) & (values > 0)]
    return HeatmapView(
        period_s=(start_s, end_s),
        history_s=None,
        geometry=FloorGeometry(),
        observed_s=period[1],
        heatmap=heatmap,
        shown=_carry_to_walls(heatmap),
        unobserved=_trace(heatmap),
        top=float(np.quantile(visited, TOP_SHARE)) if len(visited) else 0.0,
    )


def _skip_pauses(time_s: FloatArray, observed: FloatArray) -> FloatArray:
    """Times on a clock that stands still in the long pauses between observed stretches, shape (m, 2)."""
    starts, ends = observed[:-1, 1], observed[1:, 0]
    is_long = ends - starts > LONGEST_PAUSE_S
    removed = np.concatenate([[0.0], np.cumsum((ends - starts)[is_long])])
    return np.asarray(time_s - removed[np.searchsorted(ends[is_long], time_s, side="right")], np.float64)


def choose_cell(bounds: tuple[float, float, float, float]) -> float:
    """The size of a cell, metres, with which a floor fits into the largest grid that is shown."""
    left, bottom, right, top = bounds
    margin = 8
    return max(FINEST_CELL_M, (right - left) / (MOST_COLUMNS - margin), (top - bottom) / (MOST_ROWS - margin))


def _summarise(
    venue: Venue, identified: IdentifiedPeriod, period_s: Period, since_s: float | None, spans: pd.DataFrame
) -> tuple[tuple[ZoneFigures, ...], float | None, float | None]:
    from analytics.reports.summary import compute_results
    from app.operations.camera_views import find_views
    from app.operations.identified_results import compute_identified_results

    if since_s is None:
        results = compute_identified_results(
            identified,
            zones=venue.geometry_at(period_s[1]).zones,
            duration_s=period_s[1] - period_s[0],
            views=find_views(venue),
        )
    else:
        shift_s, clipped = since_s - period_s[0], _clip(spans, (since_s, period_s[1]))
        within = identified.tracks[identified.tracks["time_s"] >= shift_s]
        results = compute_results(
            tracks=within.assign(time_s=within["time_s"] - shift_s),
            spans=clipped.assign(start_s=clipped["start_s"] - since_s, end_s=clipped["end_s"] - since_s),
            zones=venue.geometry_at(since_s).zones,
            lines=(),
            duration_s=period_s[1] - since_s,
            views=find_views(venue),
        )
    summary = results.summary
    figures, people = summary["zones"], summary["people_in_view"]
    assert isinstance(figures, dict)
    assert isinstance(people, dict)
    zones = tuple(
        ZoneFigures(
            name=name,
            visits=zone["visits"],
            visits_interval=_pair(zone["visits_interval"]),
            mean_dwell_s=zone["mean_dwell_s"],
            mean_dwell_interval_s=_pair(zone["mean_dwell_sampling_interval_s"]),
            coverage=zone["coverage"],
        )
        for name, zone in figures.items()
    )
    return zones, people["mean"], people["peak_1min"]


def _pair(interval: list[float] | None) -> tuple[float, float] | None:
    return None if interval is None else (float(interval[0]), float(interval[1]))


def _clip(spans: pd.DataFrame, period: Period) -> pd.DataFrame:
    start_s, end_s = period
    clipped = spans.assign(
        start_s=spans["start_s"].clip(start_s, end_s), end_s=spans["end_s"].clip(start_s, end_s)
    )
    return clipped[clipped["end_s"] > clipped["start_s"]]


def _carry_to_walls(heatmap: Heatmap) -> FloatArray:
    """Off the floor the values of the nearest floor, lest smooth drawing be pale at walls."""
    from scipy import ndimage

    row, column = ndimage.distance_transform_edt(
        ~heatmap.is_floor, return_distances=False, return_indices=True
    )
    return np.asarray(np.nan_to_num(heatmap.person_seconds_per_m2)[row, column], np.float64)


def _trace(heatmap: Heatmap) -> tuple[FloatArray, ...]:
    """Rings round the unobserved cells, joined from their runs along the rows."""
    grid = heatmap.grid
    mask = np.pad(heatmap.is_unobserved().astype(np.int8), ((0, 0), (1, 1)))
    steps = np.diff(mask, axis=1)
    from_row, first = np.nonzero(steps == 1)
    _, after = np.nonzero(steps == -1)
    boxes = shapely.box(
        grid.x_m + first * grid.cell_m,
        grid.y_m + from_row * grid.cell_m,
        grid.x_m + after * grid.cell_m,
        grid.y_m + (from_row + 1) * grid.cell_m,
    )
    return tuple(
        np.asarray(shapely.get_coordinates(ring))
        for part in shapely.get_parts(shapely.union_all(boxes))
        for ring in (part.exterior, *part.interiors)
    )
