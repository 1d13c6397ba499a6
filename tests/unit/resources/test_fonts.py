"""The bundled fonts."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QRawFont
from PySide6.QtWidgets import QApplication

from resources.files import resource_path
from resources.fonts.make_fonts import WEIGHTS


@pytest.mark.parametrize("weight", WEIGHTS)
def test_the_ellipsis_stands_on_the_line(qapp: QApplication, weight: str) -> None:
    font = QRawFont(str(resource_path("fonts") / f"ExpoFlowSansSC-{weight}.otf"), 20.0)
    stop, ellipsis = font.glyphIndexesForString(".…")
    one, three = font.boundingRect(stop), font.boundingRect(ellipsis)
    assert (three.top(), three.bottom()) == (one.top(), one.bottom())
    assert three.width() > 2 * one.width()
