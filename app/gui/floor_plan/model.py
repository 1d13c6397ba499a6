"""What the floor plan shows and what can be asked of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from analytics.domain.clock import Clock, SystemClock
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.core.job import JobContext
from app.core.periods import is_growing
from app.error_reporting import ErrorReport
from app.facts.camera_outages import list_live
from app.floor_plan.compute_views import HeatmapView, compute_heatmap_view
from app.floor_plan.corrected_period import list_places
from app.floor_plan.floor_map import FloorLayer
from app.gui.floor_plan.correction_words import add_left_out
from app.gui.floor_plan.floor_heat import FloorHeat
from app.gui.floor_plan.floor_plan_state import FloorPlanState
from app.gui.floor_plan.floor_studies import FloorStudies
from app.gui.floor_plan.text import (
    HoverReading,
    describe_computing,
    describe_emptiness,
    describe_note,
    describe_reading,
    label_scale,
    name_unit,
)
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import format_period
from app.gui.session.delay_words import describe_delay
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.refresh_pace import RefreshPace
from app.gui.session.translation import tr
from app.gui.session.view_model import ViewModel
from app.live.live_identities import LiveIdentities
from app.live.live_positions import LivePositions, count_inside
from app.plan.floor_scene import FloorScene, LiveDot, ZoneRow, describe_floor
from vision.pipeline.pipeline_status import PipelineStatus


def make_zone_rows(
    scene: FloorScene | None, view: HeatmapView | None, dots: Sequence[LiveDot] | None
) -> tuple[ZoneRow, ...]:
    """One row for each zone of a floor.

    Args:
        dots: everybody on the floor now; None while no camera is analysed, for nobody is seen is not nobody.
    """
    figures = {zone.name: zone for zone in view.zones} if view is not None else {}
    rows = []
    for shape in scene.zones if scene is not None else ():
        known = figures.get(shape.name)
        now = None if dots is None else count_inside(dots, shape.points)
        if known is None:
            rows.append(ZoneRow(shape.name, now))
        else:
            rows.append(
                ZoneRow(
                    shape.name,
                    now,
                    known.visits,
                    known.visits_interval,
                    known.mean_dwell_s,
                    known.mean_dwell_interval_s,
                )
            )
    return tuple(rows)


T = TypeVar("T")
JOB_KEY = "floor plan"
REFRESH_EVERY_MS = 10_000
ZONES_EVERY = 6
"""The zones' figures take most of a computation: while it goes on by itself they are made anew so seldom."""


class FloorPlanViewModel(ViewModel[FloorPlanState]):
    """Follows the open venue, the period, the selected zone and the pipeline."""

    view_computed = Signal(object)
    """A `HeatmapView` was computed; its zones are empty where only the floor was computed again."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        monitor: PipelineMonitor,
        clock: Clock | None = None,
        pace: RefreshPace | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner = app_state, job_runner
        self._clock = clock or SystemClock()
        self._positions = LivePositions()
        self._identities: LiveIdentities | None = None
        self._view: HeatmapView | None = None
        self._failure: ErrorReport | None = None
        self._heat = FloorHeat()
        self._is_active = False
        self._is_due = True
        self._lacks_zones = False
        self._job: JobHandle | None = None
        self._refreshes = 0
        self._pace = pace or RefreshPace()
        self._scene_key: tuple[object, ...] = ()
        self._state = FloorPlanState()
        self.studies = FloorStudies(
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
        """Say whether anybody looks; nothing is computed otherwise."""
        self._is_active = is_active
        if not is_active:
            self._timer.stop()
            self.studies.pause()
            return
        self._timer.start()
        if self._is_due:
            self._compute(with_zones=True)

    def select_zone(self, name: str | None) -> None:
        """Select a zone on every page."""
        self._app_state.select_zone(name)

    def set_per_hour(self, is_per_hour: bool) -> None:
        """Show presence per hour in which cameras were analysed, or as the sum of the period."""
        if is_per_hour != self._state.is_per_hour:
            self._heat.set_per_hour(is_per_hour)
            self.studies.comparison.set_per_hour(is_per_hour)
            self._change(is_per_hour=is_per_hour)
            self._show_view()

    def set_scale_locked(self, is_locked: bool) -> None:
        """Keep the present scale for the periods to come, or fit it to each."""
        self._heat.set_locked(is_locked)
        self._change(is_scale_locked=is_locked)
        self._show_view()

    def set_layer(self, layer: FloorLayer) -> None:
        """Show something else of the floor."""
        if layer is not self._state.layer:
            self._change(layer=layer)
            self._is_due = True
            self._compute_if_active(with_zones=False)
            self._show_view()

    def read_at(self, x_m: float, y_m: float) -> HoverReading:
        """What is known of a place on the floor."""
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

    def describe_reading(self, reading: HoverReading) -> str:
        """A reading in words, one line each."""
        floor = self._heat.floor
        is_speed = floor is not None and floor.layer is FloorLayer.SPEED
        return describe_reading(reading, unit=self._state.unit, decimals=2 if is_speed else 1)

    def read_picture(self, read: Callable[[str], T], on_read: Callable[[T], None]) -> None:
        """Read the plan's picture in the background, if it has one; ``read`` must not touch any widget."""
        path = None if self._state.scene is None else self._state.scene.picture
        if path is not None:
            title = tr("Reading the plan's picture")
            self._job_runner.run_latest("plan picture", title, lambda _job: read(path), on_done=on_read)

    def refresh(self) -> None:
        """Compute again what may have grown: now, and a period that is not over."""
        venue = self._app_state.venue
        is_busy = self._job is not None and not self._job.is_finished
        if venue is None or is_busy or not self._pace.is_due():
            return
        if self._is_growing():
            self._refreshes += 1
            self._compute(with_zones=self._refreshes % ZONES_EVERY == 0)

    def retranslate(self) -> None:
        """Make every text again, in the window's language."""
        self.studies.retranslate()
        self._show_view()

    def _on_venue_opened(self) -> None:
        self._cancel()
        self._positions.clear()
        self._forget_identities()
        self._view, self._failure = None, None
        self._heat.forget()
        self.studies.leave()
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
            # a history that grows faster than it is computed must not keep anything from being shown
            is_busy = self._job is not None and not self._job.is_finished
            if has_changed or (not is_busy and self._pace.is_due()):
                self._compute_if_active()
        self._show_view()

    def _on_period_changed(self) -> None:
        # another period's floor beside this one's name would be taken for it
        self.studies.leave()
        self._view, self._failure = None, None
        self._is_due = True
        self._show_floor()
        self._show_view()
        self._compute_if_active()

    def _on_zone_selected(self) -> None:
        self._change(selected=self._app_state.zone_selected)
        self.state_changed.emit()

    def _on_pipeline_updated(self, status: PipelineStatus) -> None:
        venue = self._app_state.venue
        if not status.is_running:
            self._forget_identities()
        elif self._identities is None and venue is not None:
            self._identities = LiveIdentities(venue)
        visitors: Mapping[int, int] = {}
        if self._identities is not None:
            self._identities.offer(status)
            visitors = self._identities.visitors
        dots = self._positions.update(status, visitors)
        self._change(
            dots=dots,
            is_live=bool(list_live(status)),
            delay=describe_delay(status) if status.is_running else "",
        )
        self._change(rows=self._make_rows(), people_now=len(dots) if self._state.is_live else None)
        self.state_changed.emit()

    def _forget_identities(self) -> None:
        if self._identities is not None:
            self._identities.stop()
            self._identities = None

    def _is_growing(self) -> bool:
        return is_growing(self._app_state.period, now_utc_s=self._clock.now_utc_s())

    def _compute_if_active(self, *, with_zones: bool = True) -> None:
        if self._is_active:
            self._compute(with_zones=with_zones or self._lacks_zones or self._view is None)

    def _compute(self, *, with_zones: bool) -> None:
        venue, period, now_utc_s = self._app_state.venue, self._app_state.period, self._clock.now_utc_s()
        layer = self._state.layer
        self._is_due = False
        if venue is None:
            return

        def work(context: JobContext) -> tuple[Venue, HeatmapView]:
            view = compute_heatmap_view(
                venue=venue,
                period_s=period,
                now_utc_s=now_utc_s,
                context=context,
                with_zones=with_zones,
                layer=layer,
            )
            return venue, view

        self._cancel()
        # what is cancelled with the zones' figures is made up for by the next
        self._lacks_zones = with_zones
        self._pace.begin()
        self._change(progress=0.0, message=self._describe_emptiness(is_computing=True))
        handle = self._job_runner.run_latest(
            JOB_KEY,
            lambda: tr("Computing the floor plan"),
            work,
            on_done=self._on_done,
            on_failed=self._on_failed,
        )
        if not handle.is_finished:
            self._job = handle
            handle.progress.connect(self._on_progress)
        self.state_changed.emit()

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def _on_progress(self, done: float, total: float) -> None:
        if self.sender() is self._job:
            self._change(progress=done / total if total > 0 else 0.0)
            self.state_changed.emit()

    def _on_done(self, result: tuple[Venue, HeatmapView]) -> None:
        venue, view = result
        self._job = None
        self._lacks_zones = False
        self._pace.end()
        self._change(progress=None)
        if venue is not self._app_state.venue:
            self._is_due = True
            self._compute_if_active()
            return
        before = self._view
        if before is not None and view.heatmap is not None and not view.zones:
            view = dataclasses.replace(
                view,
                zones=before.zones,
                mean_people=before.mean_people,
                peak_people=before.peak_people,
            )
        self._view, self._failure = view, None
        self._app_state.set_history(view.history_s)
        self.studies.follow(view)
        self.view_computed.emit(result[1])
        self._show_floor()
        self._show_view()
        if self._is_due and not self._is_growing():
            self._compute_if_active()

    def _on_failed(self, report: ErrorReport) -> None:
        self._job = None
        self._view, self._failure = None, report
        self._change(progress=None)
        self._show_view()

    def _show_floor(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            self._change(scene=None)
            return
        period = self._app_state.period
        if period is None:
            geometry = venue.geometry_at(self._clock.now_utc_s())
        elif self._view is not None and self._view.heatmap is not None:
            geometry = self._view.geometry
        else:
            geometry = venue.geometry_at(period[1])
        key = (venue.folder, venue.plan, venue.cameras, geometry)
        if self._state.scene is None or key != self._scene_key:
            self._scene_key = key
            self._change(scene=describe_floor(venue, geometry))

    def _show_view(self) -> None:
        view, venue = self._view, self._app_state.venue
        corrected = None if view is None or view.corrected is None else view.corrected.identified
        self._positions.leave_out(() if venue is None else list_places(venue.corrections, corrected))
        self._heat.show(None if view is None else view.floor)
        heat, floor = self._heat.make_picture(), self._heat.floor
        period_text = note = ""
        if view is not None and view.heatmap is not None and venue is not None:
            zone = venue.exhibition.time_zone
            period_text = format_period(*view.period_s, time_zone=zone)
            note = add_left_out(describe_note(view, time_zone=zone), venue, view.corrected)
        self._change(
            heat=heat,
            message=self._describe_emptiness(is_computing=self._state.progress is not None),
            period_text=period_text,
            note=note,
            unit=name_unit(
                self._state.layer if floor is None else floor.layer,
                is_per_hour=self._state.is_per_hour,
                is_by_hours=floor is not None and floor.is_by_hours,
            ),
            scale_labels=("0", "", "") if heat is None else label_scale(heat.top),
            rows=self._make_rows(),
            selected=self._app_state.zone_selected,
        )
        self.state_changed.emit()

    def _describe_emptiness(self, *, is_computing: bool) -> str:
        venue, period = self._app_state.venue, self._app_state.period
        if self._view is None and self._failure is None and venue is not None and is_computing:
            return describe_computing(period, time_zone=venue.exhibition.time_zone)
        return describe_emptiness(venue, self._view, self._failure, is_now=period is None)

    def _make_rows(self) -> tuple[ZoneRow, ...]:
        state = self._state
        return make_zone_rows(state.scene, self._view, state.dots if state.is_live else None)

    def _change(self, **fields: object) -> None:
        self._state = dataclasses.replace(self._state, **fields)  # type: ignore[arg-type]
