"""Provide the view-model that edits capacities and alarm rules; every edit is saved at once."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Unpack

from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import ZoneKind
from analytics.domain.zone_targets import (
    DEFAULT_CAMERA_RULE,
    HALL_MEASURES,
    AlarmMeasure,
    AlarmRule,
    ZoneTargets,
)
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.error_reporting import ErrorReport
from app.gui.session.plan_editor_history import describe_redo, describe_undo
from app.gui.session.plan_editor_writer import EditTask, PlanEditWriter
from app.gui.session.translation import join_sentences, tr
from app.gui.session.units import current_units
from app.gui.session.view_model import VenueParts, VenueViewModel
from app.plan.edit_plan import SetTargets
from app.plan.plan_shapes import GeometryEdit
from app.plan.saved_edits import SavedEdit

ZONE_MEASURES = (AlarmMeasure.PEOPLE, AlarmMeasure.DENSITY)
QUEUE_MEASURES = (*ZONE_MEASURES, AlarmMeasure.QUEUE, AlarmMeasure.WAIT)
_CLEARED_SHARE = 0.9
SUGGESTED = {
    AlarmMeasure.PEOPLE: AlarmRule(AlarmMeasure.PEOPLE, above=50, below=45),
    # limits of Fruin's levels E and D
    AlarmMeasure.DENSITY: AlarmRule(AlarmMeasure.DENSITY, above=1.08, below=0.72),
    AlarmMeasure.QUEUE: AlarmRule(AlarmMeasure.QUEUE, above=10, below=8),
    AlarmMeasure.WAIT: AlarmRule(AlarmMeasure.WAIT, above=300, below=240, raise_after_s=0, clear_after_s=0),
    AlarmMeasure.CAMERA_DOWN: DEFAULT_CAMERA_RULE,
}
"""Initial values of a rule."""


@dataclass(frozen=True, slots=True)
class RuleFields:
    """The editable fields of a rule.

    Attributes:
        is_on: whether the rule exists; otherwise the values are the initial ones.
        is_fixed: whether the rule cannot be switched off.
        above, below: limits in ``unit``.
    """

    measure: AlarmMeasure
    title: str
    unit: str
    decimals: int
    is_on: bool
    is_fixed: bool
    above: float
    below: float
    raise_after_s: float
    clear_after_s: float


@dataclass(frozen=True, slots=True)
class AlarmRulesState:
    """The state of the editor.

    Attributes:
        places: names of zones, preceded by an empty name for the whole hall.
        capacity: capacity of the chosen place; None if not set.
        undo_text, redo_text: description of the next undo and redo; empty for none.
        fault: reason and remedy of a refused edit; empty for none.
    """

    places: tuple[str, ...] = ()
    chosen: str = ""
    capacity: int | None = None
    rules: tuple[RuleFields, ...] = ()
    undo_text: str = ""
    redo_text: str = ""
    fault: str = ""


class AlarmRulesViewModel(VenueViewModel[AlarmRulesState]):
    """The view-model of alarm rules; it also shows changes by other programs."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(AlarmRulesState(), **parts)
        self._writer = PlanEditWriter(app_state=self._app_state, job_runner=self._job_runner, parent=self)
        self._writer.written.connect(self._on_written)
        self._writer.failed.connect(self._on_failed)
        self._chosen = ""
        self._failure: ErrorReport | None = None
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.changed.connect(self._on_changed)
        self._recompute()

    def choose(self, place: str) -> None:
        self._chosen, self._failure = place, None
        self._recompute()

    def set_capacity(self, people: int | None) -> None:
        """Set the maximum number of people at once; None for no capacity."""
        self._edit(lambda targets: dataclasses.replace(targets, capacity=people))

    def switch_rule(self, measure: AlarmMeasure, is_on: bool) -> None:
        def switch(targets: ZoneTargets) -> ZoneTargets:
            rules = [rule for rule in targets.rules if rule.measure is not measure]
            if is_on:
                rules.append(targets.find_rule(measure) or _suggest(measure, targets.capacity))
            return dataclasses.replace(targets, rules=tuple(rules))

        self._edit(switch)

    def change_rule(
        self,
        measure: AlarmMeasure,
        *,
        above: float | None = None,
        below: float | None = None,
        raise_after_s: float | None = None,
        clear_after_s: float | None = None,
    ) -> None:
        """Change the values of a rule, in the displayed unit; None leaves a value unchanged.

        A lower limit above the new upper limit is lowered with it.
        """
        factor = _find_factor(measure)

        def change(targets: ZoneTargets) -> ZoneTargets:
            rule = targets.find_rule(measure) or _suggest(measure, targets.capacity)
            changed = dataclasses.replace(
                rule,
                above=rule.above if above is None else above / factor,
                below=rule.below if below is None else below / factor,
                raise_after_s=rule.raise_after_s if raise_after_s is None else raise_after_s,
                clear_after_s=rule.clear_after_s if clear_after_s is None else clear_after_s,
            )
            if above is not None and changed.below > changed.above:
                changed = dataclasses.replace(changed, below=changed.above * rule.below / rule.above)
            at = [known.measure for known in targets.rules].index(measure) if rule in targets.rules else None
            rules = list(targets.rules)
            if at is None:
                rules.append(changed)
            else:
                rules[at] = changed
            return dataclasses.replace(targets, rules=tuple(rules))

        self._edit(change)

    def undo(self) -> None:
        self._writer.push(EditTask(is_undo=True))

    def redo(self) -> None:
        self._writer.push(EditTask())

    def retranslate(self) -> None:
        self._recompute()

    def _edit(self, change: Callable[[ZoneTargets], ZoneTargets]) -> None:
        place = self._chosen
        self._failure = None

        def make(venue: Venue) -> GeometryEdit:
            return SetTargets(change(venue.targets_of(place)))

        self._writer.push(EditTask(make))

    def _on_written(self, _task: EditTask, saved: SavedEdit) -> None:
        if saved.changes:
            self._app_state.replace_venue(saved.venue, saved.changes, initiator=self)
        self._recompute()

    def _on_failed(self, report: ErrorReport) -> None:
        self._failure = report
        self._recompute()

    def _on_venue_opened(self) -> None:
        self._writer.forget()
        self._chosen, self._failure = "", None
        self._recompute()

    def _on_changed(self, changes: ChangeSet, initiator: object) -> None:
        if initiator is not self and (changes.targets or changes.zones):
            self._recompute()

    def _recompute(self) -> None:
        venue, steps = self._app_state.venue, self._writer.steps
        zones = () if venue is None else venue.geometry_at(None).zones
        kinds = {str(zone.name): zone.kind for zone in zones}
        if self._chosen not in kinds:
            self._chosen = ""
        targets = ZoneTargets(ZoneId("")) if venue is None else venue.targets_of(self._chosen)
        is_queue = kinds.get(self._chosen) is ZoneKind.QUEUE
        measures = HALL_MEASURES if targets.is_hall else QUEUE_MEASURES if is_queue else ZONE_MEASURES
        failure = self._failure.render(tr) if self._failure is not None else None
        self._state = AlarmRulesState(
            places=("", *kinds),
            chosen=self._chosen,
            capacity=targets.capacity,
            rules=tuple(_list_fields(measure, targets) for measure in measures),
            undo_text="" if steps.undo_title is None else describe_undo(steps.undo_title),
            redo_text="" if steps.redo_title is None else describe_redo(steps.redo_title),
            fault="" if failure is None else join_sentences((failure.problem, failure.remedy)),
        )
        self.state_changed.emit()


def _suggest(measure: AlarmMeasure, capacity: int | None) -> AlarmRule:
    rule = SUGGESTED[measure]
    if measure is AlarmMeasure.PEOPLE and capacity is not None:
        return dataclasses.replace(rule, above=float(capacity), below=float(int(_CLEARED_SHARE * capacity)))
    return rule


def _find_factor(measure: AlarmMeasure) -> float:
    return current_units().per_m2 if measure is AlarmMeasure.DENSITY else 1.0


def _list_fields(measure: AlarmMeasure, targets: ZoneTargets) -> RuleFields:
    known = targets.find_rule(measure)
    rule = known or _suggest(measure, targets.capacity)
    # cameras have a default rule
    is_fixed = measure is AlarmMeasure.CAMERA_DOWN
    title = {
        AlarmMeasure.PEOPLE: tr("People"),
        AlarmMeasure.DENSITY: tr("People per area"),
        AlarmMeasure.QUEUE: tr("Queue"),
        AlarmMeasure.WAIT: tr("Wait"),
        AlarmMeasure.CAMERA_DOWN: tr("Camera down"),
    }
    units = {
        AlarmMeasure.DENSITY: f"/ {current_units().area_symbol}",
        AlarmMeasure.WAIT: tr("s"),
        AlarmMeasure.CAMERA_DOWN: tr("s"),
    }
    factor = _find_factor(measure)
    return RuleFields(
        measure=measure,
        title=title[measure],
        unit=units.get(measure, ""),
        decimals=3 if measure is AlarmMeasure.DENSITY else 0,
        is_on=known is not None or is_fixed,
        is_fixed=is_fixed,
        above=rule.above * factor,
        below=rule.below * factor,
        raise_after_s=rule.raise_after_s,
        clear_after_s=rule.clear_after_s,
    )
