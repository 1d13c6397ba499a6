from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.dwell.continuations import ContinuationSettings, join_continuations
from analytics.dwell.dwell import (
    CountErrors,
    DwellSettings,
    bound_period_mean,
    bound_visits,
    count_errors,
    count_visits,
    estimate_mean_dwell,
    estimate_whole_visit_mean,
    measure_tracking_loss,
)
from analytics.dwell.dwell_distribution import estimate_dwell_distribution

SETTINGS = DwellSettings()


def make_stays(*rows: tuple[float, float, str, str], x_m: float = 1.0) -> pd.DataFrame:
    """Make stays at one place from rows of (entered_s, seconds, start_edge, end_edge)."""
    table = pd.DataFrame(rows, columns=["entered_s", "seconds", "start_edge", "end_edge"])
    table["visitor"] = np.arange(len(table))
    table["zone"] = "stand"
    table["left_s"] = table["entered_s"] + table["seconds"]
    table[["start_x_m", "start_y_m", "end_x_m", "end_y_m"]] = x_m
    table[["start_error_s", "end_error_s"]] = 0.0
    return table.astype({"start_edge": "str", "end_edge": "str", "seconds": "float64", "left_s": "float64"})


def join(stays: pd.DataFrame) -> pd.DataFrame:
    return join_continuations(stays=stays, settings=ContinuationSettings())


def whole(*seconds: float) -> pd.DataFrame:
    return make_stays(*[(10.0 * i, s, "seen", "seen") for i, s in enumerate(seconds)])


def mean_of(stays: pd.DataFrame, period_s: float = 60.0) -> float | None:
    return estimate_mean_dwell(
        stays=stays, minimum_stay_s=3.0, period_s=(0.0, period_s), settings=SETTINGS
    ).value


def uncut_mean_of(stays: pd.DataFrame, period_s: float = 60.0) -> float | None:
    return estimate_whole_visit_mean(
        stays=stays, minimum_stay_s=3.0, period_s=(0.0, period_s), settings=SETTINGS
    ).value


def visits_of(stays: pd.DataFrame) -> float:
    return count_visits(stays, 3.0)


def test_complete_stays_give_the_plain_mean_without_short_ones() -> None:
    stays = whole(1.0, 2.9, 4.0, 10.0, 16.0)
    assert mean_of(stays) == uncut_mean_of(stays) == pytest.approx(10.0)
    assert visits_of(stays) == 3.0


def test_a_stay_broken_into_pieces_counts_as_one() -> None:
    stays = join(make_stays((0, 20, "seen", "lost"), (21, 14, "lost", "lost"), (37, 5, "lost", "seen")))
    assert stays[["entered_s", "left_s", "seconds"]].values.tolist() == [[0.0, 42.0, 42.0]]
    assert stays[["start_edge", "end_edge"]].values.tolist() == [["seen", "seen"]]
    assert mean_of(stays) == pytest.approx(42.0)
    assert visits_of(stays) == 1.0


def test_a_piece_credited_with_its_past_overlaps_the_one_before() -> None:
    stays = join(make_stays((0, 20, "seen", "lost"), (19.8, 10, "lost", "seen")))
    assert stays["seconds"].tolist() == [pytest.approx(29.8)]


@pytest.mark.parametrize(
    ("gap_s", "way_m", "zone"), [(10.1, 0.0, "stand"), (1.0, 1.6, "stand"), (1.0, 0.0, "other")]
)
def test_late_distant_or_other_zone_stays_are_not_joined(gap_s: float, way_m: float, zone: str) -> None:
    first = make_stays((0, 20, "seen", "lost"))
    second = make_stays((20 + gap_s, 10, "lost", "seen"), x_m=1.0 + way_m).assign(zone=zone)
    assert len(join(pd.concat([first, second], ignore_index=True))) == 2


def test_the_nearer_of_two_candidates_is_continued() -> None:
    lost = make_stays((0, 20, "seen", "lost"), (0, 20.5, "seen", "lost"))
    found = make_stays((22, 8, "lost", "seen"))
    found["start_x_m"] = 1.4
    lost.loc[1, "end_x_m"] = 1.4
    joined = join(pd.concat([lost, found], ignore_index=True))
    assert joined["left_s"].tolist() == [20.0, 30.0]


def test_stays_with_seen_edges_are_not_joined() -> None:
    stays = make_stays((0, 20, "seen", "seen"), (20.5, 10, "lost", "seen"), (31, 5, "seen", "lost"))
    assert join(stays).equals(stays)


def test_those_present_at_the_edges_of_the_period_are_visits_with_their_part_in_it() -> None:
    stays = make_stays((0, 20, "period", "seen"), (5, 55, "seen", "period"), (0, 60, "period", "period"))
    assert visits_of(stays) == 3.0
    assert mean_of(stays) == pytest.approx(45.0)
    # one entry and one exit for 135 s
    assert uncut_mean_of(stays) == pytest.approx(135.0)


def test_leaving_the_view_counts_as_an_exit() -> None:
    assert uncut_mean_of(make_stays((0, 20, "view", "seen"), (5, 10, "seen", "view"))) == pytest.approx(15.0)


def test_without_an_entry_or_exit_there_is_no_mean_of_whole_visits() -> None:
    assert uncut_mean_of(make_stays((0, 60, "period", "period"))) is None
    assert mean_of(whole()) is None
    assert mean_of(whole(1.0)) is None


def test_too_few_blocks_give_no_interval_and_more_give_one_round_the_mean() -> None:
    stays = whole(*[5.0, 10.0, 20.0] * 30)
    few = estimate_mean_dwell(stays=stays, minimum_stay_s=3.0, period_s=(0.0, 80.0), settings=SETTINGS)
    assert few.interval is None
    more = estimate_mean_dwell(stays=stays, minimum_stay_s=3.0, period_s=(0.0, 900.0), settings=SETTINGS)
    assert more.interval is not None
    assert more.interval[0] < (more.value or 0.0) < more.interval[1]


def errors_of(stays: pd.DataFrame, unseen_share: float | None) -> CountErrors:
    return count_errors(
        stays=stays, joined=stays, minimum_stay_s=3.0, unseen_share=unseen_share, settings=SETTINGS
    )


def bound_visits_of(stays: pd.DataFrame, unseen_share: float | None) -> tuple[float, float]:
    found = bound_visits(visits=visits_of(stays), errors=errors_of(stays, unseen_share), settings=SETTINGS)
    assert found.interval is not None
    return found.interval


def test_the_interval_of_visits_widens_with_lost_edges_and_further_up() -> None:
    seen = bound_visits_of(whole(5.0, 10.0, 20.0), 0.1)
    stays = make_stays((0, 5, "seen", "lost"), (10, 10, "lost", "seen"), (30, 20, "seen", "seen"))
    lossy = bound_visits_of(stays, 0.1)
    assert lossy[0] < seen[0] < 3.0 < seen[1] < lossy[1]
    assert lossy[1] - 3.0 > 3.0 - lossy[0]


def test_the_interval_of_visits_widens_with_how_often_people_are_hidden() -> None:
    stays = whole(*[10.0] * 100)
    clear, hidden = bound_visits_of(stays, 0.05), bound_visits_of(stays, 0.2)
    assert hidden[0] < clear[0] < 100 < clear[1] < hidden[1]
    # 22 unseen visits: an eighth of them alike, and 0.58 of them one by one
    reach = 1.95996 * np.sqrt((0.12 * 22) ** 2 + 0.58 * 22)
    assert hidden == pytest.approx((100 - reach, 100 + reach), abs=1e-3)


def test_the_interval_widens_with_stays_that_may_be_no_visits() -> None:
    stays = whole(*[3.0] * 40).assign(probability=0.5)
    sure = whole(*[3.0] * 20)
    assert visits_of(stays) == visits_of(sure) == 20.0
    low, high = bound_visits_of(sure, 0.1)
    wide_low, wide_high = bound_visits_of(stays, 0.1)
    assert wide_high > high
    assert wide_low <= 20.0 <= wide_high
    assert wide_high - wide_low > high - low


def test_a_count_without_hidden_people_keeps_an_interval() -> None:
    low, high = bound_visits_of(whole(*[10.0] * 100), None)
    assert 97.0 < low < 98.0
    assert 102.0 < high < 103.0


def test_the_interval_of_the_periods_own_mean_widens_with_what_makes_the_number_unsure() -> None:
    def bound(errors: CountErrors) -> tuple[float, float]:
        found = bound_period_mean(
            mean_s=20.0, visits=100.0, errors=errors, minimum_stay_s=3.0, settings=SETTINGS
        )
        assert found is not None
        return found

    clear, lossy = bound(CountErrors(10.0)), bound(CountErrors(10.0, 20.0, 5.0))
    assert lossy[0] < clear[0] < 20.0 < clear[1] < lossy[1]
    reach_s = 0.2 * 1.95996 * np.sqrt((0.12 * 10.0) ** 2 + 0.47 * 10.0)
    assert clear == pytest.approx((20.0 - reach_s, 20.0 + reach_s), abs=1e-3)


def test_the_periods_own_mean_is_never_below_the_shortest_visit_and_unknown_without_visits() -> None:
    for visits, expected in ((1.0, True), (0.0, False)):
        bound = bound_period_mean(
            mean_s=3.5, visits=visits, errors=CountErrors(1.0), minimum_stay_s=3.0, settings=SETTINGS
        )
        assert (bound is not None) == expected
        assert bound is None or bound[0] == 3.0


def test_the_rate_of_losses_counts_only_lost_ends() -> None:
    stays = make_stays((0, 30, "seen", "lost"), (30, 20, "lost", "view"), (0, 50, "seen", "seen"))
    loss = measure_tracking_loss(stays=stays, mean_gap_s=2.5)
    assert loss is not None
    assert loss.per_s == pytest.approx(0.01)
    assert loss.tracked_share == pytest.approx(1 / 1.025)
    assert measure_tracking_loss(stays=whole(), mean_gap_s=0.0) is None


def test_the_distribution_of_complete_stays_is_the_empirical_one() -> None:
    distribution = estimate_dwell_distribution(stays=whole(1.0, 4.5, 8.5, 20.5, 40.5), minimum_stay_s=3.0)
    assert distribution is not None
    assert distribution.probability[[4, 8, 20, 40]] == pytest.approx([0.25] * 4, abs=1e-4)
    assert distribution.mean_s() == pytest.approx(18.5, abs=0.01)
    assert distribution.quantile_s(0.6) == pytest.approx(20.4, abs=0.05)


@pytest.mark.parametrize(
    ("seconds", "expected_s"),
    [
        ((4.5, 8.5, 20.5), 8.5),
        ((4.5, 8.5, 20.5, 40.5), 14.5),
        ((13.7, 22.1, 19.8, 12.2, 27.7, 12.4), 16.5),
        ((8.5, 8.5), 8.5),
    ],
)
def test_the_median_of_an_even_number_is_the_middle_of_two(
    seconds: tuple[float, ...], expected_s: float
) -> None:
    distribution = estimate_dwell_distribution(stays=whole(*seconds), minimum_stay_s=3.0)
    assert distribution is not None
    assert distribution.quantile_s(0.5) == pytest.approx(expected_s, abs=0.05)


def test_with_ends_cut_it_is_the_kaplan_meier_curve() -> None:
    stays = make_stays(
        (0, 5.5, "seen", "seen"),
        (0, 7.5, "seen", "lost"),
        (0, 9.5, "seen", "seen"),
        (0, 12.5, "seen", "seen"),
    )
    distribution = estimate_dwell_distribution(stays=stays, minimum_stay_s=3.0)
    assert distribution is not None
    # Kaplan and Meier: 1/4 at 5.5, then 3/4 * 1/2 at each of the two that were at risk after the loss
    assert distribution.probability[[5, 9, 12]] == pytest.approx([0.25, 0.375, 0.375], abs=1e-3)
    # half of the lost one ended there, the other half is like those from there on: p = (1/2 + p / 1.5) / 4
    distribution = estimate_dwell_distribution(stays=stays, minimum_stay_s=3.0, ended_share=0.5)
    assert distribution is not None
    assert distribution.probability[[5, 7, 9, 12]] == pytest.approx([0.25, 0.15, 0.3, 0.3], abs=1e-3)


def test_starts_not_seen_are_draws_in_proportion_to_length() -> None:
    random = np.random.default_rng(3)
    lengths = np.where(random.random(4000) < 0.8, 10.5, 50.5)
    # draw by length and cut at a uniform point: only the rest until the exit is seen
    drawn = random.choice(lengths, 4000, p=lengths / lengths.sum())
    cut = [(0.0, float(rest), "lost", "seen") for rest in drawn * random.random(4000)]
    complete = [(0.0, float(length), "seen", "seen") for length in lengths[:400]]
    stays = make_stays(*cut, *complete)
    distribution = estimate_dwell_distribution(stays=stays, minimum_stay_s=0.0)
    assert distribution is not None
    assert distribution.mean_s() == pytest.approx(18.5, rel=0.1)


def test_a_quantile_beyond_the_last_observed_end_is_unknown() -> None:
    stays = make_stays(*[(0, 5.5, "seen", "seen")] * 3, *[(0, 60.5, "seen", "period")] * 7)
    distribution = estimate_dwell_distribution(stays=stays, minimum_stay_s=3.0)
    assert distribution is not None
    assert distribution.quantile_s(0.2) is not None
    assert distribution.quantile_s(0.5) is None


def test_no_stays_have_no_distribution() -> None:
    assert estimate_dwell_distribution(stays=whole(), minimum_stay_s=3.0) is None
    assert estimate_dwell_distribution(stays=whole(1.0, 2.0), minimum_stay_s=3.0) is None
