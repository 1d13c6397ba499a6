"""Decisions about false-person places."""

from __future__ import annotations

import pandas as pd

from analytics.domain.identifiers import CameraId
from analytics.visitors.false_positives.corrections import (
    Corrections,
    DecidedPlace,
    PlaceVerdict,
    correct_tracks,
)
from tests.unit.analytics.visitors.test_false_persons import join, make_poster, make_visitor


def decide(verdict: PlaceVerdict, *, x_m: float = 3.0, camera: str = "cam") -> Corrections:
    return Corrections((DecidedPlace(CameraId(camera), x_m, 4.0, 0.5, verdict),))


def make_broken_visitor() -> pd.DataFrame:
    """Make a visitor who stands for 300 s; the middle is a tracklet of its own."""
    whole = make_visitor(tracklet=1, from_s=0, stands_s=300)
    begin_s = float(whole["time_s"].iloc[0]) + 60
    whole.loc[whole["time_s"] > begin_s, "tracklet"] = 2
    whole.loc[whole["time_s"] > begin_s + 150, "tracklet"] = 3
    return whole


def test_a_poster_is_excluded_unless_marked_as_a_person() -> None:
    tracks = join(
        make_poster(tracklet=1, from_s=0, seconds=100),
        make_visitor(tracklet=2, from_s=200, stands_s=9),
        make_poster(tracklet=3, from_s=300, seconds=100),
    )
    corrected = correct_tracks(tracks=tracks)
    assert set(corrected.tracks["tracklet"]) == {2}
    assert len(corrected.excluded) == 1
    assert corrected.proposed == ()
    restored = correct_tracks(tracks=tracks, corrections=decide(PlaceVerdict.PERSON))
    assert set(restored.tracks["tracklet"]) == {1, 2, 3}
    assert restored.excluded == restored.proposed == ()


def test_an_uncertain_place_is_proposed_and_left_out_only_once_decided() -> None:
    tracks = make_broken_visitor()
    corrected = correct_tracks(tracks=tracks)
    assert len(corrected.proposed) == 1
    assert len(corrected.tracks) == len(tracks)
    decided = correct_tracks(tracks=tracks, corrections=decide(PlaceVerdict.NOT_A_PERSON))
    assert (decided.tracks["tracklet"] != 2).all()
    assert decided.tracks["time_s"].diff().max() > 290
    assert len(decided.excluded) == 1


def test_a_decided_place_holds_for_a_brief_sighting_too() -> None:
    tracks = make_poster(tracklet=1, from_s=0, seconds=20)
    assert len(correct_tracks(tracks=tracks).tracks) == len(tracks)
    assert len(correct_tracks(tracks=tracks, corrections=decide(PlaceVerdict.NOT_A_PERSON)).tracks) == 0


def test_a_decision_reaches_neither_another_place_nor_another_camera() -> None:
    tracks = make_poster(tracklet=1, from_s=0, seconds=20)
    for corrections in (
        decide(PlaceVerdict.NOT_A_PERSON, x_m=5.0),
        decide(PlaceVerdict.NOT_A_PERSON, camera="another"),
    ):
        assert len(correct_tracks(tracks=tracks, corrections=corrections).tracks) == len(tracks)


def test_a_decision_is_taken_back_where_it_was_made() -> None:
    decided = decide(PlaceVerdict.NOT_A_PERSON)
    near = DecidedPlace(CameraId("cam"), 3.2, 4.0, 0.5, PlaceVerdict.PERSON)
    far = DecidedPlace(CameraId("cam"), 5.0, 4.0, 0.5, PlaceVerdict.PERSON)
    assert decided.forget(near).places == ()
    assert decided.forget(far) == decided
    assert decided.decide(near).places == (near,)
