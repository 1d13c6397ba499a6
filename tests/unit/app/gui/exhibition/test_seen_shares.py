"""Names and definitions of the two coverage columns."""

from __future__ import annotations

import pytest

from app.gui.dwell.dwell_durations import ZoneTable
from app.gui.exhibition.page import StandTable


@pytest.mark.usefixtures("qapp")
def test_coverage_columns_have_distinct_names_and_definitions() -> None:
    of_zone = next(column for column in ZoneTable().make_columns() if "seen" in column.title)
    of_stand = next(column for column in StandTable().make_columns() if "seen" in column.title)
    assert of_zone.title != of_stand.title
    assert of_zone.meaning != of_stand.meaning
    assert "time" in of_zone.meaning
    assert "floor" in of_zone.meaning
    assert "while any camera" in of_stand.meaning
