from __future__ import annotations

import pytest

from analytics.domain.identifiers import CameraId
from analytics.visitors.cameras.uncorroborated_tracks import UncorroboratedTracks
from analytics.visitors.false_positives.short_false_tracks import ShortFalseTracks
from app.floor_plan.corrected_period import ListedPlace, PlaceState
from app.gui.floor_plan.text import describe_places

POSTER = ListedPlace(CameraId("north"), 9.0, 5.0, 700.0, PlaceState.LEFT_OUT, is_decided=False)
SHELF = ListedPlace(CameraId("north"), 9.0, -2.0, 240.0, PlaceState.PROPOSED, is_decided=False)
KEPT = ListedPlace(CameraId("north"), 9.0, -2.0, 240.0, PlaceState.KEPT, is_decided=True)
NONE, THREE = ShortFalseTracks(0, 0.0), ShortFalseTracks(3, 14.2)
BRIEF = "3 short false tracks left out (0:14)"


def test_uncorroborated_tracks_are_reported() -> None:
    one, two = UncorroboratedTracks(1, 61.0), UncorroboratedTracks(2, 3600.0)
    assert describe_places((), NONE, one) == ("1 track not confirmed by other cameras left out (1:01)")
    assert describe_places((), THREE, two) == (
        f"{BRIEF}; 2 tracks not confirmed by other cameras left out (1:00:00)"
    )


@pytest.mark.parametrize(
    ("places", "short_false_tracks", "text"),
    [
        ((), None, "No data for this period."),
        ((), NONE, "No questionable stationary detections in this period."),
        ((), THREE, BRIEF),
        ((), ShortFalseTracks(1, 4.0), "1 short false track left out (0:04)"),
        ((KEPT,), NONE, "All places were confirmed as people."),
        (
            (SHELF, POSTER),
            THREE,
            f"1 place to be decided; 1 place without a person left out (11:40); {BRIEF}",
        ),
        ((SHELF,), None, "1 place to be decided"),
    ],
)
def test_places_and_short_false_tracks_are_reported(
    places: tuple[ListedPlace, ...], short_false_tracks: ShortFalseTracks | None, text: str
) -> None:
    assert describe_places(places, short_false_tracks) == text
