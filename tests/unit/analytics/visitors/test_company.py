"""Who was lost beside a companion is found beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.visitors.company import Company
from analytics.visitors.gap_stitching import compute_evidence
from analytics.visitors.identification import identify_visitors
from analytics.visitors.tracklet_ends import estimate_first_states, estimate_last_states
from analytics.visitors.tracklet_rows import read_tracklet_rows
from analytics.visitors.visitor_settings import CompanySettings, MotionSettings, StitchSettings
from tests.unit.analytics.visitors.walks import join, walk

LOST_S, FOUND_S = 10.0, 18.0
LOST, FRIEND, FOUND, ELSEWHERE = 1, 2, 3, 4


def meet(
    *,
    beside_m: float = 1.0,
    friend_from_s: float = 0.0,
    friend_until_s: float = 40.0,
    found_s: float = FOUND_S,
) -> pd.DataFrame:
    """Somebody walks along x with a friend and is lost; the friend turns back, and two people appear."""
    turned_at_m = LOST_S
    back = walk(
        FRIEND,
        start_s=LOST_S + 0.2,
        end_s=friend_until_s,
        at_m=(2 * turned_at_m, beside_m),
        velocity_m_s=(-1, 0),
    )
    there = walk(FRIEND, start_s=friend_from_s, end_s=LOST_S, at_m=(0.0, beside_m), velocity_m_s=(1.0, 0.0))
    return join(
        walk(LOST, start_s=0, end_s=LOST_S, velocity_m_s=(1.0, 0.0)),
        there,
        back,
        walk(
            FOUND, start_s=found_s, end_s=found_s + 12, at_m=(2 * turned_at_m, 0.0), velocity_m_s=(-1.0, 0.0)
        ),
        walk(ELSEWHERE, start_s=found_s, end_s=found_s + 12, at_m=(8.0, -6.0), velocity_m_s=(0.0, 0.1)),
    )


def weigh(tracks: pd.DataFrame, *, found: int = FOUND, same: tuple[int, int] = (FRIEND, FRIEND)) -> float:
    """What the friend says of it that the one who was lost is the one who was ``found``.

    Args:
        same: tracklets of one person.
    """
    rows = read_tracklet_rows(tracks)
    number = {int(one): piece for piece, one in enumerate(rows.number)}
    person = np.arange(len(rows))
    person[number[same[1]]] = person[number[same[0]]]
    _, group = np.unique(person, return_inverse=True)
    by_begin = np.lexsort((rows.time_s[rows.starts], group))
    by_end = np.lexsort((-rows.time_s[rows.ends - 1], group))
    is_head = np.append(True, np.diff(np.sort(group)) != 0)
    company = Company.of(
        rows,
        group=group,
        first_piece=by_begin[is_head],
        last_piece=by_end[is_head],
        settings=CompanySettings(),
    )
    ended, begun = number[LOST], number[found]
    gap_s = rows.time_s[rows.starts[begun]] - rows.time_s[rows.ends[ended] - 1]
    return float(company.weigh(group[[ended]], group[[begun]], np.array([gap_s]))[0])


def test_a_friend_tells_where_somebody_is_found() -> None:
    spread_m2 = CompanySettings().spread_m ** 2 + 2 * 0.15**2
    assert weigh(meet()) == pytest.approx(-np.log(2 * np.pi * spread_m2), abs=0.05)
    assert weigh(meet(), found=ELSEWHERE) < weigh(meet()) - 8


def test_a_friend_whom_two_cameras_see_is_one_friend() -> None:
    # a tracklet whose number is before all others, so that groups are counted otherwise than pieces
    other_view = walk(0, start_s=4, end_s=25, at_m=(0.0, 1.0), velocity_m_s=(1.0, 0.0), camera="another")
    other_view["x_m"] = np.minimum(other_view["time_s"], 2 * LOST_S - other_view["time_s"]).astype("float32")
    both = join(meet(), other_view)
    assert weigh(both, same=(FRIEND, 0)) == pytest.approx(weigh(meet()), abs=0.02)


@pytest.mark.parametrize(
    "tracks",
    [
        pytest.param(meet(beside_m=2.5), id="who was too far away is no friend"),
        pytest.param(meet(friend_from_s=8.0), id="nor is who was there for a moment"),
        pytest.param(meet(friend_until_s=15.0), id="who is gone tells nothing"),
        pytest.param(meet(found_s=LOST_S + 0.6), id="the own way tells more after a moment"),
    ],
)
def test_without_a_friend_nothing_is_told(tracks: pd.DataFrame) -> None:
    assert weigh(tracks) == -np.inf


def test_who_was_lost_is_joined_with_whom_the_friend_is_beside() -> None:
    found = identify_visitors(tracks=meet()).tracks
    whose = {int(tracklet): set(rows["visitor"]) for tracklet, rows in found.groupby("tracklet")}
    assert whose[LOST] == whose[FOUND]
    assert whose[LOST] != whose[FRIEND]
    alone = meet()
    found = identify_visitors(tracks=alone[alone["tracklet"] != FRIEND]).tracks
    whose = {int(tracklet): set(rows["visitor"]) for tracklet, rows in found.groupby("tracklet")}
    assert whose[LOST] != whose[FOUND]


def test_who_walked_up_to_something_may_have_stopped_behind_it() -> None:
    # lost on a walk, and found standing ten seconds later: a step farther on, or several
    tracks = join(
        walk(1, start_s=0, end_s=10, velocity_m_s=(0.8, 0.0)),
        walk(2, start_s=20, end_s=30, at_m=(8.8, 0.0)),
        walk(3, start_s=20, end_s=30, at_m=(12.0, 0.0)),
    )
    rows = read_tracklet_rows(tracks)
    last, first = estimate_last_states(rows), estimate_first_states(rows)
    near, far = compute_evidence(
        last.take(np.array([0, 0])),
        first.take(np.array([1, 2])),
        motion=MotionSettings(),
        settings=StitchSettings(),
    )
    assert near > far + 1.5
    without = compute_evidence(
        last.take(np.array([0])),
        first.take(np.array([1])),
        motion=MotionSettings(near_share=1e-9),
        settings=StitchSettings(),
    )
    assert near > without[0] + 1.0
