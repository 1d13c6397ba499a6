"""Sentences about people who are missed, in the window's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.facts.day_quality import describe_loss, describe_remedy
from app.gui.session.cell_text import format_share
from app.gui.session.translation import display_name, join_sentences, tr, translate_phrase

if TYPE_CHECKING:
    from analytics.results.day_quality import DayQuality, Loss


class _WindowText:
    """Wording of the window, as sentences about losses need it."""

    tr = staticmethod(tr)
    name = staticmethod(display_name)
    translate = staticmethod(translate_phrase)

    @staticmethod
    def share(value: float | None, decimals: int = 0) -> str:
        return format_share(value, decimals=decimals)


WINDOW_TEXT = _WindowText()


def explain_loss(quality: DayQuality | None, figure: str) -> str:
    """Return why a figure is marked, by its key; empty if it is not."""
    loss = None if quality is None else quality.find_loss(figure)
    if loss is None:
        return ""
    return describe_with_remedy(loss)


def describe_with_remedy(loss: Loss) -> str:
    """Return who is missed, and what helps."""
    return join_sentences([describe_loss(loss, WINDOW_TEXT), describe_remedy(loss, WINDOW_TEXT)])
