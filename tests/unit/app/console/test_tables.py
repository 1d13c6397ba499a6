"""Tables of the command line keep their words whole in a terminal of 80 columns."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from app.console.console import print_table

ZONES = ("Robotics", "Batteries", "Medicine")
HEADINGS = (
    "zone", "area (m²)", "unseen (m²)", "hidden by people (m²)", "by two cameras (m²)", "people (pixels)",
    "pixels per metre", "error (m)",
)  # fmt: skip
ROWS = [(zone, "9.4", "13.6", "2.5", "0.0", "147", "132", "0.13") for zone in ZONES]


@pytest.mark.parametrize("columns", [68, 72, 80, 200])
def test_words_stay_whole(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    print_table(HEADINGS, ROWS)
    printed = capsys.readouterr().out
    assert max(map(cell_len, printed.splitlines())) <= columns
    for word in {*ZONES, *" ".join(HEADINGS).split()}:
        assert word in printed


def test_a_long_path_takes_the_room_of_nobody_else(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    print_table(
        ("checked", "result", "detail", "what to do"),
        [("direction of each line", "warning", "/a/very/long/path" * 5, "Draw the directions again.")],
    )
    printed = capsys.readouterr().out
    for word in ("direction", "warning", "directions"):
        assert f" {word} " in printed
    assert max(map(cell_len, printed.splitlines())) <= 80
