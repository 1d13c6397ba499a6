"""Typography of reports."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.print.page_painter import INK, MUTED, TextStyle

MARGIN = 46.0
TOP, BOTTOM = 64.0, 58.0
"""Top margin of a page's text, and the distance of its end from the paper's end."""
GAP = 10.0
RIGHT = Qt.AlignmentFlag.AlignRight
CENTRE = Qt.AlignmentFlag.AlignHCenter
TITLE = TextStyle(26, is_bold=True)
SUBTITLE = TextStyle(13, MUTED)
SECTION = TextStyle(16, is_bold=True)
BLOCK = TextStyle(10.5, is_bold=True)
BODY = TextStyle(9.5)
LEAD = TextStyle(12)
SMALL = TextStyle(7.5, MUTED)
CELL = TextStyle(8)
CELL_RIGHT = TextStyle(8, align=RIGHT)
HEAD_CELL = TextStyle(7.5, MUTED, is_bold=True)
HEAD_CELL_RIGHT = TextStyle(7.5, MUTED, is_bold=True, align=RIGHT)
AXIS = TextStyle(7, MUTED)
AXIS_RIGHT = TextStyle(7, MUTED, align=RIGHT)
AXIS_CENTRE = TextStyle(7, MUTED, align=CENTRE)
FIGURE = TextStyle(20, INK, is_bold=True)
NAME = TextStyle(8, MUTED)
