"""Finds posters, mannequins and coat stands that a detector takes for people: they never move.

A standing visitor and a poster look alike for a minute. They differ in how they come and go: a visitor walks
up and away, or is lost in the crowd and found again beside the spot; a poster appears and disappears where it
is, and returns to the very same place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analytics.columns import TRACK_COLUMNS, require_columns
from analytics.domain.arrays import BoolArray, FloatArray, IntArray
from analytics.domain.identifiers import CameraId
from analytics.visitors.tracklet_rows import sort_by_piece


@dataclass(frozen=True, slots=True)
class FalsePersonSettings:
    """When a tracked object is no person.

    Attributes:
        shortest_s: minimum time at a place, over all pieces of track together.
        still_m, still_sigmas: nine tenths of the 5 s means of an object that never moves stay within this
            distance of their median, the larger of the two; the second in position errors. Standing people
            shift their weight and turn. In 47 tracked scenes of 8 minutes by four authors, 97 pieces of 20 s
            or more were as still, 5 of them of people.
        drift_m: the same for pieces left out at a detected place, where a passer-by in front of
            a poster may drag its box along.
        rest_s: a track that rests this long at a detected object shows that object, no longer the walker.
            Of 5,100 such rows in 55 scenes of four authors none was a person's.
        place_m: pieces whose medians are closer are at one place.
        broken_s, broken_m: another track that ends so shortly before and so near, or begins so shortly after,
            explains the piece as a broken identity.
        unexplained_share: minimum share of a place's seconds without such an explanation for the place to be
            certain. Over the days of the demonstration (27 h of a crowd without posters) no place exceeds
            0.61.
        back_after_s, back_within_m: the object must also have been lost for so long and seen again so near,
            by unexplained pieces of ``rest_s`` each: somebody who stands for ten minutes and is hidden for a
            while looks like a poster seen once. In 32 scenes of 20 minutes, by both simulators, 403 people
            stood for two minutes and 26 for ten, and none was certain. Of 22 banners in scenes not used for
            tuning, 21 were found and 17 certain by then.
        vanished_s, watched_s: or one piece must have lasted so long, with the camera watching for so long
            before and after: people do not appear out of nothing, stand still for two minutes and vanish. In
            41 scenes of 8 minutes by four authors all 12 such pieces were of objects, and no person's piece
            came near in eight scenes of 20 minutes.
            An explained place with an object still for ``vanished_s`` is proposed for checking.
        always_s: or have been seen for so long; people do not stand still for a quarter of an hour.
    """

    shortest_s: float = 60.0
    still_m: float = 0.12
    still_sigmas: float = 0.6
    drift_m: float = 0.2
    rest_s: float = 20.0
    place_m: float = 0.5
    broken_s: float = 10.0
    broken_m: float = 1.2
    unexplained_share: float = 0.8
    back_within_m: float = 0.15
    vanished_s: float = 120.0
    always_s: float = 900.0


FALSE_PERSON = FalsePersonSettings()


@dataclass(frozen=True, slots=True)
class FalsePlace:
    """A place on the floor where one camera sees something that never moves.

    Attributes:
        radius_m: within it, anything that never moves counts as the same object.
        seconds: total time seen.
        pieces: number of pieces of track.
        is_certain: not explicable as a person; otherwise a user should check it.
    """

    camera: CameraId
    x_m: float
    y_m: float
    radius_m: float
    seconds: float
    pieces: int
    first_s: float
    last_s: float
    is_certain: bool

    def holds(self, x_m: float, y_m: float) -> bool:
        """Return whether a floor point is at this place."""
        return float(np.hypot(x_m - self.x_m, y_m - self.y_m)) <= self.radius_m


MEAN_OVER_S = 5.0
STRAY_SHARE = 0.1
"""Share of the means that may be anywhere: a passer-by drags the box of a poster along, and the longest
distance grows with time by chance."""


def find_false_places(*, tracks: pd.DataFrame, pieces: pd.DataFrame | None = None) -> tuple[FalsePlace, ...]:
    """Find the places where something never moves, the longest seen first.

    Args:
        tracks: columns of ``TRACK_COLUMNS``; one person is one ``visitor``, or one ``tracklet`` if unknown.
        pieces: result of `measure_pieces`, if already known.

    Raises:
        ExpoFlowError: a column is missing.
    """
    pieces = measure_pieces(tracks) if pieces is None else pieces
    still = pieces[_is_still(pieces, FALSE_PERSON.still_m, FALSE_PERSON.still_sigmas)]
    still = still.sort_values("seconds", ascending=False, kind="stable")
    is_explained = _find_explained(still, pieces)
    places = []
    taken = np.zeros(len(still), bool)
    x_m, y_m = still["x_m"].to_numpy(), still["y_m"].to_numpy()
    camera, seconds = still["camera"].to_numpy(object), still["seconds"].to_numpy()
    for index in range(len(still)):
        if taken[index]:
            continue
        near = np.hypot(x_m - x_m[index], y_m - y_m[index]) <= FALSE_PERSON.place_m
        members = np.flatnonzero(near & ~taken & (camera == camera[index]))
        taken[members] = True
        total_s = float(seconds[members].sum())
        if total_s < FALSE_PERSON.shortest_s:
            continue
        unexplained = still.iloc[members[~is_explained[members]]]
        is_certain = _is_certain(unexplained, pieces, total_s)
        if not is_certain and total_s < FALSE_PERSON.vanished_s:
            continue
        chosen = still.iloc[members]
        places.append(
            FalsePlace(
                camera=CameraId(str(camera[index])),
                x_m=round(float(np.average(x_m[members], weights=seconds[members])), 3),
                y_m=round(float(np.average(y_m[members], weights=seconds[members])), 3),
                radius_m=FALSE_PERSON.place_m,
                seconds=round(total_s, 3),
                pieces=len(members),
                first_s=float(chosen["start_s"].min()),
                last_s=float(chosen["end_s"].max()),
                is_certain=is_certain,
            )
        )
    return tuple(sorted(places, key=lambda place: (-place.seconds, place.camera, place.x_m, place.y_m)))


def exclude_false_persons(
    *, tracks: pd.DataFrame, places: Sequence[FalsePlace], pieces: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the tracks without those that never move and are at one of the places.

    People who stop at such a place are kept: they came and went. `cut_out_hijacks` removes the parts of their
    tracks held by an object.

    Args:
        pieces: result of `measure_pieces`, if already known.
    """
    if not places or not len(tracks):
        return tracks
    pieces = measure_pieces(tracks) if pieces is None else pieces
    still = pieces[_is_still(pieces, FALSE_PERSON.drift_m, FALSE_PERSON.still_sigmas)]
    is_false = [
        any(place.camera == camera and place.holds(x_m, y_m) for place in places)
        for camera, x_m, y_m in zip(still["camera"], still["x_m"], still["y_m"], strict=True)
    ]
    persons = still.index.to_numpy(np.int64)[np.array(is_false, bool)]
    return tracks[~np.isin(_person_of(tracks), persons)] if len(persons) else tracks


def _person_of(tracks: pd.DataFrame) -> IntArray:
    """Return one number for each person; tracklets without a visitor get numbers of their own."""
    visitor = tracks["visitor"].astype("Int64")
    is_missing = visitor.isna().to_numpy()
    tracklet = tracks["tracklet"].to_numpy(np.int64)
    return np.where(is_missing, -1 - tracklet, visitor.to_numpy(np.int64, na_value=0))


def _is_still(pieces: pd.DataFrame, drift_m: float, sigmas: float) -> pd.Series:
    limit_m = np.maximum(drift_m, sigmas * pieces["sigma_m"])
    is_still = (pieces["drift_m"] <= limit_m) & (pieces["seconds"] >= MEAN_OVER_S)
    # whoever walked up or walks away is a person, however short the way
    for x_m, y_m in (("start_x_m", "start_y_m"), ("end_x_m", "end_y_m")):
        is_still &= np.hypot(pieces[x_m] - pieces["x_m"], pieces[y_m] - pieces["y_m"]) <= FALSE_PERSON.place_m
    return is_still


def measure_pieces(tracks: pd.DataFrame) -> pd.DataFrame:
    """Measure each person's duration, ends, median place and drift from it; indexed by person.

    Rows without a finite time and position are left out.

    Raises:
        ExpoFlowError: a column is missing.
    """
    require_columns(tracks, TRACK_COLUMNS)
    time_s, x_m, y_m = (tracks[name].to_numpy(np.float64) for name in ("time_s", "x_m", "y_m"))
    usable = np.flatnonzero(np.isfinite(time_s) & np.isfinite(x_m) & np.isfinite(y_m))
    person, persons = pd.factorize(_person_of(tracks)[usable], sort=True)
    order = usable[sort_by_piece(person, time_s[usable])]
    time_s, x_m, y_m = time_s[order], x_m[order], y_m[order]
    count = np.bincount(person, minlength=len(persons))
    last = np.cumsum(count) - 1
    first = last - count + 1
    person = np.repeat(np.arange(len(persons)), count)
    sigma_m = np.nan_to_num(tracks["sigma_m"].to_numpy(np.float64)[order])
    # means over 5 s, so that the noise of single positions does not count as moving
    cell = np.floor(time_s / MEAN_OVER_S)
    is_new = np.append(True, (np.diff(cell) != 0) | (np.diff(person) != 0))[: len(cell)]
    begins = np.flatnonzero(is_new)
    rows = np.diff(np.append(begins, len(cell)))
    of_person = person[begins]
    means = [np.add.reduceat(values, begins) / rows if len(begins) else values for values in (x_m, y_m)]
    centre = [_find_medians(of_person, values) for values in means]
    distance_m = np.hypot(means[0] - centre[0][of_person], means[1] - centre[1][of_person])
    return pd.DataFrame(
        {
            "start_s": time_s[first],
            "end_s": time_s[last],
            "start_x_m": x_m[first],
            "start_y_m": y_m[first],
            "end_x_m": x_m[last],
            "end_y_m": y_m[last],
            "sigma_m": _find_medians(person, sigma_m),
            "camera": tracks["camera"].take(order[first]).astype(str).to_numpy(object),
            "x_m": centre[0],
            "y_m": centre[1],
            "seconds": time_s[last] - time_s[first],
            "drift_m": _find_drift(of_person, distance_m),
        },
        index=pd.Index(persons, name="person"),
    )


def _find_drift(person: IntArray, distance_m: FloatArray) -> FloatArray:
    """Return the distance from the centre of all but the farthest tenth, for each person 0, 1, … in order."""
    count = np.bincount(person)
    farthest = np.cumsum(count) - 1 - np.floor(count * STRAY_SHARE).astype(np.int64)
    return np.asarray(distance_m[np.lexsort((distance_m, person))[farthest]], np.float64)


def _find_medians(person: IntArray, values: FloatArray) -> FloatArray:
    """Return the median of each person's values; persons are 0, 1, … in order, each with a value."""
    return np.asarray(pd.Series(values).groupby(person, sort=False).median(), np.float64)


def _is_certain(unexplained: pd.DataFrame, pieces: pd.DataFrame, total_s: float) -> bool:
    """Return whether a place can hold no person, given its pieces that no broken track explains."""
    if unexplained["seconds"].sum() < FALSE_PERSON.unexplained_share * total_s:
        return False
    if unexplained["seconds"].sum() >= FALSE_PERSON.always_s:
        return True
    return _came_back(unexplained) or _vanished(unexplained, pieces)


def _came_back(unexplained: pd.DataFrame) -> bool:
    """Return whether one of the pieces begins where another ended long before."""
    long = unexplained[unexplained["seconds"] >= FALSE_PERSON.rest_s]
    start_s, end_s, x_m, y_m, sigma_m = long[["start_s", "end_s", "x_m", "y_m", "sigma_m"]].to_numpy().T
    limit_m = np.maximum(FALSE_PERSON.back_within_m, FALSE_PERSON.still_sigmas * sigma_m)
    is_near = np.hypot(x_m[:, None] - x_m, y_m[:, None] - y_m) <= limit_m
    is_back = start_s[:, None] - end_s >= FALSE_PERSON.shortest_s
    return bool((is_near & is_back).any())


def _vanished(unexplained: pd.DataFrame, pieces: pd.DataFrame) -> bool:
    """Return whether a piece appeared and vanished while the camera was seeing other people."""
    long = unexplained[unexplained["seconds"] >= FALSE_PERSON.vanished_s]
    for camera, start_s, end_s in zip(long["camera"], long["start_s"], long["end_s"], strict=True):
        others = pieces[pieces["camera"] == camera]
        if all(
            ((others["start_s"] <= at_s) & (others["end_s"] >= at_s)).any()
            for at_s in (start_s - FALSE_PERSON.broken_s, end_s + FALSE_PERSON.broken_s)
        ):
            return True
    return False


def _find_explained(still: pd.DataFrame, pieces: pd.DataFrame) -> BoolArray:
    """Return which still pieces follow a lost track or continue in one: broken identities of people.

    A person who stands long may break more than once, so a piece beside an explained one is explained too.
    """
    moving = pieces[~pieces.index.isin(still.index)]
    starts = np.concatenate([moving["start_s"].to_numpy(), still["start_s"].to_numpy()])
    ends = np.concatenate([moving["end_s"].to_numpy(), still["end_s"].to_numpy()])
    starts_at = np.concatenate([part[["start_x_m", "start_y_m"]].to_numpy() for part in (moving, still)])
    ends_at = np.concatenate([part[["end_x_m", "end_y_m"]].to_numpy() for part in (moving, still)])
    linked = []
    for piece in still[["start_s", "end_s", "x_m", "y_m"]].to_numpy(np.float64):
        start_s, end_s, place = piece[0], piece[1], piece[2:]
        follows = np.abs(start_s - ends) <= FALSE_PERSON.broken_s
        follows &= np.hypot(*(ends_at - place).T) <= FALSE_PERSON.broken_m
        goes_on = np.abs(starts - end_s) <= FALSE_PERSON.broken_s
        goes_on &= np.hypot(*(starts_at - place).T) <= FALSE_PERSON.broken_m
        linked.append(follows | goes_on)
    links = np.array(linked, bool).reshape(len(still), len(starts))
    explained = links[:, : len(moving)].any(axis=1)
    beside = links[:, len(moving) :]
    while True:
        spread = explained | beside[:, explained].any(axis=1)
        if (spread == explained).all():
            return np.asarray(explained, np.bool_)
        explained = spread
