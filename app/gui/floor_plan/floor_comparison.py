"""View-model of the comparison of the floor plan's period with another one."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Unpack

import numpy as np

from analytics.domain.arrays import Interval
from analytics.domain.exhibition import Exhibition
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.floor_plan.floor_comparison import (
    DIFFERING,
    ComparedWith,
    FloorComparison,
    compare_floor_periods,
    find_other_period,
)
from app.floor_plan.floor_map import FloorLayer, FloorResults
from app.gui.floor_plan.floor_heat import FloorHeat, HeatPicture, unit_factor
from app.gui.floor_plan.text import describe_change, describe_reading_change, label_change, name_change_unit
from app.gui.session.cell_text import format_period
from app.gui.session.job_runner import JobHandle
from app.gui.session.period_figures import RefreshPace
from app.gui.session.translation import tr, translate_report
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.plan.floor_scene import FloorScene, describe_floor

JOB_KEY = "floor comparison"


@dataclass(frozen=True, slots=True, eq=False)
class FloorComparisonState:
    """State of the comparison.

    Attributes:
        is_beside: whether the periods are shown side by side instead of their difference.
        can_differ: whether the layer has a difference.
        own_start_s: start of a chosen other period, seconds since the epoch.
        scene: floor with the zones of the other period.
        other: the other period on its own scale.
        difference: this period minus the other; None while unknown.
        progress: progress of the computation, 0 to 1; None while none is running.
        description: what is compared, with notes; or why nothing is compared.
    """

    compared_with: ComparedWith = ComparedWith.NOTHING
    is_beside: bool = False
    can_differ: bool = True
    own_start_s: float | None = None
    scene: FloorScene | None = None
    other: HeatPicture | None = None
    difference: HeatPicture | None = None
    progress: float | None = None
    description: str = ""

    @property
    def is_on(self) -> bool:
        return self.compared_with is not ComparedWith.NOTHING

    @property
    def shows_other(self) -> bool:
        return self.is_on and (self.is_beside or not self.can_differ)

    @property
    def shows_difference(self) -> bool:
        """Return whether the plan shows the difference instead of the period."""
        return self.is_on and not self.shows_other


class FloorComparisonViewModel(VenueViewModel[FloorComparisonState]):
    """View-model of the comparison; recomputes when period, layer or choice change."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(FloorComparisonState(), **parts)
        self._pace = RefreshPace()
        self._results: FloorResults | None = None
        self._comparison: FloorComparison | None = None
        self._problem = ""
        self._computed: tuple[Interval, Interval, FloorLayer] | None = None
        self._heat = FloorHeat()

    @property
    def exhibition(self) -> Exhibition | None:
        venue = self._app_state.venue
        return None if venue is None else venue.exhibition

    def describe_reading(self, x_m: float, y_m: float) -> str:
        value, is_real = self.read_change(x_m, y_m)
        change = None if self._comparison is None else self._comparison.change
        return describe_reading_change(
            value,
            is_real=is_real,
            unit=None if change is None else change.difference.unit,
            layer=FloorLayer.PRESENCE if self._comparison is None else self._comparison.layer,
        )

    def describe_periods(self) -> tuple[str, str]:
        results, comparison, exhibition = self._results, self._comparison, self.exhibition
        if results is None or exhibition is None:
            return "", ""
        zone = exhibition.time_zone
        this = format_period(*results.period_s, time_zone=zone)
        return this, "" if comparison is None else format_period(*comparison.other_s, time_zone=zone)

    def follow(self, results: FloorResults | None) -> None:
        is_recomputed = (
            self._results is not None
            and results is not None
            and results.layer is self._results.layer
            and results.requested_s != self._results.requested_s
        )
        self._results = results
        if results is None:
            self._forget()
        self._set_fields(can_differ=results is None or results.layer in DIFFERING)
        # the last hour moves on at every computation
        if not is_recomputed or self._pace.is_due():
            self._compute()
        self._show()

    def set_compared_with(self, compared_with: ComparedWith) -> None:
        self._set_fields(compared_with=compared_with)
        if compared_with is ComparedWith.OWN and self.state.own_start_s is None and self._results is not None:
            self._set_fields(own_start_s=self._find_day_before())
        if compared_with is ComparedWith.NOTHING:
            self._forget()
        self._compute()
        self._show()

    def set_own_start(self, at_s: float) -> None:
        """Set the start of the other period, seconds since the epoch."""
        if at_s != self.state.own_start_s:
            self._set_fields(own_start_s=at_s)
            self._compute()
            self._show()

    def set_beside(self, is_beside: bool) -> None:
        self._set_fields(is_beside=is_beside)
        self._show()

    def set_per_hour(self, is_per_hour: bool) -> None:
        """Show presence per hour instead of over the whole period."""
        self._heat.set_per_hour(is_per_hour)
        self._show()

    def read_other(self, x_m: float, y_m: float) -> tuple[float | None, float | None]:
        """Return the other period's value at a place, and its coverage."""
        return self._heat.read(x_m, y_m)

    def read_change(self, x_m: float, y_m: float) -> tuple[float | None, bool]:
        change = None if self._comparison is None else self._comparison.change
        if change is None:
            return None, False
        found = change.difference
        cell = int(found.grid.find_cells(np.array([x_m]), np.array([y_m]))[0])
        if cell < 0 or math.isnan(found.change.flat[cell]):
            return None, False
        return float(found.change.flat[cell]) * self._factor, bool(found.is_real.flat[cell])

    def describe_scale(self) -> tuple[str, tuple[str, str, str]]:
        top = 0.0 if self.state.difference is None else self.state.difference.top
        layer = FloorLayer.PRESENCE if self._comparison is None else self._comparison.layer
        return name_change_unit(layer), label_change(top)

    def retranslate(self) -> None:
        self._show()

    @property
    def _factor(self) -> float:
        """Return the factor from metres, shares and seconds to displayed units."""
        return 1.0 if self._comparison is None else unit_factor(self._comparison.layer)

    def _find_day_before(self) -> float | None:
        venue, results = self._app_state.venue, self._results
        if venue is None or results is None or results.requested_s is None:
            return None
        zone = venue.exhibition.time_zone
        before = find_other_period(ComparedWith.DAY_BEFORE, results.requested_s, time_zone=zone)
        return None if before is None else before[0]

    def _find_other(self) -> Interval | None:
        venue, results = self._app_state.venue, self._results
        if venue is None or results is None or results.requested_s is None:
            return None
        return find_other_period(
            self.state.compared_with,
            results.requested_s,
            time_zone=venue.exhibition.time_zone,
            own_start_s=self.state.own_start_s,
        )

    def _compute(self) -> None:
        venue, results, other_s = self._app_state.venue, self._results, self._find_other()
        if venue is None or results is None or results.requested_s is None or other_s is None:
            return
        period_s, layer, now_utc_s = results.requested_s, results.layer, self._clock.now_utc_s()
        key = (period_s, other_s, layer)
        if key == self._computed:
            return
        self._forget()
        self._computed = key

        def work(context: JobContext) -> FloorComparison:
            return compare_floor_periods(
                venue=venue,
                period_s=period_s,
                other_s=other_s,
                layer=layer,
                now_utc_s=now_utc_s,
                context=context,
            )

        self._pace.begin()
        self._set_fields(progress=0.0)
        handle = self._job_runner.run_latest(
            JOB_KEY,
            lambda: tr("Comparing two periods"),
            work,
            on_done=self._on_done,
            on_failed=self._on_failed,
        )
        handle.progress.connect(partial(self._on_progress, handle))

    def _forget(self) -> None:
        self._job_runner.cancel(JOB_KEY)
        self._comparison = self._computed = None
        self._problem = ""
        self._heat.show(None)
        self._set_fields(progress=None)

    def _on_progress(self, handle: JobHandle, done: float, total: float) -> None:
        if not handle.is_cancelled:
            self._replace_state(progress=done / total if total > 0 else 0.0)

    def _on_done(self, comparison: FloorComparison) -> None:
        self._pace.end()
        self._comparison = comparison
        self._heat.show(comparison.other)
        venue = self._app_state.venue
        self._set_fields(
            progress=None, scene=None if venue is None else describe_floor(venue, comparison.geometry)
        )
        self._show()

    def _on_failed(self, report: ErrorReport) -> None:
        self._forget()
        self._problem = translate_report(report)
        self._show()

    def _show(self) -> None:
        comparison, venue, results = self._comparison, self._app_state.venue, self._results
        change = None if comparison is None else comparison.change
        difference = None
        if change is not None and comparison is not None:
            difference = HeatPicture(
                values=change.shown * self._factor,
                rect=change.difference.grid.rect,
                top=change.top * self._factor,
                unobserved=change.unobserved,
                is_difference=True,
            )
        description = self._problem
        if comparison is not None and venue is not None and results is not None:
            description = describe_change(
                comparison,
                results.period_s,
                time_zone=venue.exhibition.time_zone,
                is_difference=self.state.shows_difference,
            )
        self._replace_state(other=self._heat.make_picture(), difference=difference, description=description)
