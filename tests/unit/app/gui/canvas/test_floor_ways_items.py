"""How ways are laid over a floor."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QApplication

from app.floor_plan.floor_map import RouteLine
from app.gui.canvas.floor_plan_items import RoutesItem, bend_route


def test_there_and_back_lie_beside_one_another() -> None:
    there, back = bend_route((0.0, 0.0), (10.0, 0.0)), bend_route((10.0, 0.0), (0.0, 0.0))
    assert there[:, 1].min() == pytest.approx(-0.9, abs=0.02)
    assert back[:, 1].max() == pytest.approx(0.9, abs=0.02)
    assert (np.diff(there[:, 0]) > 0).all()
    assert there[0, 0] > 0.5
    assert there[-1, 0] < 9.5


def test_the_route_below_the_pointer_is_the_nearest_one(qapp: QApplication) -> None:
    item = RoutesItem()
    there = RouteLine("A", "B", (0.0, 0.0), (10.0, 0.0), 9, 0.5)
    back = RouteLine("B", "A", (10.0, 0.0), (0.0, 0.0), 7, 0.4)
    item.set_routes((there, back), QRectF(0, -5, 10, 10))
    assert item.find_near(5.0, -0.8, within_m=0.5) is there
    assert item.find_near(5.0, 0.7, within_m=0.5) is back
    assert item.find_near(5.0, 4.0, within_m=0.5) is None
