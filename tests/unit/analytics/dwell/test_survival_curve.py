from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.dwell.dwell_distribution import DwellDistribution, estimate_dwell_distribution
from analytics.dwell.survival_curve import SurvivalCurve, count_entered, trace_survival

# (seconds, start_edge, end_edge)
Stay = tuple[float, str, str]


def make_stays(*rows: Stay) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["seconds", "start_edge", "end_edge"]).assign(entered_s=0.0)


def trace(stays: pd.DataFrame, minimum_stay_s: float = 3.0) -> tuple[DwellDistribution, SurvivalCurve]:
    distribution = estimate_dwell_distribution(
        stays=stays, minimum_stay_s=minimum_stay_s, is_period_cut=False
    )
    assert distribution is not None
    entered = count_entered(stays=stays, minimum_stay_s=minimum_stay_s)
    return distribution, trace_survival(
        distribution=distribution, entered=entered, minimum_stay_s=minimum_stay_s
    )


def find_share(curve: SurvivalCurve, at_s: float) -> float:
    return float(np.interp(at_s, curve.at_s, curve.share))


def test_the_curve_passes_through_the_quantiles() -> None:
    random = np.random.default_rng(6)
    stays = make_stays(
        *[
            (float(s), start, end)
            for s, start, end in zip(
                random.exponential(30.0, 150),
                random.choice(["seen", "lost"], 150),
                random.choice(["seen", "seen", "lost", "period"], 150),
                strict=True,
            )
        ]
    )
    distribution, curve = trace(stays)
    for quantile in (0.5, 0.9):
        at_s = distribution.quantile_s(quantile)
        assert at_s is not None
        assert find_share(curve, at_s) == pytest.approx(1 - quantile, abs=1e-9)
    assert ((curve.low <= curve.share + 1e-9) & (curve.share <= curve.high + 1e-9)).all()


def test_the_interval_is_greenwoods_on_the_log_log_scale() -> None:
    _, curve = trace(make_stays(*[(s + 0.5, "seen", "seen") for s in range(3, 13)]))
    at = int(np.flatnonzero(curve.at_s == 8.0)[0])
    # five of ten ended, one by one
    greenwood = sum(1 / (n * (n - 1)) for n in range(10, 5, -1))
    reach = np.exp(1.959964 * np.sqrt(greenwood) / abs(np.log(0.5)))
    assert curve.share[at] == pytest.approx(0.5)
    assert curve.low[at] == pytest.approx(0.5**reach, rel=1e-5)
    assert curve.high[at] == pytest.approx(0.5 ** (1 / reach), rel=1e-5)


def test_at_risk_are_visits_with_a_seen_start_that_last_so_long() -> None:
    _, curve = trace(
        make_stays(
            (2.0, "seen", "seen"),
            (5.0, "seen", "seen"),
            (9.0, "seen", "lost"),
            (9.0, "lost", "seen"),
            (20.0, "seen", "seen"),
        )
    )
    assert [curve.count_at_risk(at_s) for at_s in (0.0, 5.0, 6.0, 9.0, 20.0, 21.0)] == [3, 3, 2, 2, 1, 0]


def test_the_curve_ends_at_the_last_known_time() -> None:
    distribution, curve = trace(make_stays((5.0, "seen", "seen"), (60.0, "seen", "lost")))
    assert curve.at_s[-1] == distribution.known_to_s == 6.0
    assert curve.share[-1] == pytest.approx(0.5, abs=1e-3)
