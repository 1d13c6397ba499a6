"""Where the nodes and streams of a Sankey diagram lie: heights only, drawn by whoever wants to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_LARGEST_GAPS = 0.4
"""Of the height may be left between nodes, so that many small ones leave room for themselves."""


@dataclass(frozen=True, slots=True)
class SankeyStream:
    """A stream between a node of ``column`` and one of the next, by their numbers in their columns."""

    column: int
    origin: int
    destination: int
    size: float


@dataclass(frozen=True, slots=True)
class SankeyBand:
    """Where a stream begins and ends: from top to bottom at the one node and at the other."""

    left: tuple[float, float]
    right: tuple[float, float]


@dataclass(frozen=True, slots=True)
class SankeyLayout:
    """``scale``: height of one; ``nodes``: (top, bottom) by column; ``bands``: one for each stream."""

    scale: float
    nodes: tuple[tuple[tuple[float, float], ...], ...]
    bands: tuple[SankeyBand, ...]


def arrange_sankey(
    sizes: Sequence[Sequence[float]], streams: Sequence[SankeyStream], *, height: float, gap: float
) -> SankeyLayout:
    """Nodes below each other in the order given, and streams side by side at their ends.

    One scale holds for all columns, so that the same width is the same number everywhere. At a node streams
    lie in the order of what is at their other end. Where streams are fewer than a node's size, the rest of
    its height stays free.

    Args:
        sizes: of the nodes, by column; those of a node's streams on one side are together no larger.
        height: of the whole, and ``gap`` between two nodes, which shrinks where there are many.
    """
    most = max((len(column) for column in sizes), default=0)
    if most > 1:
        gap = min(gap, _LARGEST_GAPS * height / (most - 1))
    scales = [(height - gap * (len(column) - 1)) / sum(column) for column in sizes if sum(column) > 0]
    scale = min(scales, default=0.0)
    nodes: list[tuple[tuple[float, float], ...]] = []
    for column in sizes:
        at, places = 0.0, []
        for size in column:
            places.append((at, at + scale * size))
            at += scale * size + gap
        nodes.append(tuple(places))
    left = _stack(nodes, streams, scale, is_right=False)
    right = _stack(nodes, streams, scale, is_right=True)
    return SankeyLayout(
        scale, tuple(nodes), tuple(SankeyBand(*ends) for ends in zip(left, right, strict=True))
    )


def _stack(
    nodes: Sequence[Sequence[tuple[float, float]]],
    streams: Sequence[SankeyStream],
    scale: float,
    *,
    is_right: bool,
) -> list[tuple[float, float]]:
    """Top and bottom of each stream at one of its ends."""
    filled: dict[tuple[int, int], float] = {}
    found = [(0.0, 0.0)] * len(streams)
    for number in sorted(
        range(len(streams)), key=lambda n: streams[n].origin if is_right else streams[n].destination
    ):
        stream = streams[number]
        node = (stream.column + 1, stream.destination) if is_right else (stream.column, stream.origin)
        top = filled.get(node, nodes[node[0]][node[1]][0])
        filled[node] = top + scale * stream.size
        found[number] = (top, filled[node])
    return found
