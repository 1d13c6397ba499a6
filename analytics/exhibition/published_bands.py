"""Published values of exhibitions with their sources, for reading a figure; they are no targets."""

from __future__ import annotations

from dataclasses import dataclass

FT2_M2 = 0.09290304
"""One square foot, m²."""


@dataclass(frozen=True, slots=True)
class PublishedBand:
    """A published value or range.

    Attributes:
        low, high: the range; None if only one value was published.
        typical: the value; None if only a range was published.
        source: author, year and subject.
    """

    unit: str
    low: float | None
    high: float | None
    typical: float | None
    source: str


SWEEP_RATE = PublishedBand(
    unit="m²/min",
    low=200 * FT2_M2,
    high=400 * FT2_M2,
    typical=None,
    source="Serrell 1998, Paying Attention; lower is more thorough use",
)
DILIGENT_VISITORS = PublishedBand(
    unit="share",
    low=0.23,
    high=0.39,
    typical=0.30,
    source="Castro, Botella and Asensio 2016: 30 % of the visitors, 95 % interval 23 to 39 %",
)
STOPS_PER_ELEMENT = PublishedBand(
    unit="share", low=None, high=None, typical=0.35, source="Castro, Botella and Asensio 2016"
)
MINUTES_PER_100_M2 = PublishedBand(
    unit="min per 100 m²", low=None, high=None, typical=4.07, source="Castro, Botella and Asensio 2016"
)
TRAFFIC_DENSITY = PublishedBand(
    unit="visitors per 100 ft²",
    low=None,
    high=None,
    typical=2.3,
    source="Exhibit Surveys 2007: mean of trade shows, on the stands' own floor",
)
