"""Checks what somebody asks for in a report, and says what could be asked for instead."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from analytics.domain.errors import OutputError, StoreError
from analytics.domain.exhibition import Interval, find_time_zone
from analytics.reports.content import Branding
from app.core.document import Venue
from app.error_reporting import explain_error
from app.facts.history_extent import read_history_extent
from app.reports.report_template import SectionKey, Template
from resources.translations import LANGUAGES

LARGEST_LOGO_BYTES = 5_000_000
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def parse_template(name: str) -> Template:
    """The template of a name.

    Raises:
        OutputError: there is none.
    """
    try:
        return Template(name.lower())
    except ValueError:
        raise OutputError(
            "There is no report '{name}'.", "Choose one of: {names}.", name=name, names=", ".join(Template)
        ) from None


def parse_sections(names: Iterable[str]) -> frozenset[SectionKey]:
    """Sections of their names.

    Raises:
        OutputError: there is no such section.
    """
    found = set()
    for name in names:
        try:
            found.add(SectionKey(name.lower()))
        except ValueError:
            raise OutputError(
                "There is no section '{name}'.",
                "Choose one of: {names}.",
                name=name,
                names=", ".join(SectionKey),
            ) from None
    return frozenset(found)


def parse_languages(pairs: Iterable[str]) -> dict[str, str]:
    """Languages by stand, of ``STAND=LANGUAGE``.

    Raises:
        OutputError: one is no such pair.
    """
    found = {}
    for pair in pairs:
        stand, separator, language = pair.rpartition("=")
        if not separator or language not in LANGUAGES:
            raise OutputError(
                "'{pair}' names no stand and language.",
                "Write STAND=LANGUAGE with one of: {languages}.",
                pair=pair,
                languages=", ".join(LANGUAGES),
            )
        found[stand] = language
    return found


def read_branding(organiser: str, logo: Path | None, colour: str) -> Branding:
    """Whose report it is.

    Raises:
        OutputError: the logo cannot be read or is too large, or the colour is none.
    """
    if not _COLOUR.fullmatch(colour):
        raise OutputError("'{colour}' is no colour.", "Write one such as #2563eb.", colour=colour)
    if logo is None:
        return Branding(organiser, None, colour)
    try:
        if logo.stat().st_size > LARGEST_LOGO_BYTES:
            raise OutputError(
                "The logo is no picture that can be read.",
                "Choose a PNG, JPEG or SVG file of at most 5 MB.",
            )
        return Branding(organiser, logo.read_bytes(), colour)
    except OSError as error:
        raise explain_error(OutputError, error, file=logo) from error


def find_last_day(venue: Venue) -> Interval:
    """The day of the last observed moment, by the venue's clock.

    Raises:
        StoreError: nothing was observed, or the history cannot be read.
    """
    history_s = read_history_extent(venue)
    if history_s is None:
        raise StoreError(
            "Nothing was observed in '{venue}' yet, so that there is nothing to report.",
            "Start the recording first.",
            venue=venue.name,
        )
    zone = find_time_zone(venue.exhibition.time_zone)
    return venue.exhibition.day_interval_utc(datetime.fromtimestamp(history_s[1] - 1.0, zone).date())
