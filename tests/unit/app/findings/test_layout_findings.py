"""Texts of findings, decisions about them, and the search in a venue's history."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from analytics.domain.errors import VenueError, fill_template
from analytics.domain.identifiers import ZoneId
from analytics.domain.zone_targets import ZoneTargets
from analytics.findings.finding import (
    Effect,
    FindingKind,
    Impact,
    ImpactUnit,
    LayoutFinding,
    Outcome,
    SkipReason,
)
from analytics.places.place_value import FEW_STANDS, refuse
from app.core.file_format import write_venue
from app.core.view_link import LinkTarget
from app.findings.finding_decisions import (
    FILE_NAME,
    FindingDecision,
    FindingState,
    decide_finding,
    read_decisions,
)
from app.findings.finding_text import describe_finding, describe_outcomes
from app.findings.findings_figures import find_decision, link_comparison, link_finding
from app.findings.layout_findings import search_venue
from resources.translations import load_translations
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through

_EVIDENCE = {
    FindingKind.COLD_ZONE: ("stopped", "expected", "exposed", "attraction", "median_attraction"),
    FindingKind.BETTER_STAND: ("stopped", "expected"),
    FindingKind.WORSE_STAND: ("stopped", "expected"),
    FindingKind.BOTTLENECK: ("minutes_per_day", "density_per_m2", "speed_m_s", "free_speed_m_s"),
    FindingKind.BLOCKING_QUEUE: ("minutes_per_day", "tail", "longest_tail"),
    FindingKind.CAPACITY: (
        "capacity",
        "peak",
        "minutes_near_per_day",
        "minutes_above_per_day",
        "is_projected",
        "projected",
    ),
    FindingKind.MISSED_SPONSOR: ("route_visitors",),
    FindingKind.EMPTYING_EVENT: ("people_during", "people_expected", "events"),
    FindingKind.FEW_STAFF: (
        "hours_per_day",
        "visitors_per_staff",
        "engaged_per_staff_hour",
        "staff",
        "staff_wanted",
    ),
}


def make_finding(kind: FindingKind, *, value: float = 1.0, zone: str | None = "A1") -> LayoutFinding:
    return LayoutFinding(
        kind=kind,
        place=zone or "3, 4",
        zone=zone,
        point_m=(3.0, 4.0),
        period_s=(0.0, 1.0),
        effect=Effect(0.4, (0.3, 0.5)),
        impact=Impact(12.0, ImpactUnit.VISITORS, 20.0),
        evidence=dict.fromkeys(_EVIDENCE[kind], value),
        others=("B1", "C1"),
        hours_s=((NOW_UTC_S, NOW_UTC_S + 1800.0),),
        event="Talk",
    )


@pytest.mark.parametrize("kind", list(FindingKind))
@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("zone", ["A1", None])
def test_every_finding_has_text_in_both_languages(kind: FindingKind, value: float, zone: str | None) -> None:
    finding = make_finding(kind, value=value, zone=zone)
    text = describe_finding(finding, time_zone="Asia/Shanghai")
    chinese = load_translations("zh_CN").gettext
    for phrase in (text.what, text.impact, text.why, text.interval, text.hours, text.advice, text.method):
        assert "{" not in str(phrase)
        translated = fill_template(phrase.template, phrase.fields, chinese)
        assert re.search(r"[一-鿿]", translated)
    assert str(text.hours) == "At 2026-03-14 12:00–12:30"


def test_a_stand_finding_gives_its_interval() -> None:
    text = describe_finding(make_finding(FindingKind.WORSE_STAND), time_zone="UTC")
    assert str(text.what) == "'A1' attracts fewer visitors than its location suggests"
    assert str(text.why).endswith(": 40 %.")
    assert str(text.interval) == "Likely range (95 %): 30 to 50 %"
    better = describe_finding(make_finding(FindingKind.BETTER_STAND), time_zone="UTC")
    assert str(better.interval) == "Likely range (95 %): 30 to 50 %"
    assert str(text.impact) == "Misses about 12 visitors a day"


def test_the_hours_of_a_day_follow_its_date_once() -> None:
    hours_s = tuple((NOW_UTC_S + 3600.0 * hour, NOW_UTC_S + 3600.0 * hour + 1800.0) for hour in (0, 2, 24))
    finding = replace(make_finding(FindingKind.CAPACITY), hours_s=hours_s)
    words = describe_finding(finding, time_zone="UTC").hours
    days = [f"{datetime.fromtimestamp(start_s, UTC):%Y-%m-%d}" for start_s, _end_s in hours_s]
    assert days[0] == days[1] != days[2]
    text = fill_template(words.template, words.fields)
    assert (text.count(days[0]), text.count(days[2])) == (1, 1)


def test_an_event_is_named_as_zones_are_and_no_loss_is_not_a_loss_of_zero() -> None:
    finding = replace(
        make_finding(FindingKind.EMPTYING_EVENT), impact=Impact(0.01, ImpactUnit.PERSON_MINUTES, 0.0)
    )
    text = describe_finding(finding, time_zone="UTC", name_zone=str.upper)
    assert fill_template(text.what.template, text.what.fields).startswith("'TALK' draws")
    assert text.impact.template == "No loss measured"


def test_skipped_rules_give_their_reason() -> None:
    outcomes = (
        Outcome(FindingKind.COLD_ZONE, (), 9, (("A1", SkipReason.NOT_OBSERVED),)),
        Outcome(FindingKind.BLOCKING_QUEUE, (), 0, (("", SkipReason.NO_ZONES),)),
    )
    assert [str(phrase) for phrase in describe_outcomes(outcomes)] == [
        "Cold zones: places assessed: 9.",
        "Cold zones: not assessed for A1, less than 80 % of it was observed.",
        "Queues blocking an aisle: not assessed, there is no queue zone.",
    ]


def test_a_decision_is_stored_replaced_and_removed(tmp_path: Path) -> None:
    finding = make_finding(FindingKind.BOTTLENECK)
    assert read_decisions(tmp_path) == ()
    assert find_decision(finding, ()).is_empty
    made = FindingDecision(*finding.key, state=FindingState.REJECTED, reason="accepted", note='it is "so"')
    days = {"due_on": date(2026, 3, 1), "changed_on": date(2026, 3, 2)}
    other = FindingDecision("cold-zone", "B1", state=FindingState.DONE, owner="Li Wei", **days)
    decide_finding(tmp_path, other, SetClock(10.0))
    decide_finding(tmp_path, made, SetClock(20.0))
    assert read_decisions(tmp_path) == (
        replace(other, decided_utc_s=10.0),
        replace(made, decided_utc_s=20.0),
    )
    assert find_decision(finding, read_decisions(tmp_path)).reason == "accepted"
    stored = decide_finding(tmp_path, replace(made, state=FindingState.OPEN, reason="", note=""))
    assert [decision.key for decision in stored] == [other.key]


@pytest.mark.parametrize("text", ["format = 2", "no toml", 'format = 1\n[[decisions]]\nkind = "x"'])
def test_an_unreadable_decision_file_is_reported(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(VenueError, match=FILE_NAME):
        read_decisions(tmp_path)


def test_a_layout_change_links_to_before_and_after() -> None:
    finding = make_finding(FindingKind.COLD_ZONE)
    history = (datetime(2026, 3, 1, 9, tzinfo=UTC).timestamp(), datetime(2026, 3, 4, tzinfo=UTC).timestamp())
    changed_s = datetime(2026, 3, 3, tzinfo=UTC).timestamp()
    decision = FindingDecision(*finding.key, changed_on=date(2026, 3, 3))
    link = link_comparison(finding.zone, decision, history_s=history, time_zone="UTC")
    assert link is not None
    assert (link.shown, link.zone) == (LinkTarget.COMPARE, "A1")
    assert link.other_period_s == (history[0], changed_s)
    assert link.period_s == (changed_s, history[1])
    later = replace(decision, changed_on=date(2026, 3, 9))
    assert link_comparison(finding.zone, later, history_s=history, time_zone="UTC") is None
    assert link_finding(finding).shown is LinkTarget.FLOOR_PLAN


def test_entered_settings_are_used_in_the_search(tmp_path: Path) -> None:
    venue = replace(make_hall(tmp_path), targets=(ZoneTargets(ZoneId("Robotics"), 1),))
    venue.folder.mkdir()
    write_venue(venue)
    start_s = NOW_UTC_S - 900.0
    walk_through(venue, start_s=start_s, duration_s=600.0, people=60, hz=1.0)
    found = search_venue(venue=venue, period_s=(start_s, NOW_UTC_S))
    (finding,) = found.findings
    assert (finding.kind, finding.place) == (FindingKind.CAPACITY, "Robotics")
    assert found.history_s is not None
    assert found.observed_s == pytest.approx(600.0, abs=1.0)
    kinds = {outcome.kind: outcome for outcome in found.outcomes}
    assert kinds[FindingKind.COLD_ZONE].refusal == refuse(FEW_STANDS).refusal
    assert (
        "Cold zones: not assessed. Places cannot be told from exhibitors. That takes at least 12 stands."
        in map(str, describe_outcomes(found.outcomes))
    )
    assert not search_venue(venue=venue, period_s=(0.0, 10.0)).outcomes
