"""Stands that differ from what their places let expect; the ratios are those of the pages."""

from __future__ import annotations

import math

import numpy as np
import pytest

from analytics.domain.errors import Phrase
from analytics.findings.finding import FindingKind, ImpactUnit, Outcome, SkipReason
from analytics.findings.stand_attraction import judge_stands
from analytics.places.place_value import PlaceValues, refuse
from tests.support.reports.made_facts import make_exposed, make_facts, make_stands, value_places_as

KINDS = (FindingKind.COLD_ZONE, FindingKind.BETTER_STAND)


def _judge(
    ratios: dict[str, float],
    *,
    error: float = 0.1,
    spread: float = 0.1,
    exposed: dict[str, int] | None = None,
) -> tuple[tuple[Outcome, Outcome], PlaceValues]:
    """Judge stands of which each lets expect 300 of 1,000 visitors, in two days."""
    random = np.random.default_rng(1)
    stands = make_stands(16)
    of_place = {
        str(stand.name): ratios.get(str(stand.name), math.exp(spread * random.normal())) for stand in stands
    }
    counts = {name: (1000, min(1000, round(300 * ratio))) for name, ratio in of_place.items()}
    places = value_places_as(of_place, error=error)
    facts = make_facts(stands, {"exposed": make_exposed(counts, random)})
    return judge_stands(facts, places), places


def test_equal_stands_give_no_finding() -> None:
    for outcome in _judge({})[0]:
        assert (outcome.findings, outcome.assessed) == ((), 16)


def test_better_worse_and_cold_stands_are_distinguished_by_the_ratio_of_the_pages() -> None:
    (cold, stands), places = _judge({"S3": 2.2, "S8": 0.45, "S11": 0.04})
    found = {finding.place: finding for outcome in (cold, stands) for finding in outcome.findings}
    assert {place: finding.kind for place, finding in found.items()} == {
        "S3": FindingKind.BETTER_STAND,
        "S8": FindingKind.WORSE_STAND,
        "S11": FindingKind.COLD_ZONE,
    }
    for place, finding in found.items():
        ratio = places.values[place].ratio
        assert (finding.effect.value, finding.effect.interval) == (ratio.value, ratio.interval)
        assert finding.evidence["stopped"] / finding.evidence["expected"] == pytest.approx(ratio.value)
    # 360 more than 300 of two days
    assert found["S3"].impact.unit is ImpactUnit.VISITORS
    assert found["S3"].impact.amount == pytest.approx(180)


def test_a_difference_must_be_proven_and_unusual() -> None:
    assert not _judge({"S3": 2.2}, error=0.25)[0][1].findings
    # where all stands differ that much, one more is no exception
    assert not _judge({"S3": 2.2}, spread=0.6)[0][1].findings


def test_a_zone_that_nobody_stops_at_is_cold() -> None:
    random = np.random.default_rng(1)
    stands = make_stands(16)
    counts = {str(stand.name): (1000, 0 if stand.name == "S5" else 300) for stand in stands}
    places = value_places_as({"S5": 0.02} | {name: 1.0 for name in counts if name != "S5"}, error=0.9)
    cold, _ = judge_stands(make_facts(stands, {"exposed": make_exposed(counts, random)}), places)
    (finding,) = cold.findings
    assert (finding.place, finding.evidence["stopped"]) == ("S5", 0)
    assert finding.impact.amount == pytest.approx(150)


def test_stands_of_unknown_or_few_visitors_are_skipped_and_a_refusal_is_passed_on() -> None:
    stands = make_stands(16)
    random = np.random.default_rng(1)
    counts = {str(stand.name): (30, 3 if stand.name == "S1" else 30) for stand in stands}
    facts = make_facts(stands, {"exposed": make_exposed(counts, random)})
    places = value_places_as(dict.fromkeys(counts, 1.0), unknown={"S2"})
    for outcome in judge_stands(facts, places):
        assert outcome.skipped == (
            ("S1", SkipReason.TOO_FEW_VISITORS),
            ("S2", SkipReason.TOO_FEW_VISITORS),
        )
        assert outcome.assessed == 14
    refused = refuse(Phrase("Why not."))
    assert judge_stands(facts, refused) == tuple(Outcome(kind, refusal=refused.refusal) for kind in KINDS)
