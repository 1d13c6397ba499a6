"""Changes in percent, as the comparison page tells them."""

from __future__ import annotations

import pytest

from app.gui.table_models.cell_text import format_change
from app.gui.table_models.change_words import format_change_interval


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (1.256, "+26 %"),
        (0.744, "−26 %"),
        (1.004, "+0.4 %"),
        (0.9957, "−0.4 %"),
        (0.9999, "0 %"),
        (1.0, "0 %"),
    ],
)
def test_a_small_change_is_told_with_a_decimal_and_none_without_a_sign(ratio: float, words: str) -> None:
    assert format_change(ratio) == words


def test_an_interval_of_small_changes_is_no_pair_of_signed_zeros() -> None:
    assert format_change_interval((0.997, 1.003)) == "−0.3 % to +0.3 %"
