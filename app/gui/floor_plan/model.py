"""View-models of the floor plan page: its period, playback, comparison and movement."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeVar, Unpack

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

from analytics.domain.arrays import FloatArray, Interval
from analytics.domain.clock import Clock
from analytics.dwell.zone_figures import ZoneFigures
from analytics.metrics.estimate import UNKNOWN, Estimate
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.job import JobContext
from app.core.periods import is_growing
from app.error_reporting import ErrorReport
from app.facts.camera_outages import list_live_cameras
from app.floor_plan.corrected_period import list_places
from app.floor_plan.floor_analysis import analyse_floor
from app.floor_plan.floor_map import PLACE_LAYERS, FloorLayer, FloorMovement, FloorResults, RouteLine
from app.gui.canvas.floor_plan_items import describe_route
from app.gui.floor_plan.floor_comparison import FloorComparisonViewModel
from app.gui.floor_plan.floor_heat import FloorHeat, FloorPlanState, HeatPicture
from app.gui.floor_plan.floor_playback import FloorPlaybackViewModel
from app.gui.floor_plan.text import (
    PLACE_LABELS,
    HoverReading,
    add_left_out,
    describe_computing,
    describe_empty_state,
    describe_note,
    describe_of_place,
    describe_reading,
    label_scale,
    list_places_for_file,
    name_unit,
)
from app.gui.session.app_state import AppState
from app.gui.session.camera_words import describe_delay
from app.gui.session.cell_text import format_number, format_period
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.period_figures import RefreshPace
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import tr, translate_report
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.live.live_positions import LivePositions, LiveVisitorMatcher, count_inside
from app.plan.floor_scene import FloorScene, LiveDot, ZoneRow, describe_floor
from vision.pipeline.pipeline_status import PipelineStatus

if TYPE_CHECKING:
    from analytics.visitors.doors import LearnedDoor

MOVEMENT_KEY = "floor ways"


@dataclass(frozen=True, slots=True, eq=False)
class FloorMovementState:
    """State of the movement layers.

    Attributes:
        movement: None while hidden or unknown.
        is_computing: whether they are being computed.
        problem: why they cannot be computed.
    """

    movement: FloorMovement | None = None
    is_computing: bool = False
    problem: str = ""


class FloorMovementViewModel(VenueViewModel[FloorMovementState]):
    """View-model of the movement layers; computes only while they are shown."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(FloorMovementState(), **parts)
        self._period_s: Interval | None = None
        self._is_shown = self._is_due = False

    def set_shown(self, is_shown: bool) -> None:
        self._is_shown = is_shown
        self._compute_if_shown()

    def follow(self, period_s: Interval | None) -> None:
        """Set the period, seconds since the epoch; None for none."""
        self._period_s, self._is_due = period_s, True
        if period_s is None:
            self._job_runner.cancel(MOVEMENT_KEY)
            self._replace_state(movement=None, is_computing=False, problem="")
        self._compute_if_shown()

    def describe_paths(self) -> str:
        movement, venue = self.state.movement, self._app_state.venue
        if movement is None or venue is None or not movement.people:
            return ""
        return tr(
            "Paths: a sample of {people} people, {period}",
            people=format_number(movement.people),
            period=format_period(*movement.paths_s, time_zone=venue.exhibition.time_zone),
        )

    def _compute_if_shown(self) -> None:
        venue, period_s = self._app_state.venue, self._period_s
        if not (self._is_shown and self._is_due) or venue is None or period_s is None:
            return
        self._is_due = False

        def work(context: JobContext) -> FloorMovement | None:
            from app.floor_plan.floor_movement import compute_floor_movement

            return compute_floor_movement(venue=venue, period_s=period_s, context=context)

        self._replace_state(is_computing=True, problem="")
        self._job_runner.run_latest(
            MOVEMENT_KEY,
            lambda: tr("Computing visitor paths"),
            work,
            on_done=self._on_done,
            on_failed=self._on_failed,
        )

    def _on_done(self, movement: FloorMovement | None) -> None:
        self._replace_state(movement=movement, is_computing=False)

    def _on_failed(self, report: ErrorReport) -> None:
        self._replace_state(movement=None, is_computing=False, problem=translate_report(report))


class FloorOverlays(QObject):
    """View-models that follow the floor plan's period, each computing only when needed."""

    def __init__(
        self, *, app_state: AppState, job_runner: JobRunner, clock: Clock, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.movement = FloorMovementViewModel(app_state=app_state, job_runner=job_runner, parent=self)
        self.playback = FloorPlaybackViewModel(app_state=app_state, job_runner=job_runner, parent=self)
        self.comparison = FloorComparisonViewModel(
            app_state=app_state, job_runner=job_runner, clock=clock, parent=self
        )

    def follow(self, results: FloorResults) -> None:
        if results.heatmap is None or results.requested_s is None:
            self.clear()
            return
        self.movement.follow(results.requested_s)
        self.playback.follow(requested_s=results.requested_s, shown_s=results.period_s)
        self.comparison.follow(None if results.layer in PLACE_LAYERS else results)

    def clear(self) -> None:
        """Clear before another period or venue, or if there is nothing to show."""
        self.movement.follow(None)
        self.playback.follow(requested_s=None, shown_s=None)
        self.comparison.follow(None)

    def pause(self) -> None:
        """Pause while hidden."""
        self.playback.set_playing(False)

    def retranslate(self) -> None:
        self.playback.retranslate()
        self.comparison.retranslate()


def make_zone_rows(
    scene: FloorScene | None, results: FloorResults | None, dots: Sequence[LiveDot] | None
) -> tuple[ZoneRow, ...]:
    """Return one row for each zone of a floor.

    Args:
        dots: people on the floor now; None while no camera is analysed, as unobserved is not zero.
    """
    figures = {zone.name: zone for zone in results.zones} if results is not None else {}
    of_place = {} if results is None else results.of_place
    rows = []
    for shape in scene.zones if scene is not None else ():
        now = None if dots is None else count_inside(dots, shape.points)
        known = figures.get(shape.name)
        of_shape = UNKNOWN if known is None else of_place.get(shape.name, UNKNOWN)
        rows.append(ZoneRow(known or ZoneFigures(shape.name), now, of_shape))
    return tuple(rows)


T = TypeVar("T")
JOB_KEY = "floor plan"
REFRESH_EVERY_MS = 10_000
ZONES_EVERY = 6
"""Number of refreshes per refresh of the zones' figures, which take most of the time."""


class FloorPlanViewModel(VenueViewModel[FloorPlanState]):
    """View-model of the floor plan; follows venue, period, selected zone and pipeline."""

    results_computed = Signal(object)
    """Emitted with computed results; zones are empty if only the floor was computed."""

    def __init__(
        self, *, monitor: PipelineMonitor, pace: RefreshPace | None = None, **parts: Unpack[VenueParts]
    ) -> None:
        super().__init__(FloorPlanState(), **parts)
        app_state, job_runner = self._app_state, self._job_runner
        self._positions = LivePositions()
        self._identities: LiveVisitorMatcher | None = None
        self._doors: tuple[LearnedDoor, ...] = ()
        self._results: FloorResults | None = None
        self._failure: ErrorReport | None = None
        self._heat = FloorHeat()
        self._is_active = False
        self._is_due = True
        self._lacks_zones = False
        self._refreshes = 0
        self._pace = pace or RefreshPace()
        self._scene_key: tuple[object, ...] = ()
        self.overlays = FloorOverlays(
            app_state=app_state, job_runner=job_runner, clock=self._clock, parent=self
        )
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_EVERY_MS)
        self._timer.timeout.connect(self.refresh)
        app_state.venue_opened.connect(self._on_venue_opened)
        app_state.changed.connect(self._on_changed)
        app_state.period_changed.connect(self._on_period_changed)
        app_state.zone_selection_changed.connect(self._on_zone_selected)
        monitor.updated.connect(self._on_pipeline_updated)
        self._on_venue_opened()

    def set_active(self, is_active: bool) -> None:
        """Set whether the page is visible; nothing is computed otherwise."""
        self._is_active = is_active
        if not is_active:
            self._timer.stop()
            self.overlays.pause()
            return
        self._timer.start()
        if self._is_due:
            self._compute(with_zones=True)

    def compute_if_due(self) -> None:
        """Compute the period while the page is hidden, for a panel elsewhere that shows something of it."""
        if self._is_due and not self._is_active:
            self._compute(with_zones=True)

    def learn_doors(self, doors: tuple[LearnedDoor, ...]) -> None:
        """Join no live positions across places at which people were found to come and go."""
        self._doors = doors
        if self._identities is not None:
            self._identities.learn_doors(doors)

    def select_zone(self, name: str | None) -> None:
        self._app_state.select_zone(name)

    def set_per_hour(self, is_per_hour: bool) -> None:
        """Show presence per observed hour, or as the sum of the period."""
        if is_per_hour != self._state.is_per_hour:
            self._heat.set_per_hour(is_per_hour)
            self.overlays.comparison.set_per_hour(is_per_hour)
            self._set_fields(is_per_hour=is_per_hour)
            self._show_view()

    def set_scale_locked(self, is_locked: bool) -> None:
        """Lock the present scale for further periods, or fit it to each."""
        self._heat.set_locked(is_locked)
        self._set_fields(is_scale_locked=is_locked)
        self._show_view()

    def set_layer(self, layer: FloorLayer) -> None:
        if layer is not self._state.layer:
            self._set_fields(layer=layer)
            self._is_due = True
            self._compute_if_active(with_zones=False)
            self._show_view()

    def read_at(self, x_m: float, y_m: float) -> HoverReading:
        zone = next(
            (
                shape.name
                for shape in (self._state.scene.zones if self._state.scene else ())
                if count_inside((LiveDot(((x_m, y_m),)),), shape.points)
            ),
            None,
        )
        value, coverage = self._heat.read(x_m, y_m)
        return HoverReading(x_m, y_m, value, coverage, zone)

    def list_cells(self) -> tuple[list[str], list[list[str]]] | None:
        """Return the cells of the heatmap, or the stands, for a file; None where there are none.

        Cells where little was observed are empty.
        """
        if self._state.of_place is not None:
            return list_places_for_file(self._state.of_place, self._state.layer)
        floor = self._heat.floor
        if floor is None:
            return None
        rows = [
            [f"{x:.2f}", f"{y:.2f}", "" if math.isnan(value) else f"{value:.5g}"]
            for (x, y), value, is_floor in zip(
                floor.grid.centres().tolist(),
                floor.values.ravel().tolist(),
                floor.is_floor.ravel().tolist(),
                strict=True,
            )
            if is_floor
        ]
        return ["x (m)", "y (m)", self._state.unit], rows

    def describe_reading(self, reading: HoverReading) -> str:
        floor = self._heat.floor
        is_speed = floor is not None and floor.layer is FloorLayer.SPEED
        return describe_reading(reading, unit=self._state.unit, decimals=2 if is_speed else 1)

    def read_picture(self, read: Callable[[str], T], on_read: Callable[[T], None]) -> None:
        """Read the plan's picture in the background, if any; ``read`` must not touch widgets."""
        path = None if self._state.scene is None else self._state.scene.picture
        if path is not None:
            title = tr("Reading the plan's picture")
            self._job_runner.run_latest("plan picture", title, lambda _job: read(path), on_done=on_read)

    def refresh(self) -> None:
        """Recompute live values and a period that is not over."""
        venue = self._app_state.venue
        if venue is None or self._job_runner.is_busy(JOB_KEY) or not self._pace.is_due():
            return
        if self._is_growing():
            self._refreshes += 1
            self._compute(with_zones=self._refreshes % ZONES_EVERY == 0)

    def retranslate(self) -> None:
        self.overlays.retranslate()
        self._show_view()

    def _on_venue_opened(self) -> None:
        self._job_runner.cancel(JOB_KEY)
        self._positions.clear()
        self._forget_identities()
        self._results, self._failure = None, None
        self._heat.forget()
        self.overlays.clear()
        was = self._state
        self._state = FloorPlanState(
            layer=was.layer, is_per_hour=was.is_per_hour, is_scale_locked=was.is_scale_locked
        )
        self._is_due = True
        self._show_floor()
        self._show_view()
        self._compute_if_active()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if self._app_state.venue is None:
            return
        if changes.plan or changes.zones or changes.cameras:
            self._forget_identities()
            self._show_floor()
        has_changed = changes.plan or changes.zones or changes.cameras or changes.corrections
        if has_changed or changes.concerns(self._app_state.period):
            self._is_due = True
            # a history that grows faster than it is computed must not block the display
            if has_changed or (not self._job_runner.is_busy(JOB_KEY) and self._pace.is_due()):
                self._compute_if_active()
        self._show_view()

    def _on_period_changed(self) -> None:
        # the floor of another period must not be shown under this one's name
        self.overlays.clear()
        self._results, self._failure = None, None
        self._is_due = True
        self._show_floor()
        self._show_view()
        self._compute_if_active()

    def _on_zone_selected(self) -> None:
        self._replace_state(selected=self._app_state.zone_selected)

    def _on_pipeline_updated(self, status: PipelineStatus) -> None:
        venue = self._app_state.venue
        if not status.is_running:
            self._forget_identities()
        elif self._identities is None and venue is not None:
            self._identities = LiveVisitorMatcher(venue)
            self._identities.learn_doors(self._doors)
        visitors: Mapping[int, int] = {}
        if self._identities is not None:
            self._identities.offer(status)
            visitors = self._identities.visitors
        dots = self._positions.update(status, visitors)
        self._set_fields(
            dots=dots,
            is_live=bool(list_live_cameras(status)),
            delay=describe_delay(status) if status.is_running else "",
        )
        self._replace_state(rows=self._make_rows(), people_now=len(dots) if self._state.is_live else None)

    def _forget_identities(self) -> None:
        if self._identities is not None:
            self._identities.stop()
            self._identities = None

    def _is_growing(self) -> bool:
        return is_growing(self._app_state.period, now_utc_s=self._clock.now_utc_s())

    def _compute_if_active(self, *, with_zones: bool = True) -> None:
        if self._is_active:
            self._compute(with_zones=with_zones or self._lacks_zones or self._results is None)

    def _compute(self, *, with_zones: bool) -> None:
        venue, period, now_utc_s = self._app_state.venue, self._app_state.period, self._clock.now_utc_s()
        layer = self._state.layer
        self._is_due = False
        if venue is None:
            return

        def work(context: JobContext) -> tuple[Venue, FloorResults]:
            results = analyse_floor(
                venue=venue,
                period_s=period,
                now_utc_s=now_utc_s,
                context=context,
                with_zones=with_zones,
                layer=layer,
            )
            return venue, results

        self._job_runner.cancel(JOB_KEY)
        # if this is cancelled, the next one computes the zones' figures
        self._lacks_zones = with_zones
        self._pace.begin()
        self._set_fields(progress=0.0, message=self._describe_empty_state(is_computing=True))
        handle = self._job_runner.run_latest(
            JOB_KEY,
            lambda: tr("Computing the floor plan"),
            work,
            on_done=self._on_done,
            on_failed=self._on_failed,
        )
        handle.progress.connect(partial(self._on_progress, handle))
        self.state_changed.emit()

    def _on_progress(self, handle: JobHandle, done: float, total: float) -> None:
        if not handle.is_cancelled:
            self._replace_state(progress=done / total if total > 0 else 0.0)

    def _on_done(self, result: tuple[Venue, FloorResults]) -> None:
        venue, results = result
        self._lacks_zones = False
        self._pace.end()
        self._set_fields(progress=None)
        if venue is not self._app_state.venue:
            self._is_due = True
            self._compute_if_active()
            return
        before = self._results
        if before is not None and results.heatmap is not None and not results.zones:
            results = dataclasses.replace(
                results, zones=before.zones, mean_people=before.mean_people, peak_people=before.peak_people
            )
        self._results, self._failure = results, None
        self._app_state.set_history(results.history_s)
        self.overlays.follow(results)
        self.results_computed.emit(result[1])
        self._show_floor()
        self._show_view()
        if self._is_due and not self._is_growing():
            self._compute_if_active()

    def _on_failed(self, report: ErrorReport) -> None:
        self._results, self._failure = None, report
        self._set_fields(progress=None)
        self._show_view()

    def _show_floor(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            self._set_fields(scene=None)
            return
        period = self._app_state.period
        if period is None:
            geometry = venue.geometry_at(self._clock.now_utc_s())
        elif self._results is not None and self._results.heatmap is not None:
            geometry = self._results.geometry
        else:
            geometry = venue.geometry_at(period[1])
        key = (venue.folder, venue.plan, venue.cameras, geometry)
        if self._state.scene is None or key != self._scene_key:
            self._scene_key = key
            self._set_fields(scene=describe_floor(venue, geometry))

    def _show_view(self) -> None:
        results, venue = self._results, self._app_state.venue
        corrected = None if results is None or results.corrected is None else results.corrected.identified
        self._positions.leave_out(() if venue is None else list_places(venue.corrections, corrected))
        self._heat.show(None if results is None else results.floor)
        heat, floor = self._heat.make_picture(), self._heat.floor
        period_text = note = ""
        shows_places = results is not None and results.layer is self._state.layer in PLACE_LAYERS
        if results is not None and results.heatmap is not None and venue is not None:
            zone = venue.exhibition.time_zone
            period_text = format_period(*results.period_s, time_zone=zone)
            note = add_left_out(describe_note(results), venue, results.corrected)
        self._set_fields(
            heat=heat,
            message=self._describe_empty_state(is_computing=self._state.progress is not None),
            of_place=results.of_place if results is not None and shows_places else None,
            period_text=period_text,
            note=note,
            unit=name_unit(
                self._state.layer if floor is None else floor.layer,
                is_per_hour=self._state.is_per_hour,
                is_by_hours=floor is not None and floor.is_by_hours,
            ),
            scale_labels=PLACE_LABELS
            if shows_places
            else ("0", "", "")
            if heat is None
            else label_scale(heat.top),
            rows=self._make_rows(),
            selected=self._app_state.zone_selected,
        )
        self.state_changed.emit()

    def _describe_empty_state(self, *, is_computing: bool) -> str:
        venue, period = self._app_state.venue, self._app_state.period
        if self._results is None and self._failure is None and venue is not None and is_computing:
            return describe_computing(period, time_zone=venue.exhibition.time_zone)
        return describe_empty_state(venue, self._results, self._failure, is_now=period is None)

    def _make_rows(self) -> tuple[ZoneRow, ...]:
        state = self._state
        return make_zone_rows(state.scene, self._results, state.dots if state.is_live else None)


@dataclass(frozen=True, slots=True, eq=False)
class FloorContent:
    """Content of the plan.

    Attributes:
        heat: heat of the plan; None for none.
        other: heat of the second plan on the same scale; None for none.
        unobserved: rings around unobserved floor.
        dots: people now, or at the played moment.
        is_period: whether the period itself is shown, so that its scale can be chosen.
        has_scale: whether a scale is needed.
        of_place: what a layer of ``PLACE_LAYERS`` shows of stands; None in other layers.
    """

    heat: HeatPicture | None
    other: HeatPicture | None
    unobserved: tuple[FloatArray, ...]
    dots: tuple[LiveDot, ...]
    unit: str
    labels: tuple[str, str, str]
    is_period: bool
    has_scale: bool
    of_place: Mapping[str, Estimate] | None = None


def choose_content(model: FloorPlanViewModel) -> FloorContent:
    state, playback, comparison = model.state, model.overlays.playback, model.overlays.comparison
    unobserved = () if state.heat is None else state.heat.unobserved
    if playback.state.is_on:
        if playback.state.is_observed is False and state.scene is not None:
            unobserved = (np.array(state.scene.outline),)
        unit, labels = playback.describe_scale()
        return FloorContent(
            playback.state.heat, None, unobserved, playback.state.dots, unit, labels, False, True
        )
    if state.of_place is not None:
        return FloorContent(
            None, None, (), state.dots, state.unit, state.scale_labels, True, True, state.of_place
        )
    if comparison.state.shows_difference:
        heat = comparison.state.difference
        unit, labels = comparison.describe_scale()
        unobserved = unobserved if heat is None else heat.unobserved
        return FloorContent(heat, None, unobserved, state.dots, unit, labels, False, heat is not None)
    heat, other, labels = state.heat, None, state.scale_labels
    if comparison.state.shows_other and heat is not None and comparison.state.other is not None:
        other = comparison.state.other
        # one scale for both, unless it is locked
        top = heat.top if state.is_scale_locked else max(heat.top, other.top)
        heat, other = (
            picture if picture.top == top else dataclasses.replace(picture, top=top)
            for picture in (heat, other)
        )
        labels = label_scale(top)
    return FloorContent(heat, other, unobserved, state.dots, state.unit, labels, True, heat is not None)


def describe_place(
    model: FloorPlanViewModel, x_m: float, y_m: float, *, route: RouteLine | None, is_other: bool = False
) -> str:
    """Return a description of a place, one line each.

    Args:
        route: route drawn there.
        is_other: whether on the second plan.
    """
    reading, overlays = model.read_at(x_m, y_m), model.overlays
    lines = [] if route is None else [describe_route(route)]
    shows_difference = (
        overlays.comparison.state.shows_difference
        and not overlays.playback.state.is_on
        and model.state.of_place is None
    )
    if overlays.playback.state.is_on or shows_difference:
        reading = dataclasses.replace(reading, value=None, coverage=None)
    elif is_other:
        value, coverage = overlays.comparison.read_other(x_m, y_m)
        reading = dataclasses.replace(reading, value=value, coverage=coverage)
    if shows_difference and model.state.scene is not None:
        lines.append(overlays.comparison.describe_reading(x_m, y_m))
    if model.state.of_place is not None and not overlays.playback.state.is_on and reading.zone is not None:
        lines.append(describe_of_place(model.state.of_place.get(reading.zone, UNKNOWN), model.state.layer))
    return "\n".join([*lines, model.describe_reading(reading)])
