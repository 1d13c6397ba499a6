"""View-model of the comparison page."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from analytics.domain.arrays import Interval
from analytics.domain.exhibition import Exhibition, find_time_zone
from analytics.store.history_folder import list_sibling_folders, read_server_mark
from app.comparison.comparison_figures import (
    METRICS,
    PRIMARY_METRICS,
    ComparisonChoice,
    ComparisonResults,
)
from app.comparison.comparison_view import propose_layouts
from app.core.change_set import ChangeSet
from app.core.job import JobContext
from app.core.open_time import shift_days_back
from app.core.view_link import ViewLink
from app.error_reporting import ErrorReport
from app.gui.session.job_runner import JobHandle
from app.gui.session.period_figures import TableSource
from app.gui.session.translation import tr
from app.gui.session.view_model import VenueParts

if TYPE_CHECKING:
    from app.comparison.comparison_proposal import ComparisonProposal


def name_hall(folder: Path) -> str:
    return str(read_server_mark(folder).get("hall", folder.stem))


class Proposal(StrEnum):
    DAY_BEFORE = "day-before"
    """The same hours of the previous day."""
    WEEK_BEFORE = "week-before"
    LAYOUT_BEFORE = "layout-before"
    """All observations of the layout before the last change."""
    OWN = "own"
    """Custom times."""


_BY_DAYS = {1: Proposal.DAY_BEFORE, 7: Proposal.WEEK_BEFORE}


@dataclass(frozen=True, slots=True)
class ComparisonState:
    """State of the comparison page.

    Attributes:
        choice: selected comparison; None without a venue or a history.
        exhibition: exhibition whose time zone applies.
        has_layouts: whether two layouts have observations.
        zones: zones that may be marked as unchanged.
        figures: results with their choice; None until computed.
        is_computing: whether running, with ``progress`` from 0 to 1.
        fault: why the comparison failed.
    """

    has_venue: bool = False
    history_s: Interval | None = None
    proposal: Proposal = Proposal.DAY_BEFORE
    choice: ComparisonChoice | None = None
    exhibition: Exhibition | None = None
    has_layouts: bool = False
    zones: tuple[str, ...] = ()
    figures: ComparisonResults | None = None
    is_computing: bool = False
    progress: float = 0.0
    fault: ErrorReport | None = None

    @property
    def is_outdated(self) -> bool:
        return self.figures is not None and self.figures.choice != self.choice


class ComparisonViewModel(TableSource[ComparisonState]):
    """View-model of the comparison page; computes the proposal when first visible, then on request."""

    def __init__(self, **parts: Unpack[VenueParts]) -> None:
        super().__init__(**parts)
        self._job: JobHandle | None = None
        self._asked: ComparisonChoice | None = None
        self._is_visible = False
        self._has_chosen = False
        self._state = ComparisonState()
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._app_state.history_changed.connect(self._on_history_changed)
        self._app_state.changed.connect(self._on_changed)
        self._on_venue_opened()

    def set_page_visible(self, is_watched: bool) -> None:
        self._is_visible = is_watched
        if is_watched:
            self._read_history_extent()
            self._propose()

    def _propose(self) -> None:
        """Propose the newest comparable days, unless something else was chosen."""
        venue = self._app_state.venue
        if not self._is_visible or venue is None or self._state.choice is None:
            return
        if self._has_chosen:
            self._compare_first()
            return

        now_utc_s = self._clock.now_utc_s()

        def work(_job: JobContext) -> ComparisonProposal | None:
            from app.comparison.comparison_proposal import propose_comparison

            return propose_comparison(venue=venue, now_utc_s=now_utc_s)

        self._job_runner.run_latest(
            "comparison proposal",
            lambda: tr("Reading the history"),
            work,
            on_done=self._on_proposed,
            on_failed=self._on_failed,
        )

    def _on_proposed(self, found: ComparisonProposal | None) -> None:
        choice = self._state.choice
        if choice is None or self._has_chosen:
            return
        if found is not None and (choice.a, choice.b) != (found.a, found.b):
            self._replace_state(
                proposal=_BY_DAYS.get(found.days_between, Proposal.OWN),
                choice=dataclasses.replace(choice, a=found.a, b=found.b),
                figures=None,
            )
        self._compare_first()

    def _compare_first(self) -> None:
        """Compare what is proposed, unless that is done or being done."""
        state = self._state
        is_underway = state.is_computing and self._asked == state.choice
        is_open = state.figures is None and state.fault is None and not is_underway
        if self._is_visible and is_open and state.choice is not None:
            self.compare()

    def _read_history_extent(self) -> None:
        """Read the extent of the history, if no other page has."""
        venue = self._app_state.venue
        if venue is None or self._state.history_s is not None:
            return

        def work(_job: JobContext) -> Interval | None:
            from app.facts.history_extent import read_history_extent

            return read_history_extent(venue)

        self._job_runner.run_latest(
            "comparison history",
            lambda: tr("Reading the history"),
            work,
            on_done=self._app_state.set_history,
            on_failed=self._on_failed,
        )

    def choose_proposal(self, proposal: Proposal) -> None:
        self._has_chosen = True
        self._replace_state(proposal=proposal)
        if proposal is not Proposal.OWN and self._state.choice is not None:
            self._fill(self._state.choice.b)

    def choose_a(self, period_s: Interval | None) -> None:
        """Set custom times for side A, up to the last full hour."""
        if self._state.choice is not None and period_s is not None and period_s != self._state.choice.a:
            self._has_chosen = True
            self._replace_state(
                proposal=Proposal.OWN, choice=dataclasses.replace(self._state.choice, a=period_s)
            )

    def choose_b(self, period_s: Interval | None) -> None:
        """Set side B; side A follows if it is a proposal."""
        if self._state.choice is not None and period_s is not None and period_s != self._state.choice.b:
            self._has_chosen = True
            self._fill(period_s)

    def list_other_halls(self) -> list[tuple[str, Path]]:
        """Return names and folders of the site's other halls, if the open venue is a hall at the hub."""
        venue = self._app_state.venue
        folders = [] if venue is None else list_sibling_folders(venue.folder)
        return [(name_hall(one), one) for one in folders if venue is not None and one != venue.folder]

    def choose_other_halls(self, folders: Sequence[Path]) -> None:
        """Take side A from another hall's history, or the mean of several; empty for this hall's."""
        choice = self._state.choice
        if choice is not None:
            self._has_chosen = True
            a = choice.b if folders else choice.a
            self._replace_state(
                proposal=Proposal.OWN if folders else self._state.proposal,
                choice=dataclasses.replace(choice, other_folders=tuple(folders), a=a),
            )

    def choose_figures(self, *, all_of_them: bool) -> None:
        """Compare the default metrics, or all."""
        if self._state.choice is not None:
            figures = tuple(METRICS) if all_of_them else PRIMARY_METRICS
            self._replace_state(choice=dataclasses.replace(self._state.choice, figures=figures))

    def set_unchanged(self, zones: Sequence[str]) -> None:
        if self._state.choice is not None:
            self._replace_state(choice=dataclasses.replace(self._state.choice, unchanged=tuple(zones)))

    def show_link(self, link: ViewLink) -> None:
        if link.period_s is None or link.other_period_s is None or self._state.choice is None:
            return
        self._has_chosen = True
        self._replace_state(
            proposal=Proposal.OWN,
            choice=dataclasses.replace(
                self._state.choice, a=link.other_period_s, b=link.period_s, other_folders=()
            ),
        )
        self.compare()

    def compare(self) -> None:
        venue, choice = self._app_state.venue, self._state.choice
        if venue is None or choice is None:
            return

        def work(context: JobContext) -> ComparisonResults:
            from app.comparison.comparison_view import compute_comparison

            return compute_comparison(venue=venue, choice=choice, context=context)

        self._asked = choice
        self._replace_state(is_computing=True, progress=0.0, fault=None)
        self._job = self._job_runner.run_latest(
            "comparison", lambda: tr("Comparing"), work, on_done=self._on_done, on_failed=self._on_failed
        )
        self._job.progress.connect(self._on_progress)

    def cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
        self._replace_state(is_computing=False)

    def _fill(self, b: Interval) -> None:
        venue, history_s, before = self._app_state.venue, self._state.history_s, self._state.choice
        if venue is None or history_s is None:
            return
        proposal = self._state.proposal
        layouts = propose_layouts(venue, history_s)
        a = before.a if before is not None else shift_days_back(venue.exhibition, b, days=1)
        if proposal is Proposal.DAY_BEFORE:
            a = shift_days_back(venue.exhibition, b, days=1)
        elif proposal is Proposal.WEEK_BEFORE:
            a = shift_days_back(venue.exhibition, b, days=7)
        elif proposal is Proposal.LAYOUT_BEFORE and layouts is not None:
            a, b = layouts
        base = before or ComparisonChoice(a, b)
        self._replace_state(
            choice=dataclasses.replace(base, a=a, b=b),
            has_layouts=layouts is not None,
            zones=tuple(str(zone.name) for zone in venue.geometry_at(b[1]).zones),
        )

    def _on_venue_opened(self) -> None:
        if self._job is not None:
            self._job.cancel()
        venue, self._has_chosen = self._app_state.venue, False
        self._state = ComparisonState(
            has_venue=venue is not None, exhibition=None if venue is None else venue.exhibition
        )
        self.state_changed.emit()
        self._on_history_changed()

    def _on_history_changed(self) -> None:
        history_s, is_new = self._app_state.history, self._state.choice is None
        self._replace_state(history_s=history_s)
        if is_new and history_s is not None:
            self._fill(self._find_last_day(history_s))
            self._propose()

    def _find_last_day(self, history_s: Interval) -> Interval:
        venue = self._app_state.venue
        assert venue is not None
        zone = find_time_zone(venue.exhibition.time_zone)
        day = datetime.fromtimestamp(history_s[1] - 1.0, zone).date()
        return venue.exhibition.day_interval_utc(day)

    def _on_changed(self, changes: ChangeSet, _initiator: object) -> None:
        venue = self._app_state.venue
        if venue is not None and (changes.zones or changes.plan or changes.cameras or changes.corrections):
            if self._job is not None:
                self._job.cancel()
            self._replace_state(exhibition=venue.exhibition, figures=None, is_computing=False)
            if self._state.choice is not None:
                self._fill(self._state.choice.b)
            self._compare_first()

    def _on_progress(self, done: float, total: float) -> None:
        self._replace_state(progress=done / total if total > 0 else 0.0)

    def _on_done(self, figures: ComparisonResults) -> None:
        self._replace_state(is_computing=False, figures=figures)

    def _on_failed(self, fault: ErrorReport) -> None:
        self._replace_state(is_computing=False, figures=None, fault=fault)
