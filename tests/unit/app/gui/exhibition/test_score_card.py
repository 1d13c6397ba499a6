"""The score card's figures in one column and in two."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.gui.exhibition.page import BandStrip, ScoreCard


@pytest.mark.parametrize(("width_px", "sizes"), [(900, [7]), (1800, [3, 4])])
def test_the_shown_figures_follow_each_other_without_gaps(
    qtbot: QtBot, width_px: int, sizes: list[int]
) -> None:
    card = ScoreCard()
    qtbot.addWidget(card)
    card.resize(width_px, 700)
    card.show()
    QTest.qWait(0)
    columns: dict[int, list[int]] = {}
    for strip in card.findChildren(BandStrip):
        if strip.isVisible():
            columns.setdefault(strip.x(), []).append(strip.y())
    assert sorted(map(len, columns.values())) == sizes
    for rows in columns.values():
        steps = [low - high for high, low in zip(sorted(rows), sorted(rows)[1:], strict=False)]
        assert max(steps) <= min(steps) + 2
