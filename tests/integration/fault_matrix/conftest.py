"""One clip for all cameras, and the table of what was measured."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.support.reports.clips import draw_numbered_picture, make_clip, make_still_clip

FRAMES = 200
"""Of the clip: 20 s at 10 frames a second; numbers up to 199."""


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        back_s: from the end of the fault, or from the kill, until the camera or all of them were analysed.
        lost_s: the longest time before a kill of which nothing was recorded, or recorded as nothing else.
        others: the least frame rate of the cameras that had no part in it, of what they had before, percent.
    """

    fault: str
    back_s: float
    lost_s: float
    gap_s: float
    others: float | None = None

    def text(self) -> str:
        others = "" if self.others is None else f"{self.others:.0f} %"
        return f"| {self.fault} | yes | {self.back_s:.1f} | {self.lost_s:.2f} | {self.gap_s:.1f} | {others} |"


_ROWS: list[Row] = []


@pytest.fixture
def table() -> list[Row]:
    """Where a test puts what it measured."""
    return _ROWS


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("clips")
    return {
        "usual": make_clip(folder / "usual.mp4", fps=10, frames=FRAMES),
        "large": make_clip(folder / "large.mp4", fps=10, frames=FRAMES, width=640, height=360),
        "still": make_still_clip(folder / "still.mp4", draw_numbered_picture(77)),
        "black": make_still_clip(folder / "black.mp4", np.zeros((180, 320, 3), np.uint8)),
        "h265": make_clip(folder / "h265.mp4", fps=10, frames=FRAMES, codec="libx265"),
    }


@pytest.fixture(scope="session", autouse=True)
def _keep_table() -> Iterator[None]:
    yield
    target = os.environ.get("EXPOFLOW_FAULT_TABLE")
    if target:
        Path(target).write_text(json.dumps([asdict(row) for row in _ROWS], indent=1))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    if not _ROWS:
        return
    terminalreporter.write_sep("=", "fault matrix")
    terminalreporter.write_line("| fault | recovered by itself | back after, s | lost, s | gap, s | others |")
    terminalreporter.write_line("|---|---|---|---|---|---|")
    for row in _ROWS:
        terminalreporter.write_line(row.text())
