"""Strata of clips by camera, hour of the day and crowding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray
from analytics.domain.identifiers import CameraId

MIN_CLIPS = 2
"""Minimum clips of a stratum; one clip gives no variance within it (Cochran 1977, 5A.12)."""


class Crowding(StrEnum):
    """Thirds of the minutes of one camera, by people in view."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


CROWDING_ORDER = tuple(Crowding)


@dataclass(frozen=True, slots=True)
class CrowdingBounds:
    """Numbers of people in view above which a camera's minute is medium, and high."""

    medium_above: float
    high_above: float

    def classify(self, people: float) -> Crowding:
        """Return the crowding level for a number of people in view."""
        if people > self.high_above:
            return Crowding.HIGH
        return Crowding.MEDIUM if people > self.medium_above else Crowding.LOW


@dataclass(frozen=True, slots=True)
class Stratum:
    """A group of similar minutes.

    Attributes:
        hour: local hour, 0 to 23.
    """

    camera: CameraId
    hour: int
    crowding: Crowding


@dataclass(frozen=True, slots=True)
class StratumLoad:
    """The size of a stratum.

    Attributes:
        seconds: observed time of the camera, past or expected.
        people: mean number of people in view.
        crossings_per_min: counted crossings per minute of the lines that the camera sees.
    """

    stratum: Stratum
    seconds: float
    people: float
    crossings_per_min: float


def find_crowding_bounds(people: FloatArray) -> CrowdingBounds:
    """Return the terciles of people in view over a camera's minutes, shape (minutes,); NaN is not observed.

    Where most minutes are alike, two bounds may be equal, and a class stays empty.
    """
    known = people[np.isfinite(people)]
    if not len(known):
        return CrowdingBounds(np.inf, np.inf)
    medium, high = np.quantile(known, (1 / 3, 2 / 3))
    return CrowdingBounds(float(medium), float(high))


def group_minutes(
    *,
    camera: CameraId,
    hour: npt.NDArray[np.int64],
    people: FloatArray,
    crossings: FloatArray,
    observed_s: FloatArray,
    bounds: CrowdingBounds,
) -> tuple[StratumLoad, ...]:
    """Group one camera's minutes into strata, ordered by hour and crowding.

    Args:
        hour, people, crossings, observed_s: of each minute, shape (minutes,); people is NaN where the
            minute was not observed.
    """
    classes: dict[tuple[int, Crowding], list[int]] = {}
    for index in np.flatnonzero(np.isfinite(people) & (observed_s > 0)):
        key = int(hour[index]), bounds.classify(float(people[index]))
        classes.setdefault(key, []).append(int(index))
    loads = []
    for (of_hour, crowding), at in sorted(
        classes.items(), key=lambda item: (item[0][0], CROWDING_ORDER.index(item[0][1]))
    ):
        seconds = float(observed_s[at].sum())
        loads.append(
            StratumLoad(
                Stratum(camera, of_hour, crowding),
                seconds,
                float(people[at] @ observed_s[at]) / seconds,
                60.0 * float(crossings[at].sum()) / seconds,
            )
        )
    return tuple(loads)


def collapse_strata(
    strata: Sequence[Stratum], clips: Mapping[Stratum, int]
) -> tuple[tuple[Stratum, ...], ...]:
    """Merge strata until each group has ``least`` clips, so that the variance within can be estimated.

    Neighbouring hours of one camera and crowding are joined first, then the crowding of one camera, and
    cameras last; what resembles each other stays together (collapsed strata, Cochran 1977, 5A.12).

    Returns:
        Groups that together are ``strata``; without enough clips in all, one group.
    """
    ordered = sorted(strata, key=lambda s: (s.camera, CROWDING_ORDER.index(s.crowding), s.hour))
    groups: Iterable[tuple[Stratum, ...]] = [(stratum,) for stratum in ordered]
    for is_alike in (
        lambda a, b: (a.camera, a.crowding) == (b.camera, b.crowding),
        lambda a, b: a.camera == b.camera,
        lambda _a, _b: True,
    ):
        groups = _join_neighbours(list(groups), clips, MIN_CLIPS, is_alike)
    return tuple(groups)


def _join_neighbours(
    groups: list[tuple[Stratum, ...]], clips: Mapping[Stratum, int], least: int, is_alike: object
) -> list[tuple[Stratum, ...]]:
    assert callable(is_alike)

    def count(group: tuple[Stratum, ...]) -> int:
        return sum(clips.get(stratum, 0) for stratum in group)

    joined: list[tuple[Stratum, ...]] = []
    for group in groups:
        before = joined[-1] if joined else None
        if before is not None and is_alike(before[-1], group[0]) and min(count(before), count(group)) < least:
            joined[-1] = (*before, *group)
        else:
            joined.append(group)
    return joined
