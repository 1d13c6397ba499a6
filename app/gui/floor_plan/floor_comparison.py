"""What the floor plan's period is compared with, and what differs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject

from analytics.domain.clock import Clock
from analytics.domain.exhibition import Exhibition
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.floor_plan.compute_views import HeatmapView
from app.floor_plan.floor_comparison import (
    DIFFERING,
    ComparedWith,
    FloorComparison,
    Period,
    compare_floor_periods,
    find_other_period,
)
from app.floor_plan.floor_map import FloorLayer
from app.gui.floor_plan.floor_heat import FloorHeat, HeatPicture, unit_factor
from app.gui.floor_plan.text import describe_change, describe_reading_change, label_change, name_change_unit
from app.gui.session.app_state import AppState
from app.gui.session.cell_text import format_period
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.period_figures import RefreshPace
from app.gui.session.translation import say_error, tr
from app.gui.session.view_model import ViewModel
from app.plan.floor_scene import FloorScene, describe_floor

JOB_KEY = "floor comparison"


@dataclass(frozen=True, slots=True, eq=False)
class FloorComparisonState:
    """All that is shown.

    Attributes:
        is_beside: the other period is wanted beside this one, instead of the difference.
        can_differ: there is a difference for this layer.
        own_start_s: where a chosen other period begins, seconds since the epoch.
        scene: the floor with the zones of the other period.
        other: the other period on the scale of its own.
        difference: this period minus the other; None while it is not known.
        progress: of the computation, 0 to 1; None while none is running.
        words: what is compared and what has to be known of it; or why nothing is.
    """

    compared_with: ComparedWith = ComparedWith.NOTHING
    is_beside: bool = False
    can_differ: bool = True
    own_start_s: float | None = None
    scene: FloorScene | None = None
    other: HeatPicture | None = None
    difference: HeatPicture | None = None
    progress: float | None = None
    words: str = ""

    @property
    def is_on(self) -> bool:
        """Two periods are compared."""
        return self.compared_with is not ComparedWith.NOTHING

    @property
    def shows_other(self) -> bool:
        """The other period has a plan of its own."""
        return self.is_on and (self.is_beside or not self.can_differ)

    @property
    def shows_difference(self) -> bool:
        """The plan shows the difference instead of the period."""
        return self.is_on and not self.shows_other


class FloorComparisonViewModel(ViewModel[FloorComparisonState]):
    """Computes again when the period, its layer or the choice changes."""

    def __init__(
        self,
        *,
        app_state: AppState,
        job_runner: JobRunner,
        clock: Clock,
        pace: RefreshPace | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._app_state, self._job_runner, self._clock = app_state, job_runner, clock
        self._pace = pace or RefreshPace()
        self._view: HeatmapView | None = None
        self._comparison: FloorComparison | None = None
        self._problem = ""
        self._computed: tuple[Period, Period, FloorLayer] | None = None
        self._heat = FloorHeat()
        self._state = FloorComparisonState()

    @property
    def exhibition(self) -> Exhibition | None:
        """On whose clock moments are chosen."""
        venue = self._app_state.venue
        return None if venue is None else venue.exhibition

    def describe_reading(self, x_m: float, y_m: float) -> str:
        """The change at a place, in words."""
        value, is_real = self.read_change(x_m, y_m)
        change = None if self._comparison is None else self._comparison.change
        return describe_reading_change(
            value,
            is_real=is_real,
            unit=None if change is None else change.unit,
            layer=FloorLayer.PRESENCE if self._comparison is None else self._comparison.layer,
        )

    def describe_periods(self) -> tuple[str, str]:
        """This period and the other one, in words."""
        view, comparison, exhibition = self._view, self._comparison, self.exhibition
        if view is None or exhibition is None:
            return "", ""
        zone = exhibition.time_zone
        this = format_period(*view.period_s, time_zone=zone)
        return this, "" if comparison is None else format_period(*comparison.other_s, time_zone=zone)

    def follow(self, view: HeatmapView | None) -> None:
        """Compare this period, or nothing."""
        is_later_look = (
            self._view is not None
            and view is not None
            and view.layer is self._view.layer
            and view.asked_s != self._view.asked_s
        )
        self._view = view
        if view is None:
            self._forget()
        self._set_fields(can_differ=view is None or view.layer in DIFFERING)
        # the hour until now is another one at every look
        if not is_later_look or self._pace.is_due():
            self._compute()
        self._show()

    def set_compared_with(self, compared_with: ComparedWith) -> None:
        """Compare with another period."""
        self._set_fields(compared_with=compared_with)
        if compared_with is ComparedWith.OWN and self.state.own_start_s is None and self._view is not None:
            self._set_fields(own_start_s=self._find_day_before())
        if compared_with is ComparedWith.NOTHING:
            self._forget()
        self._compute()
        self._show()

    def set_own_start(self, at_s: float) -> None:
        """Begin the other period at this moment, seconds since the epoch."""
        if at_s != self.state.own_start_s:
            self._set_fields(own_start_s=at_s)
            self._compute()
            self._show()

    def set_beside(self, is_beside: bool) -> None:
        """Show both periods, or their difference."""
        self._set_fields(is_beside=is_beside)
        self._show()

    def set_per_hour(self, is_per_hour: bool) -> None:
        """Show presence for an hour instead of the whole period."""
        self._heat.set_per_hour(is_per_hour)
        self._show()

    def read_other(self, x_m: float, y_m: float) -> tuple[float | None, float | None]:
        """The other period's value at a place, and the share of the time in which it was seen."""
        return self._heat.read(x_m, y_m)

    def read_change(self, x_m: float, y_m: float) -> tuple[float | None, bool]:
        """The change at a place in the unit that is shown, and whether it stands out from chance."""
        change = None if self._comparison is None else self._comparison.change
        if change is None:
            return None, False
        row = int((y_m - change.rect[1]) // change.grid.cell_m)
        column = int((x_m - change.rect[0]) // change.grid.cell_m)
        if not (0 <= row < change.grid.rows and 0 <= column < change.grid.columns):
            return None, False
        value = float(change.values[row, column]) * self._factor
        return (value, bool(change.is_real[row, column])) if value == value else (None, False)  # noqa: PLR0124

    def describe_scale(self) -> tuple[str, tuple[str, str, str]]:
        """The unit and the labels of the difference's scale."""
        top = 0.0 if self.state.difference is None else self.state.difference.top
        layer = FloorLayer.PRESENCE if self._comparison is None else self._comparison.layer
        return name_change_unit(layer), label_change(top)

    def retranslate(self) -> None:
        """Make every text again."""
        self._show()

    @property
    def _factor(self) -> float:
        """From metres, shares and seconds to what people read."""
        return 1.0 if self._comparison is None else unit_factor(self._comparison.layer)

    def _find_day_before(self) -> float | None:
        venue, view = self._app_state.venue, self._view
        if venue is None or view is None or view.asked_s is None:
            return None
        zone = venue.exhibition.time_zone
        before = find_other_period(ComparedWith.DAY_BEFORE, view.asked_s, time_zone=zone)
        return None if before is None else before[0]

    def _find_other(self) -> Period | None:
        venue, view = self._app_state.venue, self._view
        if venue is None or view is None or view.asked_s is None:
            return None
        return find_other_period(
            self.state.compared_with,
            view.asked_s,
            time_zone=venue.exhibition.time_zone,
            own_start_s=self.state.own_start_s,
        )

    def _compute(self) -> None:
        venue, view, other_s = self._app_state.venue, self._view, self._find_other()
        if venue is None or view is None or view.asked_s is None or other_s is None:
            return
        period_s, layer, now_utc_s = view.asked_s, view.layer, self._clock.now_utc_s()
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
        self._problem = say_error(report)
        self._show()

    def _show(self) -> None:
        comparison, venue, view = self._comparison, self._app_state.venue, self._view
        change = None if comparison is None else comparison.change
        difference = None
        if change is not None and comparison is not None:
            difference = HeatPicture(
                values=change.shown * self._factor,
                rect=change.rect,
                top=change.top * self._factor,
                unobserved=change.unobserved,
                is_difference=True,
            )
        words = self._problem
        if comparison is not None and venue is not None and view is not None:
            words = describe_change(
                comparison,
                view.period_s,
                time_zone=venue.exhibition.time_zone,
                is_difference=self.state.shows_difference,
            )
        self._replace_state(other=self._heat.make_picture(), difference=difference, words=words)
