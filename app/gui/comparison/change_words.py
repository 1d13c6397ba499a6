"""Changes between periods as cells and sentences, in the window's language."""

from __future__ import annotations

import dataclasses

from analytics.domain.errors import Phrase, fill_template
from app.comparison.comparison_figures import ChangeRow, Figure, Finding
from app.gui.session.cell_text import ABSENT, format_change, format_number, format_share
from app.gui.session.translation import display_name, tr

_LISTS = ("controls", "zones")
"""Fields that hold names of zones."""


def name_figure(figure: Figure) -> str:
    """What a figure is called."""
    return {
        Figure.FOOTFALL: tr("Footfall an hour"),
        Figure.VISITS_PER_100: tr("Visits per 100 visitors"),
        Figure.MEAN_DWELL: tr("Mean dwell"),
        Figure.MEDIAN_DWELL: tr("Median dwell"),
        Figure.VISITS: tr("Visits an hour"),
        Figure.PERSON_SECONDS: tr("Person-seconds an hour"),
        Figure.CAPTURE: tr("Capture rate"),
    }[figure]


def define_figure(figure: Figure) -> str:
    """What a figure means, for a tooltip."""
    return {
        Figure.FOOTFALL: tr("Inward crossings of the entrance lines in an open hour."),
        Figure.VISITS_PER_100: tr("Visits to the zone for every 100 visitors of the exhibition."),
        Figure.MEAN_DWELL: tr("Mean time that a visit lasts, by occurrence and exposure (Little's law)."),
        Figure.MEDIAN_DWELL: tr("Half of the visits last longer; censored visits are taken into account."),
        Figure.VISITS: tr("Stays in the zone of at least 3 s, in an open hour."),
        Figure.PERSON_SECONDS: tr("Time that all people together spend in the zone, in an open hour."),
        Figure.CAPTURE: tr("Visits over visits and passers-by within 3 m."),
    }[figure]


def name_finding(finding: Finding) -> str:
    """A verdict in a word or two."""
    return {
        Finding.RISE: tr("rose"),
        Finding.FALL: tr("fell"),
        Finding.UNCERTAIN: tr("could be chance"),
        Finding.NO_EVIDENCE: tr("no evidence of a change"),
        Finding.REFUSED: tr("not compared"),
    }[finding]


def name_place(zone: str) -> str:
    """A zone's name, or the whole hall's."""
    return display_name(zone) if zone else tr("The whole hall")


def format_level(value: float | None, figure: Figure) -> str:
    """A figure with its unit."""
    if value is None:
        return ABSENT
    if figure is Figure.CAPTURE:
        return format_share(value, decimals=1)
    if figure in (Figure.MEAN_DWELL, Figure.MEDIAN_DWELL):
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
