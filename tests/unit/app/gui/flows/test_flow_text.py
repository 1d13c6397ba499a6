"""How counts of flows are shown and exported."""

from __future__ import annotations

import pytest

from app.gui.flows.flow_text import LEAST_COUNT, export_count, format_count
from app.gui.session.cell_text import ABSENT


@pytest.mark.parametrize(
    ("count", "shown", "exported"),
    [(None, ABSENT, ""), (0, "0", "0"), (LEAST_COUNT, str(LEAST_COUNT), str(LEAST_COUNT))],
)
def test_what_nobody_looked_at_is_not_zero(count: int | None, shown: str, exported: str) -> None:
    assert (format_count(count), export_count(count)) == (shown, exported)


def test_few_are_said_to_be_few() -> None:
    assert format_count(1) != "1"
    assert export_count(1) == f"<{LEAST_COUNT}"
