"""What holds for whatever tracklets come: nobody is two, nobody is twice, and order does not matter."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.visitors.identification import identify_visitors
from tests.unit.analytics.visitors.walks import join, walk

TRACKLETS = st.lists(
    st.builds(
        dict,
        start_s=st.integers(0, 200).map(lambda tenths: tenths / 5),
        lasts_s=st.integers(0, 60).map(lambda tenths: tenths / 5),
        at_m=st.tuples(st.floats(0, 6), st.floats(0, 4)),
        velocity_m_s=st.tuples(st.floats(-1.2, 1.2), st.floats(-1.2, 1.2)),
        camera=st.sampled_from(["north", "south"]),
        sigma_m=st.sampled_from([0.05, 0.2, 0.6]),
    ),
    min_size=1,
    max_size=14,
)


def make_tracks(tracklets: list[dict[str, object]]) -> pd.DataFrame:
    pieces = []
    for number, given_ in enumerate(tracklets, start=1):
        chosen = dict(given_)
        start_s, velocity, at_m = chosen["start_s"], chosen["velocity_m_s"], chosen["at_m"]
        assert isinstance(start_s, float)
        assert isinstance(velocity, tuple)
        assert isinstance(at_m, tuple)
        origin = (at_m[0] - velocity[0] * start_s, at_m[1] - velocity[1] * start_s)
        end_s = start_s + chosen.pop("lasts_s")
        chosen |= {"at_m": origin, "end_s": end_s, "seed": number}
        pieces.append(walk(number, **chosen))  # type: ignore[arg-type]
    return join(*pieces)


@settings(deadline=None, max_examples=40)
@given(tracklets=TRACKLETS)
def test_identities_are_consistent(tracklets: list[dict[str, object]]) -> None:
    tracks = make_tracks(tracklets)
    result = identify_visitors(tracks=tracks)
    assert result.tracks["visitor"].notna().all()
    assert not result.tracks.duplicated(["visitor", "time_s"]).any()
    assert not result.tracks.duplicated(["tracklet", "time_s"]).any()
    seen = tracks.groupby("tracklet")["time_s"].agg(["min", "max"])
    for visitor, rows in result.tracks.groupby("visitor"):
        members = rows["tracklet"].unique()
        assert rows["time_s"].min() >= seen.loc[members, "min"].min(), visitor
        assert rows["time_s"].is_monotonic_increasing
    assert result.tracks["time_s"].max() == tracks["time_s"].max()
    assert result.links["confidence"].between(0, 1).all()


@settings(deadline=None, max_examples=25)
@given(tracklets=TRACKLETS, seed=st.integers(0, 1000))
def test_the_order_of_rows_does_not_matter(tracklets: list[dict[str, object]], seed: int) -> None:
    tracks = make_tracks(tracklets)
    shuffled = tracks.iloc[np.random.default_rng(seed).permutation(len(tracks))].reset_index(drop=True)
    one, other = identify_visitors(tracks=tracks), identify_visitors(tracks=shuffled)
    pd.testing.assert_frame_equal(one.tracks, other.tracks)
    pd.testing.assert_frame_equal(one.links, other.links)
