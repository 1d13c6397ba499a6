"""What clips are drawn from: stretches of one camera, one hour of the day and one degree of crowding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from analytics.domain.arrays import FloatArray
from analytics.domain.identifiers import CameraId

MIN_CLIPS = 2
"""Of one stratum: from a single clip nobody can say how much clips of it differ (Cochran 1977, 5A.12)."""


class Crowding(StrEnum):
    """Thirds of the minutes of one camera, by people in view."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


CROWDING_ORDER = tuple(Crowding)


@dataclass(frozen=True, slots=True)
class CrowdingBounds:
    """People in view above which a camera's minute is medium, and above which it is high."""

    medium_above: float
    high_above: float

    def classify(self, people: float) -> Crowding:
        """The degree of crowding with so many people in view."""
        if people > self.high_above:
            return Crowding.HIGH
        return Crowding.MEDIUM if people > self.medium_above else Crowding.LOW


@dataclass(frozen=True, slots=True)
class Stratum:
    """Minutes that resemble each other.

    Attributes:
        hour: of the venue's own clock, 0 to 23.
    """

    camera: CameraId
    hour: int
    crowding: Crowding


@dataclass(frozen=True, slots=True)
class StratumLoad:
    """How much of a stratum there is.

    Attributes:
        seconds: how long the camera was observed, or is going to be, in this stratum.
        people: mean number of people in view.
        crossings_per_min: counted crossings of the lines that the camera sees, a minute.
    """

    stratum: Stratum
    seconds: float
    people: float
    crossings_per_min: float


def find_crowding_bounds(people: FloatArray) -> CrowdingBounds:
    """The terciles of people in view over a camera's minutes, shape (minutes,); NaN is not observed.

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
    """The strata of one camera from its minutes, ordered by hour and crowding.

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
    strata: Sequence[Stratum], clips: Mapping[Stratum, int], *, least: int = MIN_CLIPS
) -> tuple[tuple[Stratum, ...], ...]:
    """Join strata until each group has ``least`` clips, so that the variance within can be estimated.

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
        groups = _join_neighbours(list(groups), clips, least, is_alike)
    return tuple(groups)


def _join_neighbours(
    groups: list[tuple[Stratum, ...]],
    clips: Mapping[Stratum, int],
    least: int,
    is_alike: object,
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
