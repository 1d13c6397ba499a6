"""Changes between periods as cells and sentences, in the window's language."""

from __future__ import annotations

import dataclasses

from analytics.comparison.block_figures import Metric
from analytics.domain.errors import Phrase, fill_template
from app.comparison.comparison_figures import ChangeRow
from app.gui.session.cell_text import ABSENT, format_change, format_number, format_share
from app.gui.session.translation import display_name, tr

_LISTS = ("controls", "zones")
"""Fields that hold names of zones."""


def name_place(zone: str) -> str:
    """A zone's name, or the whole hall's."""
    return display_name(zone) if zone else tr("The whole hall")


def format_level(value: float | None, figure: Metric) -> str:
    """A figure with its unit."""
    if value is None:
        return ABSENT
    if figure is Metric.CAPTURE:
        return format_share(value, decimals=1)
    if figure in (Metric.MEAN_DWELL, Metric.MEDIAN_DWELL):
        return tr("{value} s", value=format_number(value, decimals=0 if value >= 10 else 1))
    return format_number(value, decimals=0 if value >= 100 else 1)


def format_change_interval(interval: tuple[float, float] | None) -> str:
    """The interval of a change."""
    if interval is None:
        return ABSENT
    return tr("{low} to {high}", low=format_change(interval[0]), high=format_change(interval[1]))


def tell(words: Phrase) -> str:
    """A sentence in the window's language."""
    named = {
        name: ", ".join(display_name(zone) for zone in value.split(", "))
        if name in _LISTS and isinstance(value, str)
        else value
        for name, value in words.fields.items()
    }
    return fill_template(words.template, named, tr)


def tell_change(row: ChangeRow) -> str:
    """The sentence about a change, its zone called as the window calls it."""
    if not row.zone:
        return tell(row.words)
    named = {**row.words.fields, "zone": display_name(row.zone)}
    return tell(dataclasses.replace(row.words, fields=named))
