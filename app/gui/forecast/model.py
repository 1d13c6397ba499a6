"""View-model of the page What if: drafts of layouts, and what each of them would do."""

from __future__ import annotations

import dataclasses
import math
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, Unpack

from PySide6.QtCore import Signal

from analytics.domain.errors import ExpoFlowError, GeometryError, Phrase
from analytics.domain.exhibition import Exhibition, Interval
from analytics.domain.floor_geometry import Point, Polygon
from analytics.domain.floor_plan import FloorGeometry, FloorPlan, Obstacle
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import CountingLine, Zone, ZoneKind
from analytics.forecast.placement_rules import FireLane, PlacementRules, Rule, check_rules
from app.core.change_set import ChangeSet
from app.core.document import DEFAULT_GEOMETRY, Venue, is_in_site
from app.core.file_schema import MAX_NAME
from app.core.job import JobContext
from app.error_reporting import ErrorReport, describe_error
from app.forecast.drafts import (
    DraftChange,
    DraftStep,
    KeepDraft,
    LayoutDraft,
    MoveStand,
    RemoveDrawn,
    SwapStands,
    change_drafts,
    draft_venue,
    make_draft,
    read_drafts,
    with_layout_of,
)
from app.forecast.placement_file import change_placement_rules, read_placement_rules
from app.gui.canvas.plan_editor_items import ShapeMove
from app.gui.forecast.text import rename_fault
from app.gui.session.job_runner import JobHandle
from app.gui.session.period_figures import PeriodFiguresViewModel
from app.gui.session.plan_editor_history import NO_STEPS, StepTitles, UndoHistory
from app.gui.session.translation import tr, translate_report
from app.gui.session.view_model import CachedValue, VenueParts
from app.plan.copied_shapes import find_free_name
from app.plan.edit_geometry import AddShape, RenameShape, SetKind
from app.plan.floor_scene import FloorScene, describe_floor
from app.plan.plan_shapes import (
    EditableShape,
    GeometryEdit,
    Part,
    PlanItem,
    Shape,
    apply_changes,
    find_plan_item,
    list_editable_shapes,
)
from app.plan.saved_edits import EditStep, save_edit, save_redo, save_undo

if TYPE_CHECKING:
    from analytics.forecast.clear_out import ClearOut
    from analytics.forecast.hindcast import Hindcast
    from analytics.forecast.layout_forecast import LayoutForecast
    from analytics.forecast.layout_search import Goal
    from app.forecast.forecast_layout import EntranceArrivals, VenueBasis
    from app.forecast.search_layouts import LayoutProposals, ProposedLayout

T = TypeVar("T")
WALL_M = 0.2
"""Width of a wall that is drawn as a line."""
DRAG_DRAWS = 16
"""Draws for the intervals while a stand is dragged, where speed matters more than their last digit."""
_MOVED_M = 0.05


@dataclass(frozen=True, slots=True)
class WhatIfState:
    """State of the page.

    Attributes:
        drafts: all drafts of the venue; ``draft`` is the one that is shown, None: today's plan.
        scene: the floor without zones, lines and obstacles, which are ``shapes``.
        today: zones of the layout that the forecast starts from.
        moves: what the draft changed of it.
        movable: shapes that a drag takes hold of at once.
        message: why an edit was refused, or a draft not saved.
        is_dragged: whether the forecast is that of a place to which something is being dragged.
        overlapped: stand onto which the selected one was moved; both can be swapped instead.
        forecast: of the draft; None while it is being computed, or if it is refused.
        fault: why there is no forecast.
        entrances: with their shares of the arrivals, where these are asked for: the draft has other entrances
            than today's plan, shares were given, or an entrance is selected.
        basis_s: period whose visitors the forecast starts from, seconds since the epoch.
        progress: of reading that period, 0 to 1; None while unknown.
        hindcast: how right forecasts of this hall's past changes would have been; None: not known.
        is_observed: whether the draft became a layout version by which visitors were counted.
        rules: that a search for better layouts keeps to.
        proposals: better layouts that a search found; ``preview`` is the one that is on the plan.
        search_progress: of the search, 0 to 1.
        clear_outs: of today's layout and of each proposal, when everybody leaves at once; None: not known, by
            ``clear_out_fault`` why.
        search_fault: why nothing could be searched.
        is_in_site: whether machines of a site can search; ``site_search`` says what was asked of them.
    """

    has_venue: bool = False
    exhibition: Exhibition | None = None
    drafts: tuple[LayoutDraft, ...] = ()
    draft: LayoutDraft | None = None
    scene: FloorScene | None = None
    shapes: tuple[EditableShape, ...] = ()
    today: tuple[Zone, ...] = ()
    moves: tuple[ShapeMove, ...] = ()
    movable: frozenset[Shape] = frozenset()
    selected: Shape | None = None
    item: PlanItem | None = None
    steps: StepTitles = NO_STEPS
    message: str = ""
    is_dragged: bool = False
    overlapped: str | None = None
    forecast: LayoutForecast | None = None
    fault: ErrorReport | None = None
    entrances: tuple[EntranceArrivals, ...] = ()
    basis_s: Interval | None = None
    is_reading: bool = False
    is_forecasting: bool = False
    progress: float | None = None
    hindcast: Hindcast | None = None
    is_observed: bool = False
    rules: PlacementRules = field(default_factory=PlacementRules)
    proposals: LayoutProposals | None = None
    preview: ProposedLayout | None = None
    is_searching: bool = False
    search_progress: float = 0.0
    search_fault: ErrorReport | None = None
    is_in_site: bool = False
    site_search: Phrase | None = None
    clear_outs: tuple[ClearOut, ...] | None = None
    clear_out_fault: ErrorReport | None = None


@dataclass(frozen=True, slots=True)
class _Step(DraftStep):
    """A step of the page.

    Attributes:
        plan: the edit of the plan that goes with it.
        shows: name of the draft that is shown after it, and after its undoing.
    """

    plan: EditStep | None = None
    shows: tuple[str | None, str | None] = (None, None)


@dataclass(frozen=True, slots=True)
class _RulesStep:
    """A change of the placement rules."""

    words: Phrase
    changes: tuple[tuple[PlacementRules, PlacementRules], ...]
    gesture: Hashable = None

    def merge(self, later: _Step | _RulesStep) -> _RulesStep | None:
        """Return both as one step if they belong to one gesture; None otherwise."""
        if not isinstance(later, _RulesStep) or self.gesture is None or self.gesture != later.gesture:
            return None
        before, after = self.changes[0][0], later.changes[0][1]
        return dataclasses.replace(self, changes=((before, after),) if before != after else ())


class WhatIfViewModel(PeriodFiguresViewModel[WhatIfState]):
    """View-model of the page What if; an edit is shown at once, written, and forecast in the background."""

    kept = Signal(str, float)
    """Name of a draft that became a layout version, and the start of that, seconds since the epoch."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(**parts)
        self._drafts: tuple[LayoutDraft, ...] = ()
        self._name: str | None = None
        self._steps: UndoHistory[_Step | _RulesStep] = UndoHistory()
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_writing = False
        self._selected: Shape | None = None
        self._gesture = 0
        self._failure: ErrorReport | None = None
        self._basis: VenueBasis | None = None
        self._forecast: LayoutForecast | None = None
        self._forecast_of: object = None
        self._running: object = None
        self._dragged: MoveStand | None = None
        self._overlapped: str | None = None
        self._fault: ErrorReport | None = None
        self._search: JobHandle | None = None
        self._preview: ProposedLayout | None = None
        self._hindcast: Hindcast | None = None
        self._has_hindcast = False
        self._rules = PlacementRules()
        self._scene: CachedValue[FloorScene] = CachedValue()
        self._shapes: CachedValue[tuple[EditableShape, ...]] = CachedValue()
        self._moves: CachedValue[tuple[ShapeMove, ...]] = CachedValue()
        self._entrances: CachedValue[tuple[tuple[EntranceArrivals, ...], bool]] = CachedValue()
        self._state = WhatIfState()
        self._app_state.period_changed.connect(self._on_period_changed)
        self._on_venue_opened()

    # what the forecast starts from

    def compute(self) -> None:
        """Read the period that forecasts start from in the background."""
        venue = self._app_state.venue
        if venue is None:
            return
        period_s, self._is_stale = self.find_period(), False
        self._basis, self._fault = None, None

        def work(context: JobContext) -> tuple[VenueBasis, Interval | None]:
            # imported here because pandas is slow to load
            from app.facts.history_extent import read_history_extent
            from app.forecast.forecast_layout import read_forecast_basis

            return read_forecast_basis(venue, period_s, context), read_history_extent(venue)

        self._set_fields(is_reading=True, progress=None)
        self._job = self._job_runner.run_latest(
            "forecast basis",
            lambda: tr("Reading the visits of the period"),
            work,
            on_done=self._on_basis_read,
            on_failed=self._on_basis_failed,
        )
        if not self._job.is_finished:
            self._job.progress.connect(self._on_progress)
        self._show()

    def cancel(self) -> None:
        """Cancel reading the period."""
        if self._job is not None and not self._job.is_finished:
            self._job.cancel()
            self._set_fields(is_reading=False, progress=None)
            self._is_stale = True
            self._show()

    def _on_progress(self, done: float, total: float) -> None:
        if self._state.is_reading:
            self._replace_state(progress=done / total if total > 0 else None)

    def _on_basis_read(self, found: tuple[VenueBasis, Interval | None]) -> None:
        basis, history_s = found
        self._set_fields(is_reading=False, progress=None)
        self._app_state.set_history(history_s)
        self._set_basis(basis)
        self._check_past()

    def _set_basis(self, basis: VenueBasis) -> None:
        if self._hindcast is not None:
            from app.forecast.hindcast import prove_basis

            basis = prove_basis(basis, self._hindcast)
        self._basis = basis
        self._compute_forecast()
        self._show()

    def _check_past(self) -> None:
        """Forecast what is known already, for the error in this hall; first forecasts do not wait."""
        venue, basis = self._app_state.venue, self._basis
        if venue is None or basis is None or self._has_hindcast:
            return
        self._has_hindcast = True
        if len(venue.geometry_versions) < 2 and len(basis.basis.layout.entrances) < 2:
            return

        def work(context: JobContext) -> Hindcast | None:
            from app.forecast.hindcast import read_hindcast

            return read_hindcast(venue, context, basis)

        def show(found: Hindcast | None) -> None:
            self._hindcast = found
            if self._basis is not None:
                self._set_basis(self._basis)

        self._job_runner.run_latest(
            "hindcast", lambda: tr("Checking forecasts of past changes"), work, on_done=show
        )

    def _on_basis_failed(self, fault: ErrorReport) -> None:
        self._basis, self._forecast, self._fault = None, None, fault
        self._set_fields(is_reading=False, progress=None)
        self._show()

    def _compute_forecast(self) -> None:
        """Forecast the draft in the background: one at a time, and of those that wait only the newest."""
        venue, basis, dragged = self._app_state.venue, self._basis, self._dragged
        draft = self._draft or (None if dragged is None else self._start_draft())
        if venue is None or draft is None or basis is None:
            self._job_runner.cancel("forecast")
            self._forecast, self._forecast_of, self._running = None, None, None
            self._set_fields(is_forecasting=False)
            return
        shares = draft.share_by_entrance
        key = (
            basis,
            draft.zones,
            draft.lines,
            draft.obstacles,
            draft.arrivals_scale,
            draft.entrance_shares,
            dragged,
        )
        if key == self._forecast_of:
            return
        self._forecast_of = key
        self._set_fields(is_forecasting=True)
        if self._running is not None:
            return
        self._running = key

        def work(_context: JobContext) -> LayoutForecast:
            from analytics.forecast.layout_forecast import DRAWS
            from app.forecast.forecast_layout import forecast_plan

            after, drawn = draft, draft_venue(venue, draft)
            if dragged is not None:
                after = with_layout_of(draft, apply_changes(drawn, dragged.find_changes(drawn)))
            plan = dataclasses.replace(basis.plan, obstacles=after.obstacles)
            draws = DRAWS if dragged is None else DRAG_DRAWS
            return forecast_plan(
                basis, plan, after.geometry, after.arrivals_scale, draws=draws, entrance_shares=shares
            )

        self._job_runner.run_latest(
            "forecast",
            lambda: tr("Forecasting"),
            work,
            on_done=lambda found: self._on_forecast(key, found, None),
            on_failed=lambda fault: self._on_forecast(key, None, fault),
        )

    def _on_forecast(self, key: object, forecast: LayoutForecast | None, fault: ErrorReport | None) -> None:
        """Show a forecast or why there is none; one of an earlier place only while a stand is dragged."""
        self._running = None
        is_newest = key == self._forecast_of
        if is_newest or self._dragged is not None:
            self._forecast, self._fault = forecast, fault
        if is_newest:
            self._set_fields(is_forecasting=False)
        else:
            self._forecast_of = None
            self._compute_forecast()
        self._show()

    # better layouts

    def search(self, goal: Goal, *, most_moves: int) -> None:
        """Search for better layouts than today's in the background."""
        venue, basis = self._app_state.venue, self._basis
        if venue is None or basis is None:
            return

        def work(context: JobContext) -> LayoutProposals:
            from app.forecast.search_layouts import find_better_layouts

            return find_better_layouts(venue, basis, goal=goal, most_moves=most_moves, context=context)

        def show(found: LayoutProposals) -> None:
            self._set_fields(is_searching=False, proposals=found)
            self.preview(found.layouts[0] if found.layouts else None)
            if found.layouts:
                self._simulate_clear_outs(basis, found.layouts)

        def refuse(fault: ErrorReport) -> None:
            self._replace_state(is_searching=False, search_fault=fault)

        self._job_runner.cancel("clear-out")
        self._set_fields(
            is_searching=True,
            search_progress=0.0,
            proposals=None,
            search_fault=None,
            clear_outs=None,
            clear_out_fault=None,
        )
        self.preview(None)
        self._search = self._job_runner.run_latest(
            "layout search", lambda: tr("Searching for better layouts"), work, on_done=show, on_failed=refuse
        )
        if not self._search.is_finished:
            self._search.progress.connect(self._on_search_progress)

    def search_on_site(self, goal: Goal, *, most_moves: int) -> None:
        """Ask the machines of the site to search; their layouts are in the hub's folder."""
        venue, basis = self._app_state.venue, self._basis
        if venue is None or basis is None:
            return
        folder = venue.folder

        def work(_context: JobContext) -> tuple[int | None, str]:
            # imported here because a venue without a site needs no database
            from app.site.hall_jobs import search_on_site

            return search_on_site(folder, basis.period_s, moves=most_moves, goal=goal.value)

        def show(asked: tuple[int | None, str]) -> None:
            number, layouts = asked
            said = Phrase(
                "The site searches: job {number}. Its layouts will be in {folder} of the hub's folder; "
                "Settings, Site shows how far it is. Draft…, From a file… opens them here.",
                {"number": number, "folder": layouts},
            )
            waits = Phrase("The same search waits already.")
            self._replace_state(search_fault=None, site_search=said if number is not None else waits)

        self._job_runner.run_latest(
            "site search",
            lambda: tr("Asking the site"),
            work,
            on_done=show,
            on_failed=lambda fault: self._replace_state(search_fault=fault, site_search=None),
        )

    def _simulate_clear_outs(self, basis: VenueBasis, layouts: tuple[ProposedLayout, ...]) -> None:
        def work(context: JobContext) -> tuple[ClearOut, ...]:
            from app.forecast.clear_out import simulate_clear_outs

            changed = [(found.plan, found.geometry, found.forecast) for found in layouts]
            return simulate_clear_outs(basis, changed, context)

        self._job_runner.run_latest(
            "clear-out",
            lambda: tr("Simulating clear-out times"),
            work,
            on_done=lambda found: self._replace_state(clear_outs=found),
            on_failed=lambda fault: self._replace_state(clear_out_fault=fault),
        )

    def preview(self, found: ProposedLayout | None) -> None:
        """Show a found layout on the plan, with its forecast; an edit begins a draft with it."""
        if found is not self._preview:
            self._preview, self._selected = found, None
            self._compute_forecast()
        self._show()

    def fix_selected(self, is_fixed: bool) -> None:
        """Have the selected stand stay where it is in a search, or not."""
        shape, rules = self._selected, self._rules
        if shape is not None:
            self.change_rules(rules.with_rule(shape.name) if is_fixed else rules.without_rule(shape.name))

    def add_rule(self, rule: Rule) -> bool:
        """Add a rule for searches; False, with a message, if it contradicts the others."""
        after = self._rules.with_rule(rule)
        try:
            check_rules(after, [str(zone.name) for zone in self._state.today])
        except GeometryError as error:
            self._fail(describe_error(error, translate=tr))
            return False
        self.change_rules(after)
        return True

    def add_fire_lane(self, points: tuple[Point, ...]) -> bool:
        """Add floor that no stand may take; False, with a message, if its corners are invalid."""
        name = find_free_name(tr("Fire lane"), used=[lane.name for lane in self._rules.fire_lanes])
        try:
            outline = Polygon.from_points(points, what=Phrase("the fire lane '{name}'", {"name": name}))
        except GeometryError as error:
            self._fail(describe_error(error, translate=tr))
            return False
        return self.add_rule(FireLane(name, outline))

    def change_rules(self, after: PlacementRules, *, gesture: Hashable = None) -> None:
        """Change the rules for searches, which makes found layouts out of date."""
        step = _RulesStep(Phrase("Change the placement rules"), ((self._rules, after),), gesture)
        if after != self._rules:
            self._steps.push(step)
            self._write_rules(step.changes[0])

    def _write_rules(self, change: tuple[PlacementRules, PlacementRules]) -> None:
        venue, (before, self._rules) = self._app_state.venue, change
        if venue is not None:
            folder, after, self._failure = venue.folder, self._rules, None
            self._set_fields(proposals=None)
            self._preview = None
            self._write(
                tr("Writing the rules"),
                lambda: change_placement_rules(folder, before, after),
                lambda _done: None,
            )
            self._show()

    def cancel_search(self) -> None:
        """Cancel the search."""
        if self._search is not None:
            self._search.cancel()
        self._replace_state(is_searching=False)

    def _on_search_progress(self, done: float, total: float) -> None:
        if self._state.is_searching and total > 0:
            self._replace_state(search_progress=done / total)

    # drafts

    @property
    def _draft(self) -> LayoutDraft | None:
        if self._preview is not None:
            return None
        return next((draft for draft in self._drafts if draft.name == self._name), None)

    def show_draft(self, name: str | None) -> None:
        """Show a draft, or today's plan."""
        self._gesture += 1
        if name != self._name or self._preview is not None:
            self._name, self._preview, self._selected, self._failure = name, None, None, None
            self._compute_forecast()
            self._show()

    def add_draft(self) -> None:
        """Add a draft that is still today's plan."""
        self._preview = None
        draft = self._start_draft()
        if draft is not None:
            self._change(Phrase("Add a draft"), (None, draft))

    def add_file(self, file: Path) -> None:
        """Add a draft of a layout in a file, as ``forecast --layout`` reads it."""
        venue = self._app_state.venue
        if venue is None:
            return
        plan, today = venue.plan, self._today(venue)

        def work(_context: JobContext) -> tuple[FloorPlan, FloorGeometry]:
            from app.forecast.forecast_layout import read_changed_plan

            return read_changed_plan(file, plan, today)

        def show(found: tuple[FloorPlan, FloorGeometry]) -> None:
            self._preview, (changed, geometry) = None, found
            name = self._find_name(file.stem[:MAX_NAME].strip())
            draft = LayoutDraft(name, geometry.zones, geometry.lines, changed.obstacles)
            self._change(Phrase("Add a draft"), (None, draft))

        self._job_runner.run_latest(
            "layout file", lambda: tr("Reading the layout"), work, on_done=show, on_failed=self._fail
        )

    def add_proposal(self) -> None:
        """Add a draft of the found layout that is shown."""
        if self._preview is not None and (draft := self._start_draft()) is not None:
            self._change(Phrase("Add a draft"), (None, draft))

    def duplicate_draft(self) -> None:
        """Add a copy of the shown draft."""
        draft = self._draft
        if draft is not None:
            copy = dataclasses.replace(draft, name=self._find_name(draft.name), kept_from_utc_s=None)
            self._change(Phrase("Duplicate a draft"), (None, copy))

    def rename_draft(self, name: str) -> None:
        """Rename the shown draft."""
        draft = self._draft
        if draft is not None and name.strip() != draft.name:
            self._change(Phrase("Rename a draft"), (draft, dataclasses.replace(draft, name=name.strip())))

    def delete_draft(self) -> None:
        """Delete the shown draft; undo brings it back."""
        draft = self._draft
        if draft is not None:
            self._change(Phrase("Delete a draft"), (draft, None))

    def set_arrivals(self, scale: float) -> None:
        """Set how many visitors are expected, relative to the observed days."""
        draft = self._draft or self._start_draft()
        if draft is not None and scale != draft.arrivals_scale:
            changed = dataclasses.replace(draft, arrivals_scale=scale)
            self._change(
                Phrase("Change the arrivals"),
                (self._draft, changed),
                gesture=("arrivals", draft.name, self._gesture),
            )

    def set_entrance_share(self, name: str, share: float) -> None:
        """Set the share of the arrivals by an entrance; the others share the rest as observed."""
        entrances = [entrance.name for entrance in self._state.entrances]
        draft = self._draft or self._start_draft()
        if draft is not None and name in entrances:
            changed = draft.with_entrance_share(name, share, entrances)
            gesture = ("share", name, self._gesture)
            self._change(Phrase("Change the shares of entrances"), (self._draft, changed), gesture=gesture)

    def clear_entrance_shares(self) -> None:
        """Have all entrances share the arrivals as observed."""
        draft = self._draft
        if draft is not None and draft.entrance_shares:
            changed = dataclasses.replace(draft, entrance_shares=())
            self._change(Phrase("Change the shares of entrances"), (draft, changed))

    def keep(self, valid_from_utc_s: float) -> None:
        """Make the shown draft the layout version that begins at a time."""
        venue, draft = self._app_state.venue, self._draft
        if venue is None or draft is None:
            return
        folder, edit = venue.folder, KeepDraft(draft, valid_from_utc_s)
        kept = dataclasses.replace(draft, kept_from_utc_s=valid_from_utc_s)

        def write() -> tuple[Venue, EditStep]:
            saved = save_edit(folder, edit)
            change_drafts(folder, DraftStep(edit.words, ((draft, kept),)))
            return saved.venue, saved.step

        def show(written: tuple[Venue, EditStep]) -> None:
            changed, plan = written
            step = _Step(edit.words, ((draft, kept),), plan=plan, shows=(draft.name, draft.name))
            if self._apply(step):
                self._steps.push(step)
            self._announce(changed)
            self.kept.emit(draft.name, valid_from_utc_s)

        self._write(tr("Writing the plan"), write, show)

    def propose_start(self) -> float:
        """Return the opening of the next day, or midnight, seconds since the epoch."""
        venue, now_s = self._app_state.venue, self._clock.now_utc_s()
        if venue is None:
            return now_s
        exhibition = venue.exhibition
        today = exhibition.day_interval_utc(exhibition.local_day(now_s))
        return today[1]

    # edits of the shown draft

    def select(self, shape: Shape | None) -> None:
        """Select a zone, line or obstacle, or none."""
        self._gesture += 1
        if shape != self._selected or self._failure is not None:
            self._selected, self._failure = shape, None
            self._show()

    def select_zone(self, name: str) -> None:
        """Select a zone by its name."""
        self.select(Shape(Part.ZONES, name))

    def edit(self, edit: GeometryEdit, *, gesture: Hashable = None, selects: Shape | None = None) -> bool:
        """Change the shown draft, or begin one; False, with a message, if the edit cannot be made."""
        venue, draft = self._app_state.venue, self._draft
        start = draft or self._start_draft()
        if venue is None or start is None:
            return False
        drawn = draft_venue(venue, start)
        try:
            after = with_layout_of(start, apply_changes(drawn, edit.find_changes(drawn)))
        except ExpoFlowError as error:
            self._dragged = None
            self._fail(describe_error(error, translate=tr))
            self._compute_forecast()
            return False
        if gesture is None:
            self._gesture += 1
        if selects is not None:
            self._selected = selects
        if after != draft:
            self._change(edit.words, (draft, after), gesture=gesture)
        return True

    def edit_selected(self, make: Callable[[Shape], GeometryEdit]) -> bool:
        """Edit the selected object; False if none is selected."""
        return self._selected is not None and self.edit(make(self._selected))

    def drag(self, by_m: Point | None) -> None:
        """Forecast the selected object at a place to which it is being dragged; None: it was put back."""
        was, shape = self._dragged, self._selected
        self._dragged = None if shape is None or by_m is None else MoveStand(shape, by_m)
        if self._dragged != was:
            self._compute_forecast()
        if self._dragged is None and was is not None:
            self._show()

    def move(self, by_m: Point) -> bool:
        """Move the selected object, with what stands inside it."""
        is_moved = self.edit_selected(lambda shape: MoveStand(shape, by_m))
        if is_moved:
            self._overlapped = self._find_overlapped()
            self._show()
        return is_moved

    def _find_overlapped(self) -> str | None:
        """Return the stand in the middle of which the selected one stands now."""
        draft, selected = self._draft, self._selected
        if draft is None or selected is None or selected not in self._state.movable:
            return None
        zones = {str(zone.name): zone.outline for zone in draft.zones}
        x, y = _find_middle(zones[selected.name])
        for shape in self._state.movable - {selected}:
            xs, ys = zip(*zones[shape.name].points, strict=True)
            if min(xs) < x < max(xs) and min(ys) < y < max(ys):
                return shape.name
        return None

    def swap_overlapped(self) -> None:
        """Put the selected stand back where it was, and swap it with the one it was moved onto."""
        other, selected = self._overlapped, self._selected
        if other is not None and selected is not None:
            self.undo()
            self.select(selected)
            self.swap(other)

    def nudge(self, by_m: Point) -> None:
        """Move the selected object by a key; successive ones are one undo step."""
        shape = self._selected
        if shape is not None:
            self.edit(MoveStand(shape, by_m), gesture=("nudge", shape, self._gesture))

    def swap(self, other: str) -> None:
        """Swap the selected stand with another one."""
        self.edit_selected(lambda shape: SwapStands(shape, Shape(Part.ZONES, other)))

    def remove_selected(self) -> None:
        """Remove the selected object."""
        self.edit_selected(RemoveDrawn)

    def set_kind(self, kind: ZoneKind) -> None:
        """Set the kind of the selected zone or line."""
        self.edit_selected(lambda shape: SetKind(shape, kind))

    def rename_selected(self, name: str) -> bool:
        """Rename the selected object."""
        shape = self._selected
        if shape is None:
            return False
        return self.edit(RenameShape(shape, name), selects=dataclasses.replace(shape, name=name.strip()))

    def add_stand(self, points: tuple[Point, ...]) -> bool:
        """Add a stand; False, with a message, if its corners are invalid."""
        name = self._find_shape_name(Part.ZONES, tr("New stand"))
        try:
            outline = Polygon.from_points(points, what=Phrase("zone '{name}'", {"name": name}))
        except GeometryError as error:
            self._fail(describe_error(error, translate=tr))
            return False
        zone = Zone(ZoneId(name), ZoneKind.BOOTH, outline)
        return self.edit(AddShape(zone), selects=Shape(Part.ZONES, name))

    def add_wall(self, points: tuple[Point, ...]) -> bool:
        """Add a wall along a line; False, with a message, if it has no length."""
        # loads shapely, which the start of the window need not wait for
        import shapely

        name = self._find_shape_name(Part.OBSTACLES, tr("New wall"))
        shape = shapely.LineString(points).buffer(WALL_M / 2, cap_style="flat", join_style="mitre")
        corners = shapely.get_coordinates(shape.exterior)[:-1] if shape.geom_type == "Polygon" else []
        try:
            outline = Polygon.from_points(
                [(float(x), float(y)) for x, y in corners], what=Phrase("obstacle '{name}'", {"name": name})
            )
        except GeometryError as error:
            self._fail(describe_error(error, translate=tr))
            return False
        return self.edit(AddShape(Obstacle(name, outline)), selects=Shape(Part.OBSTACLES, name))

    def undo(self) -> None:
        """Undo the last step."""
        step = self._steps.to_undo
        if step is not None:
            self._repeat(step, is_undo=True)

    def redo(self) -> None:
        """Redo the step that was last undone."""
        step = self._steps.to_redo
        if step is not None:
            self._repeat(step, is_undo=False)

    def read_picture(self, path: str | None, read: Callable[[str], T], on_read: Callable[[T], None]) -> None:
        """Read the plan's picture in the background, if any; ``read`` must not touch any widget."""
        if path is not None:
            title = tr("Reading the plan's picture")
            self._job_runner.run_latest("what-if picture", title, lambda _job: read(path), on_done=on_read)

    def retranslate(self) -> None:
        """Update all texts to the window's language."""
        self._show()

    # how drafts change

    def _start_draft(self) -> LayoutDraft | None:
        venue = self._app_state.venue
        if venue is None:
            return None
        if (found := self._preview) is not None:
            geometry, name = found.geometry, self._find_name(tr("Found layout"))
            return LayoutDraft(name, geometry.zones, geometry.lines, found.plan.obstacles)
        return make_draft(
            venue, self._today(venue), name=tr("Draft"), used=[draft.name for draft in self._drafts]
        )

    def _find_name(self, name: str) -> str:
        return find_free_name(name, used=[draft.name for draft in self._drafts])

    def _find_shape_name(self, part: Part, name: str) -> str:
        return find_free_name(name, used=[f.shape.name for f in self._state.shapes if f.shape.part is part])

    def _change(self, words: Phrase, change: DraftChange, *, gesture: Hashable = None) -> None:
        """Apply and write a step; the page shows it at once."""
        before, after = change
        shown_after = after.name if after is not None else None
        step = _Step(words, (change,), gesture, shows=(shown_after, before.name if before else self._name))
        if self._apply(step):
            self._steps.push(step)
            self._write_step(step)
            self._show()

    def _apply(self, step: _Step) -> bool:
        try:
            self._drafts = step.apply(self._drafts)
        except ExpoFlowError as error:
            self._fail(describe_error(error, translate=tr))
            return False
        self._failure, self._dragged, self._overlapped, self._preview = None, None, None, None
        name = step.shows[0]
        self._name = name if any(draft.name == name for draft in self._drafts) else None
        self._compute_forecast()
        self._show()
        return True

    def _repeat(self, step: _Step | _RulesStep, *, is_undo: bool) -> None:
        self._gesture += 1
        mark = self._steps.mark_undone if is_undo else self._steps.mark_redone
        if isinstance(step, _RulesStep):
            ((before, after),) = step.changes
            mark()
            self._write_rules((after, before) if is_undo else (before, after))
            return
        way = dataclasses.replace(step.invert(), shows=step.shows[::-1]) if is_undo else step
        venue = self._app_state.venue
        if venue is None or not self._apply(way):
            return
        mark()
        plan, folder = step.plan, venue.folder
        if plan is None:
            self._write_step(way)
        else:
            save = save_undo if is_undo else save_redo

            def write() -> Venue:
                change_drafts(folder, DraftStep(way.words, way.changes))
                return save(folder, plan).venue

            self._write(tr("Writing the plan"), write, self._announce)
        self._show()

    def _write_step(self, step: DraftStep) -> None:
        venue = self._app_state.venue
        if venue is not None:
            folder, plain = venue.folder, DraftStep(step.words, step.changes)
            self._write(tr("Writing the draft"), lambda: change_drafts(folder, plain), lambda _drafts: None)

    def _write(self, title: str, write: Callable[[], T], on_done: Callable[[T], None]) -> None:
        """Write one after the other, as each builds on the one before."""
        venue = self._app_state.venue
        folder = None if venue is None else venue.folder

        def done(result: T) -> None:
            if self._find_folder() == folder:
                self._is_writing = False
                on_done(result)
                self._write_next()

        def failed(report: ErrorReport) -> None:
            if self._find_folder() == folder:
                self._waiting.clear()
                self._is_writing = False
                self._fail(report)
                self._read_drafts()

        def start() -> None:
            self._job_runner.run(title, lambda _context: write(), on_done=done, on_failed=failed)

        self._waiting.append(start)
        self._write_next()

    def _write_next(self) -> None:
        if self._waiting and not self._is_writing:
            self._is_writing = True
            self._waiting.popleft()()

    def _find_folder(self) -> object:
        return None if self._app_state.venue is None else self._app_state.venue.folder

    def _announce(self, venue: Venue) -> None:
        self._app_state.replace_venue(venue, ChangeSet(zones=True, plan=True), initiator=self)
        self._show()

    def _fail(self, report: ErrorReport) -> None:
        self._failure = report
        self._show()

    def _read_drafts(self) -> None:
        """Read the drafts of the venue again, and forget the steps, which may no longer fit."""
        venue = self._app_state.venue
        if venue is None:
            return
        try:
            self._drafts = read_drafts(venue.folder)
            self._rules = read_placement_rules(venue.folder)
        except ExpoFlowError as error:
            self._drafts = ()
            self._failure = describe_error(error, translate=tr)
        self._steps.clear()
        if self._draft is None:
            self._name = self._drafts[0].name if self._drafts else None
        self._forecast_of = None
        self._compute_forecast()
        self._show()

    # what is shown

    def _on_venue_opened(self) -> None:
        super()._on_venue_opened()
        self._read_drafts()

    def _discard_results(self) -> WhatIfState:
        self._job_runner.cancel("forecast")
        self._job_runner.cancel("layout search")
        self._job_runner.cancel("clear-out")
        self._forget_past()
        self._waiting.clear()
        self._steps.clear()
        self._is_writing = False
        self._drafts, self._name, self._selected = (), None, None
        self._running, self._dragged, self._overlapped, self._preview = None, None, None, None
        self._basis, self._forecast, self._forecast_of = None, None, None
        self._fault, self._failure = None, None
        return WhatIfState()

    def _on_period_changed(self) -> None:
        self._basis, self._forecast, self._forecast_of, self._fault = None, None, None, None
        self._job_runner.cancel("layout search")
        self._preview = None
        self._set_fields(proposals=None, is_searching=False, search_fault=None)
        self._show()
        self._invalidate()

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if changes.cameras or changes.zones or changes.plan or changes.corrections:
            self._forget_past()
            self._show()
            self._invalidate()
        elif changes.concerns(self._app_state.period):
            # a growing history is read again when the page is next shown
            self._is_stale = True

    def _forget_past(self) -> None:
        self._job_runner.cancel("hindcast")
        self._hindcast, self._has_hindcast = None, False

    def _is_observed(self, venue: Venue, draft: LayoutDraft | None) -> bool:
        """Return whether a draft is the newest layout version, and visitors were counted by it."""
        start_s, history = None if draft is None else draft.kept_from_utc_s, self._app_state.history
        is_newest = start_s is not None and venue.geometry_at(None).valid_from_utc_s == start_s
        return is_newest and history is not None and start_s is not None and start_s < history[1]

    def _today(self, venue: Venue) -> FloorGeometry:
        """Return the layout that forecasts start from."""
        if self._basis is not None:
            return self._basis.geometry
        return venue.geometry_at(self.find_period()[1]) or DEFAULT_GEOMETRY

    def _show(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            self._set_state(WhatIfState())
            return
        draft, today, found = self._draft, self._today(venue), self._preview
        shown = draft or self._start_draft()
        assert shown is not None
        forecast = self._forecast if draft is not None or self._dragged is not None else None
        if found is not None and self._dragged is None:
            forecast = found.forecast
        drawn = draft_venue(venue, shown)
        item: PlanItem | None = None
        if self._selected is not None:
            try:
                item = find_plan_item(drawn, self._selected)
            except GeometryError:
                self._selected = None
        self._replace_state(
            has_venue=True,
            exhibition=venue.exhibition,
            drafts=self._drafts,
            draft=draft,
            scene=self._scene.find(
                (venue.folder, venue.plan.outline, venue.plan.picture),
                lambda: dataclasses.replace(
                    describe_floor(venue, DEFAULT_GEOMETRY), obstacles=(), cameras=()
                ),
            ),
            shapes=self._shapes.find(
                (venue.plan.outline, shown.zones, shown.lines, shown.obstacles),
                lambda: list_editable_shapes(drawn),
            ),
            today=today.zones,
            moves=self._moves.find((today.zones, shown.zones), lambda: list_moves(today.zones, shown.zones)),
            movable=list_movable(drawn),
            selected=self._selected,
            item=item,
            steps=self._steps.titles,
            message="" if self._failure is None else translate_report(rename_fault(self._failure)),
            is_dragged=self._dragged is not None,
            overlapped=self._overlapped,
            entrances=self._list_entrances(shown, item),
            forecast=forecast,
            fault=self._fault if found is None else None,
            preview=found,
            basis_s=None if self._basis is None else self._basis.period_s,
            rules=self._rules,
            hindcast=self._hindcast,
            is_observed=self._is_observed(venue, draft),
            is_in_site=is_in_site(venue.folder),
        )

    def _list_entrances(self, draft: LayoutDraft, item: PlanItem | None) -> tuple[EntranceArrivals, ...]:
        """Return the entrances where their shares of the arrivals are asked for."""
        basis = self._basis
        if basis is None:
            return ()
        from app.forecast.forecast_layout import list_entrances

        found, is_changed = self._entrances.find(
            (basis, draft.zones, draft.lines, draft.entrance_shares),
            lambda: list_entrances(basis, draft.geometry, draft.share_by_entrance),
        )
        is_door = isinstance(item, Zone | CountingLine) and item.kind is ZoneKind.ENTRANCE
        is_asked = is_changed or is_door or bool(draft.entrance_shares)
        return found if is_asked and len(found) > 1 else ()


def list_moves(before: tuple[Zone, ...], after: tuple[Zone, ...]) -> tuple[ShapeMove, ...]:
    """Return the former places of zones that were moved or removed."""
    now = {zone.name: zone.outline for zone in after}
    moves = []
    for zone in before:
        outline = now.get(zone.name)
        if outline is None:
            moves.append(ShapeMove(zone.outline.points, None))
        elif outline != zone.outline:
            start, end = _find_middle(zone.outline), _find_middle(outline)
            if math.dist(start, end) > _MOVED_M:
                moves.append(ShapeMove(zone.outline.points, end))
    return tuple(moves)


def list_movable(venue: Venue) -> frozenset[Shape]:
    """Return what a drag takes hold of at once: stands, not the aisles and walls between them."""
    zones = venue.geometry_at(None).zones
    return frozenset(Shape(Part.ZONES, str(zone.name)) for zone in zones if zone.is_stand)


def _find_middle(outline: Polygon) -> Point:
    xs, ys = zip(*outline.points, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
