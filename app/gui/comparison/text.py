"""Texts of the comparison page."""

from __future__ import annotations

from analytics.comparison.block_figures import Metric
from analytics.domain.errors import Phrase, fill_template
from app.core.number_words import rename_zones
from app.gui.session.cell_text import ABSENT, format_change, format_number, format_share
from app.gui.session.translation import display_name, tr


def name_place(zone: str) -> str:
    """Return the name of a zone or of the whole hall."""
    return display_name(zone) if zone else tr("The whole hall")


def format_level(value: float | None, figure: Metric) -> str:
    """Return a figure with its unit."""
    if value is None:
        return ABSENT
    if figure is Metric.CAPTURE:
        return format_share(value, decimals=1)
    if figure in (Metric.MEAN_DWELL, Metric.MEDIAN_DWELL):
        return tr("{value} s", value=format_number(value, decimals=0 if value >= 10 else 1))
    return format_number(value, decimals=0 if value >= 100 else 1)


def format_change_interval(interval: tuple[float, float] | None) -> str:
    """Return the interval of a change."""
    if interval is None:
        return ABSENT
    return tr("{low} to {high}", low=format_change(interval[0]), high=format_change(interval[1]))


def translate_change(sentence: Phrase) -> str:
    """Return a sentence in the current language, with the displayed names of zones."""
    return fill_template(sentence.template, rename_zones(sentence.fields, display_name), tr)
