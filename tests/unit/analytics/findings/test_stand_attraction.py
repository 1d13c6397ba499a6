"""Stands that differ from the prediction for their place."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.domain.identifiers import ZoneId
from analytics.domain.zone import Zone, ZoneKind
from analytics.findings.finding import FindingKind, ImpactUnit, Outcome, SkipReason
from analytics.findings.stand_attraction import ModelSettings, compare_with_places, fit_stands, judge_stands
from tests.support.reports.made_facts import make_box, make_exposed, make_facts, make_stands


def _judge(factors: dict[str, float], *, seed: int = 1, count: int = 16) -> tuple[Outcome, Outcome]:
    """Judge stands at which about 300 of 1,000 visitors stop, times a factor."""
    random = np.random.default_rng(seed)
    stands = make_stands(count)
    counts = {}
    for stand in stands:
        name = str(stand.name)
        stopped = random.poisson(300 * factors.get(name, 1.0) * np.exp(0.08 * random.normal()))
        counts[name] = (1000, int(min(stopped, 1000)))
    return judge_stands(make_facts(stands, {"exposed": make_exposed(counts, random)}))


def test_equal_stands_give_no_finding() -> None:
    found = 0
    for seed in range(10):
        cold, stands = _judge({}, seed=seed)
        assert cold.assessed == stands.assessed == 16
        found += bool(cold.findings or stands.findings)
    # of 5 % each; that it is more than 2 of 10 has the probability 0.012
    assert found <= 2


def test_better_worse_and_cold_stands_are_distinguished() -> None:
    cold, stands = _judge({"S3": 2.2, "S8": 0.45, "S11": 0.04})
    assert [finding.place for finding in cold.findings] == ["S11"]
    assert {(finding.kind, finding.place) for finding in stands.findings} == {
        (FindingKind.BETTER_STAND, "S3"),
        (FindingKind.WORSE_STAND, "S8"),
    }
    better = next(f for f in stands.findings if f.kind is FindingKind.BETTER_STAND)
    assert better.effect.interval is not None
    low, high = better.effect.interval
    assert low < 2.2 < high
    # 360 more than 300 of two days
    assert better.impact.unit is ImpactUnit.VISITORS
    assert better.impact.amount == pytest.approx(180, rel=0.2)
    assert cold.findings[0].evidence["exposed"] == 1000


def test_every_stand_is_compared_with_its_place_also_where_nothing_is_proven() -> None:
    random = np.random.default_rng(1)
    stands = make_stands(16)
    factors = {"S3": 2.2, "S8": 0.5}
    counts = {
        str(stand.name): (1000, int(random.poisson(300 * factors.get(str(stand.name), 1.0))))
        for stand in stands
    }
    facts = make_facts(stands, {"exposed": make_exposed(counts, random)})
    ratios = compare_with_places(facts)
    assert ratios.keys() == {str(stand.name) for stand in stands}
    findings = {finding.place: finding.effect for finding in judge_stands(facts)[1].findings}
    assert findings.keys() == {"S3", "S8"}
    for name, ratio in ratios.items():
        assert ratio.value is not None
        assert ratio.interval is not None
        if name in findings:
            assert (ratio.value, ratio.interval) == (findings[name].value, findings[name].interval)
        else:
            assert ratio.interval[0] < 1.0 < ratio.interval[1], name
    assert max(ratios, key=lambda name: ratios[name].value or 0.0) == "S3"
    assert min(ratios, key=lambda name: ratios[name].value or 0.0) == "S8"
    few = make_facts(stands[:7], {"exposed": make_exposed(counts, random)})
    assert compare_with_places(few) == {}


def test_a_reachable_deserted_zone_is_cold() -> None:
    random = np.random.default_rng(3)
    stands = make_stands(16)
    counts = {str(stand.name): (int(random.normal(1000, 60)), 300) for stand in stands}
    counts["S16"] = (40, 12)
    exposed = {"exposed": make_exposed(counts, random)}
    # no entrance is known, so that it is not known either whether a way leads there
    cold, _stands = judge_stands(make_facts(stands, exposed))
    assert not cold.findings
    door = Zone(ZoneId("Door"), ZoneKind.ENTRANCE, make_box(0, 9, 1, 11))
    cold, _stands = judge_stands(make_facts((*stands, door), exposed))
    (finding,) = cold.findings
    assert finding.place == "S16"
    assert finding.evidence["came_near"] == pytest.approx(0.04, abs=0.01)


def test_fewer_than_eight_stands_are_not_assessed() -> None:
    cold, stands = _judge({"S3": 4.0}, count=7)
    for outcome in (cold, stands):
        assert not outcome.findings
        assert outcome.skipped == (("", SkipReason.TOO_FEW_STANDS),)


def test_differences_explained_by_flow_are_no_finding() -> None:
    random = np.random.default_rng(5)
    flow = np.exp(random.uniform(0, 1.5, 20))
    stopped = random.poisson(150 * flow).astype(float)
    fit = fit_stands(
        stopped=stopped,
        hours=np.full(20, 16.0),
        predictors=np.log(flow)[:, None],
        dispersion=1.0,
        settings=ModelSettings(),
    )
    assert fit is not None
    assert not fit.is_exception.any()
    assert fit.expected == pytest.approx(150 * flow, rel=0.15)


def test_later_stands_are_corrected_for_their_hours() -> None:
    random = np.random.default_rng(6)
    hours = np.full(12, 16.0)
    hours[4] = 8.0
    stopped = random.poisson(20 * hours).astype(float)
    fit = fit_stands(
        stopped=stopped, hours=hours, predictors=np.zeros((12, 1)), dispersion=1.0, settings=ModelSettings()
    )
    assert fit is not None
    assert fit.ratio[4] == pytest.approx(1.0, abs=0.25)
    assert not fit.is_exception.any()
