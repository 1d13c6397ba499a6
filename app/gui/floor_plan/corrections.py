"""View-model of false positives and staff, and of decisions about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Unpack

from PySide6.QtCore import Signal

from analytics.visitors.false_positives.corrections import Corrections, PlaceVerdict
from app.core.change_set import ChangeSet
from app.core.document import Venue
from app.error_reporting import ErrorReport
from app.floor_plan.corrected_period import (
    CorrectedPeriod,
    ListedPlace,
    PlaceState,
    StaffComparison,
    StaffZone,
    compare_staff,
    decide_place,
    leave_staff_out,
    list_places,
    restore_corrections,
)
from app.floor_plan.floor_map import FloorResults
from app.gui.floor_plan.text import describe_places, describe_staff
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts, VenueViewModel

STAFF_KEY = "staff comparison"


@dataclass(frozen=True, slots=True)
class CorrectionsState:
    """State of the corrections panel.

    Attributes:
        selected: row of the chosen place; None for none.
        proposals: number of places to be decided.
        can_undo: whether a decision of this window can be undone.
        staff_zones: figures with and without staff; empty while unknown, and without staff.
    """

    has_venue: bool = False
    places: tuple[ListedPlace, ...] = ()
    selected: int | None = None
    summary: str = ""
    proposals: int = 0
    can_leave_out: bool = False
    can_count_as_person: bool = False
    can_undo: bool = False
    leaves_staff_out: bool = False
    staff_text: str = ""
    staff_zones: tuple[StaffZone, ...] = ()


class CorrectionsViewModel(VenueViewModel[CorrectionsState]):
    """View-model of corrections to the floor plan's period; every decision is written at once."""

    failed = Signal(object)
    """An `ErrorReport`; nothing was changed."""
    period_needed = Signal()
    """The panel is shown, and the period has to be computed if it is not."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(CorrectionsState(), **parts)
        self._corrected: CorrectedPeriod | None = None
        self._chosen: ListedPlace | None = None
        self._former: list[Corrections] = []
        self._comparison: StaffComparison | None = None
        self._is_known = self._is_compared = False
        self._is_active = False
        self._is_saving = False
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.period_changed.connect(self._on_period_changed)
        self._app_state.changed.connect(self._on_changed)
        self._on_venue_opened()

    def set_active(self, is_active: bool) -> None:
        """Set whether the panel is visible; staff are compared only then."""
        self._is_active = is_active
        self._ask_for_period()
        self._compare()

    def show_period(self, results: FloorResults) -> None:
        self._corrected, self._is_known = results.corrected, True
        if results.zones or results.corrected is None or self._comparison is None:
            self._is_compared = False
            self._compare()
        self._show()

    def choose(self, row: int | None) -> None:
        """Choose a place for a decision, and mark it on the plan."""
        places = self._state.places
        self._chosen = places[row] if row is not None and 0 <= row < len(places) else None
        self._show()

    def leave_out(self) -> None:
        """Decide that the chosen place holds no person."""
        self._decide(PlaceVerdict.NOT_A_PERSON)

    def count_as_person(self) -> None:
        self._decide(PlaceVerdict.PERSON)

    def leave_staff_out(self, is_left_out: bool) -> None:
        if is_left_out != self._state.leaves_staff_out:
            self._edit(lambda folder: leave_staff_out(folder, is_left_out))

    def undo(self) -> None:
        """Restore the decisions before the last one."""
        if self._former and not self._is_saving:
            former = self._former.pop()
            self._edit(lambda folder: restore_corrections(folder, former), is_undo=True)

    def retranslate(self) -> None:
        self._show()

    def _decide(self, verdict: PlaceVerdict) -> None:
        chosen = self._chosen
        if chosen is not None:
            self._edit(lambda folder: decide_place(folder, chosen.decide(verdict)))

    def _edit(self, work: Callable[[Path], Venue], *, is_undo: bool = False) -> None:
        venue = self._app_state.venue
        if venue is None or self._is_saving:
            self._show()
            return
        self._is_saving = True
        self._show()
        self._job_runner.run(
            lambda: tr("Saving the decision"),
            lambda _context: work(venue.folder),
            on_done=partial(self._on_saved, venue, is_undo),
            on_failed=self._on_failed,
        )

    def _on_saved(self, before: Venue, is_undo: bool, changed: Venue) -> None:
        self._is_saving = False
        shown = self._app_state.venue
        if shown is None or shown.folder != changed.folder:
            return
        if not is_undo:
            self._former.append(before.corrections)
        self._app_state.replace_venue(changed, ChangeSet(corrections=True), initiator=self)

    def _on_failed(self, report: ErrorReport) -> None:
        self._is_saving = False
        self._show()
        self.failed.emit(report)

    def _on_venue_opened(self) -> None:
        self._chosen = None
        self._former.clear()
        self._is_saving = False
        self._on_period_changed()

    def _on_period_changed(self) -> None:
        self._corrected = self._comparison = None
        self._is_known = self._is_compared = False
        self._ask_for_period()
        self._show()

    def _on_changed(self, _changes: ChangeSet, _initiator: object) -> None:
        self._ask_for_period()
        self._show()

    def _ask_for_period(self) -> None:
        if self._is_active:
            self.period_needed.emit()

    def _compare(self) -> None:
        venue, corrected = self._app_state.venue, self._corrected
        if not self._is_active or self._is_compared or venue is None:
            return
        self._is_compared = True
        if corrected is None:
            self._comparison = None
            return
        if not len(corrected.identified.staff):
            self._on_compared(StaffComparison((), (), venue.corrections.excludes_staff))
            return
        self._job_runner.run_latest(
            STAFF_KEY,
            lambda: tr("Comparing the numbers with and without staff"),
            lambda _context: compare_staff(venue, corrected),
            on_done=self._on_compared,
        )

    def _on_compared(self, found: StaffComparison) -> None:
        self._comparison = found
        self._show()

    def _show(self) -> None:
        venue = self._app_state.venue
        if venue is None:
            self._set_state(CorrectionsState())
            return
        corrections, corrected = venue.corrections, self._corrected
        identified = None if corrected is None else corrected.identified
        places = list_places(corrections, identified)
        no_tracks = (
            (None, None) if identified is None else (identified.short_false_tracks, identified.uncorroborated)
        )
        selected = next((row for row, place in enumerate(places) if _is_same(place, self._chosen)), None)
        chosen = None if selected is None else places[selected]
        can_leave_out = can_count_as_person = False
        if chosen is not None and not self._is_saving:
            # a decision can confirm an automatic one
            can_leave_out = not (chosen.state is PlaceState.LEFT_OUT and chosen.is_decided)
            can_count_as_person = chosen.state is not PlaceState.KEPT
        self._set_state(
            CorrectionsState(
                has_venue=True,
                places=places,
                selected=selected,
                summary=describe_places(places, *no_tracks) if self._is_known else tr("Please wait"),
                proposals=sum(place.state is PlaceState.PROPOSED for place in places),
                can_leave_out=can_leave_out,
                can_count_as_person=can_count_as_person,
                can_undo=bool(self._former) and not self._is_saving,
                leaves_staff_out=corrections.excludes_staff,
                staff_text=describe_staff(self._comparison, is_left_out=corrections.excludes_staff),
                staff_zones=self._comparison.zones if self._comparison is not None else (),
            )
        )


def _is_same(place: ListedPlace, chosen: ListedPlace | None) -> bool:
    """Return whether two places are the same: positions vary by centimetres between periods."""
    return (
        chosen is not None
        and place.camera == chosen.camera
        and abs(place.x_m - chosen.x_m) + abs(place.y_m - chosen.y_m) < 0.25
    )
