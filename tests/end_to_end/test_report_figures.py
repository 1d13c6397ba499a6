"""Every figure of every report is the one that the window shows of the same period."""

from __future__ import annotations

import dataclasses
import math
import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest

from analytics.comparison.block_figures import Verdict
from analytics.domain.arrays import Interval
from analytics.dwell.pooled_zones import choose_pooled_zones
from analytics.findings.finding import FindingKind
from analytics.flows.places import OUTSIDE
from analytics.results.content import BarChart, FloorMap, KeyFigures, LineChart, Table
from analytics.store.sql_event_store import open_reader
from app.comparison.comparison_figures import ComparisonChoice
from app.comparison.comparison_view import compute_comparison
from app.dwell.dwell_analysis import analyse_dwell
from app.dwell.dwell_figures import VisitFilter
from app.dwell.visit_list import list_visits
from app.exhibition.exhibition_analysis import analyse_exhibition
from app.exhibition.exhibition_figures import CardFigure
from app.facts.period_facts import read_period_facts
from app.findings.finding_decisions import FindingDecision, FindingState, decide_finding
from app.findings.layout_findings import search_venue
from app.floor_plan.floor_analysis import analyse_floor
from app.flows.flow_analysis import analyse_flows
from app.reports.make_report import ReportOrder, certify_venue, make_report
from app.reports.report_template import Template
from app.timeline.timeline_file import read_timeline
from app.timeline.timeline_view import compute_timeline
from tests.support.halls.walked_hall import SetClock
from tests.support.reports.made_reports import MADE_AT_S, PERIODS, ReportedVenues, share_reported_venues
from tests.support.reports.reported_hall import BEFORE_S, CAMERA, STAND

Row = tuple[object, ...]
MIN_VISITS = 5
MAX_MOVES, MAX_ROUTES = 15, 10
LONG = (Template.DAILY, Template.WEEK, Template.EXHIBITION, Template.COMPARISON)
"""They take half a minute; `test_report_command` holds a day's report to the pages, too."""


@pytest.fixture(scope="module")
def venues(tmp_path_factory: pytest.TempPathFactory) -> ReportedVenues:
    return share_reported_venues(tmp_path_factory)


class WindowFigures:
    """What the pages of the window show of the fair in a period, page by page."""

    def __init__(self, venues: ReportedVenues, period_s: Interval) -> None:
        self.venues, self.venue, self.period_s = venues, venues.fair, period_s

    @cached_property
    def exhibition(self):
        found = analyse_exhibition(venue=self.venue, period_s=self.period_s)
        assert found is not None
        return found

    @cached_property
    def dwell(self):
        found = analyse_dwell(venue=self.venue, period=self.period_s)
        return {zone.name: zone for zone in found.list_zones()}

    @cached_property
    def flows(self):
        found = analyse_flows(venue=self.venue, period=self.period_s).figures
        assert found is not None
        return found

    @property
    def stand(self):
        return next(stand for stand in self.exhibition.stands if stand.zone == STAND)

    def list_zones(self) -> list[Row]:
        """Page Dwell, and the floor that is seen while any camera is analysed."""
        facts = read_period_facts(venue=self.venue, period_s=self.period_s)
        assert facts is not None
        coverage = {str(zone.name): facts.measure_coverage(zone) for zone in facts.zones}
        rows: list[Row] = []
        for name, zone in self.dwell.items():
            expected = zone.figures
            if self.is_few(expected.visits.value):
                unknown = (None, None, None)
                rows.append((name, unknown, unknown, unknown, None, None, coverage[name]))
                continue
            rows.append(
                (
                    name,
                    (expected.visits.value, *(expected.visits.interval or (None, None))),
                    (expected.mean_dwell_s.value, *(expected.mean_dwell_s.interval or (None, None))),
                    (expected.median_dwell_s.value, *(expected.median_dwell_s.interval or (None, None))),
                    self.round_seconds(zone.quantiles_s[-1]),
                    expected.person_seconds,
                    coverage[name],
                )
            )
        # the longest first
        return sorted(rows, key=lambda row: -(row[2][0] or 0.0))  # type: ignore[index]

    def list_stands(self) -> list[Row]:
        """Page Exhibition."""
        rows: list[Row] = [
            (
                stand.zone,
                *(None, None, (None, None, None), (None, None, None), None, None, None),
                stand.observed_s / 3600,
                stand.coverage,
            )
            if self.is_few(stand.visits)
            else (
                stand.zone,
                stand.exposed,
                stand.stopped,
                (stand.attraction.value, *(stand.attraction.interval or (None, None))),
                (stand.of_place.value, *(stand.of_place.interval or (None, None))),
                stand.engaged_visits,
                stand.engaged_minutes,
                stand.engaged_minutes / stand.area_m2 / (stand.observed_s / 3600),
                stand.observed_s / 3600,
                stand.coverage,
            )
            for stand in self.exhibition.stands
        ]
        return sorted(rows, key=lambda row: -(row[6] or 0.0))  # type: ignore[operator]

    @staticmethod
    def round_seconds(value_s: float | None) -> float | None:
        """To the millisecond, as summaries are."""
        return None if value_s is None else round(value_s, 3)

    @staticmethod
    def is_few(visits: int | None) -> bool:
        """Of so few visits a report tells nothing: somebody could be recognised."""
        return visits is not None and 0 < visits < MIN_VISITS

    def list_lines(self) -> list[Row]:
        """Page Flows."""
        return [
            (
                line.name,
                line.inward,
                line.outward,
                (line.flow.per_minute.value, *(line.flow.per_minute.interval or (None, None))),
                line.peak,
                line.peak_at_s,
            )
            for line in self.flows.lines
        ]

    def list_moves(self) -> list[Row]:
        """Page Flows; the places by their names, in no order where as many moved."""
        moves = sorted(self.flows.transitions, key=lambda move: -move["moves"])[:MAX_MOVES]
        return [
            (
                *("外部或未观测" if move[end] == OUTSIDE else move[end] for end in ("from", "to")),
                move["moves"],
                (move["share"].value, *(move["share"].interval or (None, None))),
            )
            for move in moves
            if move["moves"] >= MIN_VISITS
        ]

    def list_routes(self) -> list[Row]:
        """Page Flows."""
        return [(" → ".join(route["route"]), route["visitors"]) for route in self.flows.routes[:MAX_ROUTES]]

    def list_came_from(self) -> list[Row]:
        """Page Flows, into the stand."""
        return self._rank_moves("to", "from")

    def list_went_to(self) -> list[Row]:
        """Page Flows, out of the stand."""
        return self._rank_moves("from", "to")

    def _rank_moves(self, own: str, other: str) -> list[Row]:
        """Other stands are not named to an exhibitor."""
        moves = [m for m in self.flows.transitions if m[own] == STAND and m["moves"] >= MIN_VISITS]
        sums: dict[str, int] = {}
        for move in moves:
            name = "外部或未观测" if move[other] == OUTSIDE else "其他展区"
            sums[name] = sums.get(name, 0) + move["moves"]
        total = sum(sums.values())
        return [(name, count, count / total) for name, count in sorted(sums.items(), key=lambda one: -one[1])]

    def list_days(self) -> list[Row]:
        """Pages Exhibition and Dwell, day after day."""
        rows: list[Row] = []
        start_s, end_s = self.period_s
        for number in range(round((end_s - start_s) / 86_400)):
            day = (start_s + 86_400 * number, start_s + 86_400 * (number + 1))
            shown = analyse_exhibition(venue=self.venue, period_s=day)
            dwell = analyse_dwell(venue=self.venue, period=day)
            assert shown is not None
            names = (zone.name for zone in dwell.list_zones())
            listed = list_visits(venue=self.venue, criteria=VisitFilter(frozenset(names)), period_s=day)
            card = {entry.figure: entry.measured.value for entry in shown.entries}
            day_name = f"2026-03-{2 + round((day[0] - BEFORE_S[0]) / 86_400):02}"
            footfall, peak = card[CardFigure.FOOTFALL], card[CardFigure.PEAK]
            rows.append((day_name, footfall, peak, listed.total, dwell.observed_s / 3600))
        return rows

    def list_changes(self) -> list[Row]:
        """Page Compare; what is real first, then what changed most."""
        found = compute_comparison(venue=self.venue, choice=ComparisonChoice(BEFORE_S, self.period_s))
        compared = [row.change for row in found.changes if row.change.verdict is not Verdict.REFUSED]
        effects = [(change, change.effect) for change in compared if change.effect is not None]
        return [
            (
                change.level_a,
                change.level_b,
                (effect.ratio - 1, effect.interval[0] - 1, effect.interval[1] - 1),
                effect.min_detectable_ratio - 1,
            )
            for change, effect in sorted(
                effects, key=lambda pair: (not pair[0].is_real, -abs(np.log(pair[1].ratio)))
            )
        ]

    def list_cameras(self) -> list[Row]:
        """The history itself."""
        spans, gaps = self._read_observations()
        seconds = float((spans["end_s"] - spans["start_s"]).sum())
        lost_min = float((gaps["end_s"] - gaps["start_s"]).sum()) / 60
        return [(CAMERA, seconds / 3600, float(spans["frames"].sum()) / seconds, len(gaps), lost_min)]

    def list_gaps(self) -> list[Row]:
        """The history itself."""
        _, gaps = self._read_observations()
        return [
            (gap.camera, gap.start_s, (gap.end_s - gap.start_s) / 60)
            for gap in gaps.sort_values("start_s").itertuples()
        ]

    def list_events(self) -> list[Row]:
        """Page Timeline."""
        events = read_timeline(self.venue.folder).events
        return [(event.name, event.start_s, event.end_s, event.zone) for event in events]

    def list_accuracy(self) -> list[Row]:
        """Page Accuracy."""
        made = certify_venue(self.venues.validated, clock=SetClock(MADE_AT_S))
        rows: list[Row] = []
        for one in (*made.cameras, made.total):
            scores = one.scores
            measured = (
                scores.counting.accuracy, scores.counting.bias, scores.occupancy.bias,
                scores.dwell.bias, scores.floor.rms_m,
            )  # fmt: skip
            rows.append(
                (
                    scores.minutes,
                    scores.clips,
                    scores.counting.count.true,
                    *((score.value, *(score.interval or (None, None))) for score in measured),
                    one.calibration_rms_m,
                )
            )
        return rows

    def find_key_figures(self, template: Template) -> Mapping[str, float | None]:
        """Page Exhibition; of a certificate page Accuracy."""
        if template is Template.CERTIFICATE:
            scores = certify_venue(self.venues.validated, clock=SetClock(MADE_AT_S)).total.scores
            return {
                "counting_accuracy": scores.counting.accuracy.value,
                "occupancy_error": scores.occupancy.bias.value,
                "dwell_error": scores.dwell.bias.value,
                "floor_error_m": scores.floor.rms_m.value,
            }
        if template is Template.STAND:
            stand = self.stand
            return {
                "came_near": stand.exposed,
                "visits": stand.visits,
                "stopped": stand.stopped,
                "mean_dwell_s": self.dwell[STAND].figures.mean_dwell_s.value,
                "attraction": stand.attraction.value,
                "of_place": stand.of_place.value,
                "engaged_minutes": stand.engaged_minutes,
            }
        return {entry.figure.value: entry.measured.value for entry in self.exhibition.entries}

    def find_bars(self, key: str) -> Sequence[float | None]:
        """Page Dwell, of the zones that its total covers; of a stand's peers page Exhibition."""
        if key == "mean_dwell":
            facts = read_period_facts(venue=self.venue, period_s=self.period_s)
            assert facts is not None
            pooled = {str(zone.name) for zone in choose_pooled_zones(facts.zones)}
            means = [
                None if self.is_few(zone.figures.visits.value) else zone.figures.mean_dwell_s.value
                for name, zone in self.dwell.items()
                if str(name) in pooled
            ]
            return sorted(means, key=lambda mean_s: -(mean_s or 0.0))
        figures: dict[str, Callable[..., float]] = {
            "peers_came_near_h": lambda stand: stand.exposed / (stand.observed_s / 3600),
            "peers_attraction": lambda stand: 100 * stand.attraction.value,
            "peers_engaged_minutes_m2_h": lambda stand: (
                stand.engaged_minutes / stand.area_m2 / (stand.observed_s / 3600)
            ),
        }
        measure = figures[key]
        peers = [
            measure(stand)
            for stand in self.exhibition.stands
            if stand.zone != STAND and (stand.visits or 0) >= MIN_VISITS
        ]
        return [measure(self.stand), *np.quantile(peers, (0.25, 0.5, 0.75))]

    def find_people(self, chart: LineChart, zone: str | None) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
        """Page Timeline: its steps are those of the report, where the report is of so long a time."""
        shown = compute_timeline(venue=self.venue, period_s=self.period_s, zone=zone)
        people = shown.people if zone is None else shown.zone_people
        assert people is not None
        return people[np.isin(shown.edges_s[:-1], chart.x)]

    def measure_heat(self) -> float:
        """Page Floor plan, whose cells may be smaller: person-seconds of an observed hour on all of it."""
        shown = analyse_floor(venue=self.venue, period_s=self.period_s, now_utc_s=MADE_AT_S, with_zones=False)
        assert shown.floor is not None
        person_s = float(np.nansum(shown.floor.values)) * shown.floor.grid.cell_m**2
        return person_s / shown.observed_s * 3600

    def _read_observations(self):
        reader = open_reader(self.venue.folder)
        try:
            return reader.read_spans(*self.period_s), reader.read_gaps(*self.period_s)
        finally:
            reader.close()


COLUMNS: Mapping[str, slice] = {"changes": slice(2, 6), "gaps": slice(0, 3), "accuracy": slice(1, None)}
"""Of these tables other columns are words."""


def compare(shown: object, expected: object) -> bool:
    """Whether two cells are the same; not a number is what is not known."""
    if isinstance(shown, tuple) and isinstance(expected, tuple):
        return len(shown) == len(expected) and all(map(compare, shown, expected))
    if isinstance(shown, float | int) and isinstance(expected, float | int):
        return math.isclose(shown, expected, rel_tol=1e-9, abs_tol=1e-9) or (
            math.isnan(shown) and math.isnan(expected)
        )
    return (None if is_unknown(shown) else shown) == (None if is_unknown(expected) else expected)


def is_unknown(value: object) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def check_block(block: object, figures: WindowFigures, template: Template) -> str:
    """The key of a block whose figures are the window's; empty for one of words alone."""
    match block:
        case Table():
            expected = getattr(figures, f"list_{block.key}")()
            rows = [row[COLUMNS.get(block.key, slice(None))] for row in block.rows]
            assert len(rows) == len(expected) > 0, block.key
            wrong = [(row, one) for row, one in zip(rows, expected, strict=True) if not compare(row, one)]
            assert wrong == [], block.key
            return block.key
        case KeyFigures():
            known = figures.find_key_figures(template)
            shown = {figure.key: figure.value for figure in block.figures}
            assert compare(tuple(shown.values()), tuple(known[key] for key in shown)), shown
            return "key figures"
        case BarChart():
            assert compare(tuple(block.values.tolist()), tuple(figures.find_bars(block.key))), block.key
            return block.key
        case LineChart():
            zone = STAND if template is Template.STAND else None
            np.testing.assert_allclose(block.lines[0].values, figures.find_people(block, zone), rtol=1e-9)
            assert np.nanmax(block.lines[0].values) > 0
            return block.key
        case FloorMap():
            assert block.values is not None
            person_s = float(np.nansum(block.values)) * block.cell_m**2
            assert math.isclose(person_s, figures.measure_heat(), rel_tol=0.02), block.key
            return "presence"
        case _:
            return ""


FIGURES: Mapping[Template, set[str]] = {
    Template.DAILY: {
        "key figures", "occupancy", "presence", "zones", "mean_dwell", "stands", "lines",
        "moves", "routes", "events",
    },
    Template.STAND: {
        "key figures", "occupancy", "presence", "came_from", "went_to",
        "peers_came_near_h", "peers_attraction", "peers_engaged_minutes_m2_h",
    },
    Template.COMPARISON: {"changes"},
    Template.OPERATIONS: {"cameras", "gaps"},
    Template.CERTIFICATE: {"key figures", "accuracy"},
}  # fmt: skip
FIGURES |= {  # type: ignore[operator]
    Template.WEEK: FIGURES[Template.DAILY] - {"events"} | {"days"},
    Template.EXHIBITION: FIGURES[Template.DAILY] | {"days"},
}


@pytest.mark.parametrize(
    "template",
    [pytest.param(one, marks=pytest.mark.slow) if one in LONG else one for one in Template],
)
def test_report_figures_match_the_window(venues: ReportedVenues, template: Template) -> None:
    content = venues.make(template, "zh_CN")
    figures = WindowFigures(venues, PERIODS[template])
    checked = {check_block(block, figures, template) for block in content.list_blocks()}
    assert checked - {""} == FIGURES[template]


@pytest.mark.slow
def test_the_effect_of_a_change_is_told_with_its_finding(venues: ReportedVenues, tmp_path: Path) -> None:
    venue = dataclasses.replace(venues.fair, folder=tmp_path / venues.fair.folder.name)
    shutil.copytree(venues.fair.folder, venue.folder)
    # from the fifth of eight days on, the stand draws far more visitors
    changed = FindingDecision(
        FindingKind.WORSE_STAND.value, "A1", state=FindingState.DONE, owner="Li Wei",
        due_on=date(2026, 3, 5), changed_on=date(2026, 3, 6),
    )  # fmt: skip
    decide_finding(venue.folder, changed, SetClock(MADE_AT_S))
    found = search_venue(venue=venue, period_s=PERIODS[Template.DAILY])
    (visits, dwell) = map(str, found.effects[changed.key])
    assert visits.startswith("Visits per 100 visitors at A1 rose from")
    assert dwell.startswith("Mean dwell at A1")
    report = make_report(venue, ReportOrder(Template.DAILY, PERIODS[Template.DAILY]))
    (table,) = [table for table in report.list_tables() if table.key == "finding_decisions"]
    (row,) = [row for row in table.rows if "A1" in str(row[0])]
    assert row[1:5] == ("Done", "Li Wei", "2026-03-05", "2026-03-06")
    assert row[5] == f"{visits} {dwell}"
