"""Chord and Sankey layouts: widths match the flows, without overlap."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.flows.flow_figures import MIN_COUNT
from app.gui.flows.flows_diagram import arrange_chord
from app.gui.flows.stream_diagram import SankeyStream, arrange_sankey
from app.gui.session.cell_text import ABSENT
from app.gui.tables.figure_table import export_count, format_count

FLOW = st.one_of(st.just(0.0), st.floats(0.5, 500.0))


@st.composite
def square_flows(draw: st.DrawFn) -> list[list[float]]:
    places = draw(st.integers(2, 6))
    return [[0.0 if row == column else draw(FLOW) for column in range(places)] for row in range(places)]


@settings(max_examples=40, deadline=None)
@given(square_flows())
def test_arcs_and_ribbons_match_the_flows_without_overlap(flows: list[list[float]]) -> None:
    layout = arrange_chord(flows, gap_share=0.1)
    total = sum(map(sum, flows))
    if not total:
        assert layout.ribbons == ()
        return
    scale = 2 * math.pi * 0.9 / total
    for place, (start_rad, end_rad) in enumerate(layout.arcs):
        assert end_rad - start_rad == pytest.approx(scale * sum(flows[place]), abs=1e-9)
    around = [angle for arc in layout.arcs for angle in arc]
    assert around == sorted(around)
    assert around[0] >= 0
    assert around[-1] <= 2 * math.pi
    pairs = {(r.one.place, r.other.place) for r in layout.ribbons}
    assert pairs == {
        (a, b) for a, b in itertools.combinations(range(len(flows)), 2) if flows[a][b] or flows[b][a]
    }
    for ribbon in layout.ribbons:
        for end, other in ((ribbon.one, ribbon.other), (ribbon.other, ribbon.one)):
            wide = scale * flows[end.place][other.place]
            assert end.end_rad - end.start_rad == pytest.approx(wide, abs=1e-9)
    for place, (start_rad, end_rad) in enumerate(layout.arcs):
        ends = sorted(
            (end.start_rad, end.end_rad)
            for ribbon in layout.ribbons
            for end in (ribbon.one, ribbon.other)
            if end.place == place
        )
        assert all(before[1] <= behind[0] + 1e-9 for before, behind in itertools.pairwise(ends))
        assert all(start_rad - 1e-9 <= end[0] and end[1] <= end_rad + 1e-9 for end in ends)


def test_ribbons_to_neighbours_do_not_cross() -> None:
    ring = [[1.0 if abs(a - b) in (1, 3) else 0.0 for b in range(4)] for a in range(4)]
    layout = arrange_chord(ring)
    for ribbon in layout.ribbons:
        between = sorted([ribbon.one.start_rad, ribbon.other.start_rad])
        for other in layout.ribbons:
            ends = [other.one.start_rad, other.other.start_rad]
            inside = [between[0] < end < between[1] for end in ends]
            assert inside[0] == inside[1] or ribbon is other


@st.composite
def ways(draw: st.DrawFn) -> list[tuple[int, int, int]]:
    return draw(st.lists(st.tuples(*[st.integers(0, 3)] * 3), min_size=1, max_size=40))


@settings(max_examples=40, deadline=None)
@given(ways())
def test_streams_match_the_flows_and_fill_their_nodes(found: list[tuple[int, int, int]]) -> None:
    sizes = [[float(sum(path[column] == node for path in found)) for node in range(4)] for column in range(3)]
    streams = [
        SankeyStream(column, a, b, float(size))
        for column in range(2)
        for a, b in itertools.product(range(4), range(4))
        if (size := sum(path[column : column + 2] == (a, b) for path in found))
    ]
    layout = arrange_sankey(sizes, streams, height=100.0, gap=8.0)
    for column, places in enumerate(layout.nodes):
        edges = [edge for place in places for edge in place]
        assert edges == sorted(edges)
        assert edges[0] >= 0
        assert edges[-1] <= 100.0 + 1e-9
        for node, (top, bottom) in enumerate(places):
            assert bottom - top == pytest.approx(layout.scale * sizes[column][node])
            for is_right in (False, True):
                if (is_right and column == 0) or (not is_right and column == 2):
                    continue
                ends = sorted(
                    band.right if is_right else band.left
                    for stream, band in zip(streams, layout.bands, strict=True)
                    if ((stream.column + 1, stream.destination) == (column, node) and is_right)
                    or ((stream.column, stream.origin) == (column, node) and not is_right)
                )
                assert sum(low - high for high, low in ends) == pytest.approx(bottom - top)
                assert all(a[1] == pytest.approx(b[0]) for a, b in itertools.pairwise(ends))
                if ends:
                    assert ends[0][0] == pytest.approx(top)


@pytest.mark.parametrize(
    ("count", "shown", "exported"),
    [(None, ABSENT, ""), (0, "0", "0"), (MIN_COUNT, str(MIN_COUNT), str(MIN_COUNT))],
)
def test_unobserved_counts_are_not_zero(count: int | None, shown: str, exported: str) -> None:
    assert (format_count(count, MIN_COUNT), export_count(count, MIN_COUNT)) == (shown, exported)


def test_small_counts_are_hidden() -> None:
    assert format_count(1, MIN_COUNT) == f"<{MIN_COUNT}"
    assert export_count(1, MIN_COUNT) == f"<{MIN_COUNT}"
