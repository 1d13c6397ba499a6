"""A person lost beside a companion is found beside them again."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.visitors.identification import identify_visitors
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
    """Make a person lost on a walk with a friend; the friend turns back, and two people appear."""
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


def is_joined(tracks: pd.DataFrame) -> bool:
    """Return whether the tracklet found beside the friend continues the lost one."""
    found = identify_visitors(tracks=tracks).tracks
    visitors = {int(tracklet): set(rows["visitor"]) for tracklet, rows in found.groupby("tracklet")}
    return visitors[LOST] == visitors[FOUND]


def make_second_view() -> pd.DataFrame:
    """Make the friend's track in another camera; its number sorts before all others."""
    view = walk(0, start_s=4, end_s=25, at_m=(0.0, 1.0), velocity_m_s=(1.0, 0.0), camera="another")
    view["x_m"] = np.minimum(view["time_s"], 2 * LOST_S - view["time_s"]).astype("float32")
    return view


@pytest.mark.parametrize(
    ("tracks", "expected"),
    [
        pytest.param(meet(), True, id="friend beside them"),
        pytest.param(join(meet(), make_second_view()), True, id="friend seen by two cameras"),
        pytest.param(meet(beside_m=2.5), False, id="friend too far away"),
        pytest.param(meet(friend_from_s=8.0), False, id="friend for a short time only"),
        pytest.param(meet(friend_until_s=15.0), False, id="friend left before"),
        pytest.param(meet().query("tracklet != @FRIEND"), False, id="no friend"),
    ],
)
def test_a_lost_person_is_found_beside_their_companion(tracks: pd.DataFrame, expected: bool) -> None:
    assert is_joined(tracks) == expected
