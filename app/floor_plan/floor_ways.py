"""The ways that people take over a floor, as a plan draws them."""

from __future__ import annotations

from dataclasses import dataclass

from analytics.domain.arrays import FloatArray

Period = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Arrows:
    """Where those who walk head for; arrays of shape (n,).

    Attributes:
        vx_m_s, vy_m_s: mean velocity.
        agreement: 0, all ways alike, to 1, one way.
    """

    x_m: FloatArray
    y_m: FloatArray
    vx_m_s: FloatArray
    vy_m_s: FloatArray
    agreement: FloatArray


@dataclass(frozen=True, slots=True)
class RouteLine:
    """A step from zone to zone that many take.

    Attributes:
        from_zone, to_zone: their names.
        start, end: the middles of the zones, metres.
        visitors: who took it, at least five.
        share: of the visitors of at least one zone.
    """

    from_zone: str
    to_zone: str
    start: tuple[float, float]
    end: tuple[float, float]
    visitors: int
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class FloorWays:
    """Of a period.

    Attributes:
        routes: the most frequent first.
        paths: a sample of walked paths, each of shape (n, 2) in metres; nothing tells whose they are.
        paths_s: the time that they are of, seconds since the epoch: of a long period its last hours.
        people: of whom they are the sample.
    """

    arrows: Arrows
    routes: tuple[RouteLine, ...]
    paths: tuple[FloatArray, ...]
    paths_s: Period
    people: int
