"""Analysis of a period for the floor plan: presence on the floor and figures of every zone."""

from __future__ import annotations

import dataclasses
import math
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.floor_plan import FloorGeometry
from analytics.dwell.zone_figures import ZoneFigures
from app.core.document import Venue
from app.core.job import JobContext
from app.core.periods import find_elapsed
from app.facts.expired_tracks import find_expiry
from app.floor_plan.floor_map import PLACE_LAYERS, FloorLayer, FloorMap, FloorResults, map_presence

if TYPE_CHECKING:
    import pandas as pd

    from analytics.rollups.stretch import Stretch
    from analytics.store.event_store import EventReader
    from app.facts.identified_period import IdentifiedPeriod

MAX_COLUMNS = 500
MAX_ROWS = 300
"""Limits of the grid: finer than a screen shows is not needed, and drawing takes milliseconds."""
MIN_HEATMAP_CELL_M = 0.25
MAX_TRACKED_S = 26 * 3600.0
"""Maximum period computed from tracks; longer ones use the sums of their days."""
MAX_PAUSE_S = 60.0
"""Maximum pause between observations that still counts as observed."""
_STEPS = 5.0


def analyse_floor(
    *,
    venue: Venue,
    period_s: Interval | None,
    now_utc_s: float,
    context: JobContext | None = None,
    with_zones: bool = True,
    layer: FloorLayer = FloorLayer.PRESENCE,
) -> FloorResults:
    """Read a period of a venue's history and compute its results for the floor plan.

    Args:
        period_s: start and end, seconds since the epoch; None: the hour before now.
        with_zones: also the zones' figures, which take most of the time.

    Raises:
        StoreError: the history cannot be read; an empty one is not an error.
        JobCancelled: the job was cancelled.
    """
    # imported here because pandas and the store take a second to load
    from analytics.store.sql_event_store import open_reader
    from app.facts.identified_period import derive, read_identified_period
    from app.floor_plan.corrected_period import CorrectedPeriod

    context = context or JobContext()
    if layer in PLACE_LAYERS:
        results = analyse_floor(
            venue=venue, period_s=period_s, now_utc_s=now_utc_s, context=context, with_zones=with_zones
        )
        return _compare_with_places(venue, dataclasses.replace(results, layer=layer, floor=None), context)
    period = find_elapsed(None, now_utc_s=now_utc_s) if period_s is None else period_s
    period = (min(period[0], now_utc_s), min(period[1], now_utc_s))
    geometry = venue.geometry_at(period[1])
    empty = FloorResults(period, None, geometry, requested_s=period, layer=layer)
    if not venue.has_history:
        return empty
    context.checkpoint(0, _STEPS)
    with closing(open_reader(venue.folder)) as reader:
        extent = reader.time_range()
        history = None if extent is None else (extent.start_s, extent.end_s)
        empty = dataclasses.replace(empty, history_s=history)
        if extent is None or period[1] <= period[0]:
            return empty
        is_long = period[1] - period[0] > MAX_TRACKED_S
        if not is_long:
            reader.check_tracks(*period)
        spans = None if is_long else reader.read_spans(*period)
        if spans is None or find_expiry(reader, spans, period) is not None:
            from app.floor_plan.floor_layers import analyse_stored_days

            return analyse_stored_days(venue, period, empty, context)
        spans = spans[spans["end_s"] > spans["start_s"]]
        if spans.empty:
            return empty
        identified = read_identified_period(
            venue=venue,
            reader=reader,
            spans=spans,
            period_s=period,
            zones=geometry.zones,
            lines=geometry.lines,
            read_tracks=lambda: _read_tracks(reader, period, context),
        )
    corrected = CorrectedPeriod(identified, period)
    spans = _clip(spans, period)
    context.checkpoint(3, _STEPS)
    view = derive(identified, ("heat", venue.plan), lambda: _compute_heat(venue, identified, period, spans))
    if layer is not FloorLayer.PRESENCE:
        view = dataclasses.replace(view, floor=_compute_layer(venue, identified, period, geometry, layer))
    context.checkpoint(3.5, _STEPS)
    observed = (float(spans["start_s"].min()), float(spans["end_s"].max()))
    zones: tuple[ZoneFigures, ...] = ()
    mean_people = peak_people = None
    versions = list(venue.geometries_between(*observed))
    geometry = versions[-1][0] if versions else geometry
    if with_zones:
        from app.facts.period_facts import read_period_facts
        from app.floor_plan.floor_layers import count_people, summarise_facts

        # as on all other pages: a zone counts since its own last change
        facts = read_period_facts(
            venue=venue, period_s=period, context=context, names=("minutes", "zone_days")
        )
        if facts is not None:
            zones, (mean_people, peak_people) = summarise_facts(facts), count_people(facts)
    context.checkpoint(_STEPS, _STEPS)
    return dataclasses.replace(
        view,
        period_s=observed,
        history_s=history,
        geometry=geometry,
        have_zones_changed=len(versions) > 1,
        requested_s=period,
        layer=layer,
        zones=zones,
        mean_people=mean_people,
        peak_people=peak_people,
        corrected=corrected,
    )


def _compare_with_places(venue: Venue, results: FloorResults, context: JobContext) -> FloorResults:
    from analytics.places.place_value import compare_places
    from app.facts.day_quality import mark_estimate, read_day_quality
    from app.places.place_values import read_place_values

    if results.heatmap is None or results.requested_s is None:
        return results
    places = read_place_values(venue, results.requested_s, context=context)
    if results.layer is FloorLayer.PLACE_WORTH:
        of_place = compare_places(places)
    else:
        of_place = {name: one.ratio for name, one in places.values.items() if one.ratio.value is not None}
    quality = read_day_quality(venue, results.requested_s, context=context)
    of_place = {name: mark_estimate(one, quality, "of_place") for name, one in of_place.items()}
    return dataclasses.replace(results, of_place=of_place, places_note=places.refusal)


def _read_tracks(reader: EventReader, period: Interval, context: JobContext) -> pd.DataFrame:
    import pandas as pd

    from analytics.columns import TRACK_COLUMNS, empty_table

    hours = max(1.0, math.ceil((period[1] - period[0]) / 3600))
    parts: list[pd.DataFrame] = []
    for part in reader.iterate_tracks(*period):
        parts.append(part)
        context.checkpoint(min(1.0, len(parts) / hours), _STEPS)
    return pd.concat(parts, ignore_index=True) if parts else empty_table(TRACK_COLUMNS)


def _compute_heat(
    venue: Venue, identified: IdentifiedPeriod, period_s: Interval, spans: pd.DataFrame
) -> FloorResults:
    from analytics.density.heatmap import compute_heatmap
    from analytics.metrics.observation import unite_spans
    from app.facts.camera_views import find_camera_views

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
        camera_views=find_camera_views(venue),
        outline=outline,
        period_s=period,
        obstacles=[obstacle.outline for obstacle in venue.plan.obstacles],
        cell_m=choose_cell(outline.to_shape().bounds),
    )
    return FloorResults(
        period_s=(start_s, end_s),
        history_s=None,
        geometry=FloorGeometry(),
        observed_s=period[1],
        heatmap=heatmap,
        floor=map_presence(heatmap),
    )


def make_stretch(
    venue: Venue, identified: IdentifiedPeriod, period_s: Interval, geometry: FloorGeometry
) -> Stretch:
    """Return the period as a stretch for computing tables, cached with it."""
    from analytics.rollups.stretch import Stretch
    from app.facts.camera_views import find_camera_views
    from app.facts.identified_period import derive

    def make() -> Stretch:
        return Stretch(
            tracks=identified.tracks,
            spans=identified.spans,
            start_utc_s=period_s[0],
            duration_s=period_s[1] - period_s[0],
            plan=venue.plan,
            geometry=geometry,
            views=find_camera_views(venue),
            doors=identified.doors.floor,
        )

    return derive(identified, ("stretch", venue.plan, geometry.zones, geometry.lines), make)


def _compute_layer(
    venue: Venue, identified: IdentifiedPeriod, period_s: Interval, geometry: FloorGeometry, layer: FloorLayer
) -> FloorMap:
    from app.facts.identified_period import derive
    from app.floor_plan.floor_layers import compute_layer

    stretch = make_stretch(venue, identified, period_s, geometry)
    return derive(identified, ("layer", venue.plan, layer), lambda: compute_layer(stretch, layer))


def _skip_pauses(time_s: FloatArray, observed: FloatArray) -> FloatArray:
    """Return times on a clock that stops in long pauses between observed stretches, shape (m, 2)."""
    starts, ends = observed[:-1, 1], observed[1:, 0]
    is_long = ends - starts > MAX_PAUSE_S
    removed = np.concatenate([[0.0], np.cumsum((ends - starts)[is_long])])
    return np.asarray(time_s - removed[np.searchsorted(ends[is_long], time_s, side="right")], np.float64)


def choose_cell(bounds: tuple[float, float, float, float]) -> float:
    """Return the smallest cell size, metres, with which a floor fits into the largest grid."""
    left, bottom, right, top = bounds
    margin = 8
    return max(
        MIN_HEATMAP_CELL_M, (right - left) / (MAX_COLUMNS - margin), (top - bottom) / (MAX_ROWS - margin)
    )


def _clip(spans: pd.DataFrame, period: Interval) -> pd.DataFrame:
    start_s, end_s = period
    clipped = spans.assign(
        start_s=spans["start_s"].clip(start_s, end_s), end_s=spans["end_s"].clip(start_s, end_s)
    )
    return clipped[clipped["end_s"] > clipped["start_s"]]
