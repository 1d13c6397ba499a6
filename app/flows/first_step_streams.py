"""The first steps of visitors as nodes and streams between them, as a Sankey diagram draws them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from analytics.flows.first_steps import CAME, LEFT, LOST, count_first_steps
from analytics.flows.ways import Ways
from app.flows.flow_figures import LEAST_COUNT, FirstSteps, Place, PlaceKind, StepNode, StepStream

MOST_ZONES = 14
"""In one column; the rest is one node."""

_KINDS = {CAME: PlaceKind.CAME, LEFT: PlaceKind.LEFT, LOST: PlaceKind.LOST}
_LAST = (PlaceKind.OTHERS, PlaceKind.LEFT, PlaceKind.LOST)
_Key = tuple[int, Place]


def arrange_first_steps(
    ways: Ways, *, names: Sequence[str], entrances: Collection[str], most_zones: int = MOST_ZONES
) -> FirstSteps:
    """Nodes and streams of ``count_first_steps``; small zones of a step are one node.

    Args:
        names: of the zones, in the order in which they stand among zones of equal size.
    """
    table = count_first_steps(ways, entrances=entrances)
    steps = [
        (int(step), _name_place(str(begin)), _name_place(str(end)), int(visitors))
        for step, begin, end, visitors in zip(
            *(table[name] for name in ("step", "from", "to", "visitors")), strict=True
        )
    ]
    sizes: Counter[_Key] = Counter()
    for step, begin, end, visitors in steps:
        sizes[step, end] += visitors
        if step == 1:
            sizes[0, begin] += visitors
    shown = _choose_shown(sizes, names, most_zones)
    nodes: Counter[_Key] = Counter()
    merged: Counter[int] = Counter()
    for (step, place), visitors in sizes.items():
        nodes[step, shown[step, place]] += visitors
        merged[step] += shown[step, place] != place
    streams: Counter[tuple[int, Place, Place]] = Counter()
    for step, begin, end, visitors in steps:
        streams[step - 1, shown[step - 1, begin], shown[step, end]] += visitors
    order = {name: index for index, name in enumerate(names)}
    return FirstSteps(
        nodes=tuple(
            StepNode(step, place, visitors, merged[step] if place.kind is PlaceKind.OTHERS else 1)
            for (step, place), visitors in sorted(
                nodes.items(),
                key=lambda item: (
                    item[0][0],
                    _LAST.index(item[0][1].kind) + 1 if item[0][1].kind in _LAST else 0,
                    -item[1],
                    order.get(item[0][1].zone, -1),
                ),
            )
        ),
        streams=tuple(
            StepStream(step, begin, end, visitors)
            for (step, begin, end), visitors in sorted(
                streams.items(), key=lambda item: (item[0][0], -item[1], item[0][1].zone, item[0][2].zone)
            )
            if visitors >= LEAST_COUNT
        ),
        thin=sum(visitors for visitors in streams.values() if visitors < LEAST_COUNT),
        unseen=int((~ways.is_start_seen).sum()),
    )


def _choose_shown(sizes: Counter[_Key], names: Sequence[str], most_zones: int) -> dict[_Key, Place]:
    """For each place at a step, what stands for it."""
    shown = {key: key[1] for key in sizes}
    for step in {key[0] for key in sizes}:
        zones = [key for key in sizes if key[0] == step and key[1].kind is PlaceKind.ZONE]
        zones.sort(key=lambda key: (-sizes[key], names.index(key[1].zone)))
        small = [
            key
            for place, key in enumerate(zones)
            if sizes[key] < LEAST_COUNT or (len(zones) > most_zones and place >= most_zones - 1)
        ]
        for key in small:
            shown[key] = Place(PlaceKind.OTHERS)
    return shown


def _name_place(state: str) -> Place:
    kind = _KINDS.get(state)
    return Place(PlaceKind.ZONE, state) if kind is None else Place(kind)
