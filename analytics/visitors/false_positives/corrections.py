"""User decisions about tracks: places that hold no person or no door, and the exclusion of staff."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from analytics.domain.floor_geometry import Point
from analytics.domain.identifiers import CameraId

if TYPE_CHECKING:
    import pandas as pd

    from analytics.visitors.false_positives.false_persons import FalsePlace


class PlaceVerdict(StrEnum):
    """A user's decision about a place."""

    NOT_A_PERSON = "not_a_person"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class DecidedPlace:
    """A place of one camera with a decision; ``radius_m`` is the decision's reach."""

    camera: CameraId
    x_m: float
    y_m: float
    radius_m: float
    verdict: PlaceVerdict

    def concerns(self, place: FalsePlace) -> bool:
        """Return whether a detected place is covered by this decision."""
        if place.camera != self.camera:
            return False
        return math.hypot(place.x_m - self.x_m, place.y_m - self.y_m) <= self.radius_m


@dataclass(frozen=True, slots=True)
class Corrections:
    """The decisions of a venue.

    Attributes:
        excludes_staff: people proposed as staff are left out of every figure.
        not_doors: places at which people appear and disappear, though there is no door.
    """

    places: tuple[DecidedPlace, ...] = ()
    excludes_staff: bool = False
    not_doors: tuple[Point, ...] = ()

    def find_verdict(self, place: FalsePlace) -> PlaceVerdict | None:
        """Return the decision about a detected place; "person" takes precedence."""
        verdicts = [decided.verdict for decided in self.places if decided.concerns(place)]
        if PlaceVerdict.PERSON in verdicts:
            return PlaceVerdict.PERSON
        return verdicts[0] if verdicts else None

    def decide(self, decision: DecidedPlace) -> Corrections:
        """Return the corrections with a decision that replaces earlier ones of the same place."""
        return replace(self, places=(*self.forget(decision).places, decision))

    def forget(self, decision: DecidedPlace) -> Corrections:
        """Return the corrections without the decisions about a place."""
        kept = tuple(
            place
            for place in self.places
            if place.camera != decision.camera
            or math.hypot(place.x_m - decision.x_m, place.y_m - decision.y_m) > decision.radius_m
        )
        return replace(self, places=kept)


NO_CORRECTIONS = Corrections()


@dataclass(frozen=True, slots=True, eq=False)
class CorrectedTracks:
    """The tracks of people, and the places left out or kept.

    Attributes:
        excluded: left out of every figure, by decision or because there is no evidence of a person.
        proposed: kept; a user should check them.
        accepted: kept, as a user decided that it is a person.
        kept: all places decided to be a person's, or still undecided.
    """

    tracks: pd.DataFrame
    excluded: tuple[FalsePlace, ...]
    proposed: tuple[FalsePlace, ...]
    accepted: tuple[FalsePlace, ...]
    kept: tuple[FalsePlace, ...]


def correct_tracks(*, tracks: pd.DataFrame, corrections: Corrections = NO_CORRECTIONS) -> CorrectedTracks:
    """Leave out false persons: certain places unless a user decided otherwise, and decided ones.

    Args:
        tracks: columns of ``TRACK_COLUMNS``, before identities are joined: a poster must not be stitched to
            the visitor who stops in front of it.
    """
    # a window that opens before pandas is loaded reads a venue's file
    from analytics.visitors.false_positives.false_persons import (
        exclude_false_persons,
        find_false_places,
        measure_pieces,
    )
    from analytics.visitors.false_positives.static_object_hijacks import cut_out_hijacks

    excluded, proposed, accepted = [], [], []
    pieces = measure_pieces(tracks)
    found = find_false_places(tracks=tracks, pieces=pieces)
    for place in found:
        verdict = corrections.find_verdict(place)
        if verdict is PlaceVerdict.PERSON:
            accepted.append(place)
        elif verdict is PlaceVerdict.NOT_A_PERSON or place.is_certain:
            excluded.append(place)
        else:
            proposed.append(place)
    # a decision also holds where the object was seen too briefly to be detected
    everywhere = [*excluded, *_as_places(corrections.places, found, PlaceVerdict.NOT_A_PERSON)]
    of_people = exclude_false_persons(tracks=tracks, places=everywhere, pieces=pieces)
    of_people = cut_out_hijacks(tracks=of_people, places=everywhere)
    kept = [*proposed, *accepted, *_as_places(corrections.places, found, PlaceVerdict.PERSON)]
    return CorrectedTracks(of_people, tuple(excluded), tuple(proposed), tuple(accepted), tuple(kept))


def _as_places(
    decided: Sequence[DecidedPlace], found: Sequence[FalsePlace], verdict: PlaceVerdict
) -> list[FalsePlace]:
    from analytics.visitors.false_positives.false_persons import FalsePlace

    return [
        FalsePlace(one.camera, one.x_m, one.y_m, one.radius_m, 0.0, 0, 0.0, 0.0, is_certain=True)
        for one in decided
        if one.verdict is verdict and not any(one.concerns(place) for place in found)
    ]
