"""Colours with the same meaning in the window, in pictures and on paper."""

from __future__ import annotations

HEAT = ("#440154", "#443a83", "#31688e", "#21918c", "#35b779", "#8fd744", "#fde725")
"""From low to high: seven steps of viridis (Smith and van der Walt 2015, CC0), whose order remains visible
with every kind of colour blindness, and in grey."""

DIFFERENCE = ("#0b5fa5", "#ffffff", "#d95f02")
"""From less to more; told apart by people who see red and green alike."""
HEAT_OPACITY = 0.84
"""Opacity that leaves zones, names and walls visible."""
HEAT_FADES_BELOW = 0.3
"""Share of the scale under which colours fade; floor without visitors stays clear."""


def shade_heat(share: float, *, fades: bool = True) -> tuple[int, int, int, int]:
    """Return the colour of a value, 0 to 1 (the end of the scale): red, green, blue, opacity, 0 to 255."""
    opacity = HEAT_OPACITY * (min(max(share, 0.0) / HEAT_FADES_BELOW, 1.0) if fades else 1.0)
    return (*blend(HEAT, share), round(255 * opacity))


def blend(ramp: tuple[str, ...], share: float) -> tuple[int, int, int]:
    """Return the colour at a share, 0 to 1, of a ramp: red, green and blue, 0 to 255."""
    place = min(max(share, 0.0), 1.0) * (len(ramp) - 1)
    index = min(int(place), len(ramp) - 2)
    rest = place - index
    first, second = (_split(ramp[at]) for at in (index, index + 1))
    red, green, blue = (round(a + (b - a) * rest) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _split(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
