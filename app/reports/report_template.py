"""Report templates, sections, formats and options."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from analytics.domain.arrays import Interval
from analytics.domain.errors import OutputError, Phrase, StoreError
from analytics.domain.exhibition import find_time_zone
from analytics.results.content import Branding
from app.core.document import Venue
from app.error_reporting import convert_error
from app.facts.history_extent import read_history_extent
from resources.translations import LANGUAGES

MAX_STEM = 80
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


class ReportFormat(StrEnum):
    """A report format; the value is the file ending."""

    PDF = "pdf"
    XLSX = "xlsx"
    HTML = "html"
    PPTX = "pptx"
    CSV = "csv"
    """A ZIP file with one file per table."""
    PARQUET = "parquet"
    """A ZIP file with one file per table."""


ARCHIVED = (ReportFormat.CSV, ReportFormat.PARQUET)


def find_format(path: Path, named: str | None) -> ReportFormat:
    """Return the named format, else the one of the file's ending.

    Raises:
        OutputError: there is no such format.
    """
    name = (named or path.suffix.lstrip(".")).lower()
    try:
        return ReportFormat("csv" if name == "zip" and named is None else name)
    except ValueError:
        raise OutputError(
            "There is no report format '{name}'.",
            "Choose one of: {formats}.",
            name=name,
            formats=", ".join(ReportFormat),
        ) from None


def choose_format(path: Path, default: ReportFormat) -> ReportFormat:
    """Return the format of a file's ending; the default if the ending is of no format, or of its archives."""
    if path.suffix.lower() == ".zip" and default in ARCHIVED:
        return default
    try:
        return find_format(path, None)
    except OutputError:
        return default


def name_file(path: Path, chosen: ReportFormat) -> Path:
    """Return the path with the ending of the format's files."""
    ending = ".zip" if chosen in ARCHIVED else f".{chosen.value}"
    return path if path.suffix.lower() == ending else path.with_name(path.name + ending)


def make_file_stem(name: str) -> str:
    """Return a file name without ending that is valid on every system and harmless in a spreadsheet."""
    return _FORBIDDEN.sub("-", name).strip(" .").lstrip("=+-@")[:MAX_STEM].strip(" .")


class Template(StrEnum):
    """A kind of report."""

    DAILY = "daily"
    WEEK = "week"
    EXHIBITION = "exhibition"
    STAND = "stand"
    COMPARISON = "comparison"
    OPERATIONS = "operations"
    CERTIFICATE = "certificate"
    """Certificate of the accuracy over all labelled clips, whatever the period."""


class SectionKey(StrEnum):
    """A part of a report."""

    SUMMARY = "summary"
    HALLS = "halls"
    DAYS = "days"
    HEATMAP = "heatmap"
    DWELL = "dwell"
    ENGAGEMENT = "engagement"
    FLOWS = "flows"
    FINDINGS = "findings"
    EVENTS = "events"
    STAND = "stand"
    PLACE = "place"
    STAND_FLOWS = "stand_flows"
    ADVICE = "advice"
    PEERS = "peers"
    CHANGES = "changes"
    CAMERAS = "cameras"
    ACCURACY = "accuracy"
    BY_CAMERA = "by_camera"
    CONDITIONS = "conditions"
    QUALITY = "quality"
    METHODS = "methods"


_UNDERSTAND = (
    SectionKey.HEATMAP,
    SectionKey.DWELL,
    SectionKey.ENGAGEMENT,
    SectionKey.FLOWS,
    SectionKey.FINDINGS,
)
_TRUST = (SectionKey.QUALITY, SectionKey.METHODS)
SECTIONS: Mapping[Template, tuple[SectionKey, ...]] = {
    Template.DAILY: (SectionKey.SUMMARY, SectionKey.HALLS, *_UNDERSTAND, SectionKey.EVENTS, *_TRUST),
    Template.WEEK: (SectionKey.SUMMARY, SectionKey.HALLS, SectionKey.DAYS, *_UNDERSTAND, *_TRUST),
    Template.EXHIBITION: (
        SectionKey.SUMMARY,
        SectionKey.HALLS,
        SectionKey.DAYS,
        *_UNDERSTAND,
        SectionKey.EVENTS,
        *_TRUST,
    ),
    Template.STAND: (
        SectionKey.STAND,
        SectionKey.ADVICE,
        SectionKey.PLACE,
        SectionKey.STAND_FLOWS,
        SectionKey.PEERS,
        *_TRUST,
    ),
    Template.COMPARISON: (SectionKey.CHANGES, *_TRUST),
    Template.OPERATIONS: (SectionKey.CAMERAS, SectionKey.QUALITY, SectionKey.METHODS),
    Template.CERTIFICATE: (
        SectionKey.ACCURACY,
        SectionKey.BY_CAMERA,
        SectionKey.CONDITIONS,
        SectionKey.METHODS,
    ),
}
"""Sections of each template in their order; all but the first can be left out."""

TITLES: Mapping[Template, Phrase] = {
    Template.DAILY: Phrase("Daily summary"),
    Template.WEEK: Phrase("Weekly summary"),
    Template.EXHIBITION: Phrase("The whole exhibition"),
    Template.STAND: Phrase("Your stand"),
    Template.COMPARISON: Phrase("Comparison"),
    Template.OPERATIONS: Phrase("Operations and cameras"),
    Template.CERTIFICATE: Phrase("Accuracy certificate"),
}

SECTION_TITLES: Mapping[SectionKey, Phrase] = {
    SectionKey.SUMMARY: Phrase("Summary"),
    SectionKey.HALLS: Phrase("All halls"),
    SectionKey.DAYS: Phrase("Day by day"),
    SectionKey.HEATMAP: Phrase("Where and when visitors were"),
    SectionKey.DWELL: Phrase("How long they stayed"),
    SectionKey.ENGAGEMENT: Phrase("How stands performed"),
    SectionKey.FLOWS: Phrase("Where they went"),
    SectionKey.FINDINGS: Phrase("Findings"),
    SectionKey.EVENTS: Phrase("Events"),
    SectionKey.STAND: Phrase("Visitors of the stand"),
    SectionKey.PLACE: Phrase("Place and rank"),
    SectionKey.STAND_FLOWS: Phrase("Where its visitors came from and went"),
    SectionKey.ADVICE: Phrase("What to do"),
    SectionKey.PEERS: Phrase("Among the other stands"),
    SectionKey.CHANGES: Phrase("What changed"),
    SectionKey.CAMERAS: Phrase("Cameras"),
    SectionKey.ACCURACY: Phrase("Accuracy"),
    SectionKey.BY_CAMERA: Phrase("By camera"),
    SectionKey.CONDITIONS: Phrase("Conditions and limits"),
    SectionKey.QUALITY: Phrase("Reliability"),
    SectionKey.METHODS: Phrase("Definitions and method"),
}


MAX_LOGO_BYTES = 5_000_000
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")


def parse_template(name: str) -> Template:
    """Return the template of a name.

    Raises:
        OutputError: there is no such template.
    """
    try:
        return Template(name.lower())
    except ValueError:
        raise OutputError(
            "There is no report '{name}'.", "Choose one of: {names}.", name=name, names=", ".join(Template)
        ) from None


def parse_sections(names: Iterable[str]) -> frozenset[SectionKey]:
    """Return the sections with the given names.

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
    """Return languages by stand from ``STAND=LANGUAGE`` pairs.

    Raises:
        OutputError: a pair is invalid.
    """
    found = {}
    for pair in pairs:
        stand, separator, language = pair.rpartition("=")
        if not separator or language not in LANGUAGES:
            raise OutputError(
                "'{pair}' is not a stand and a language.",
                "Enter STAND=LANGUAGE with one of: {languages}.",
                pair=pair,
                languages=", ".join(LANGUAGES),
            )
        found[stand] = language
    return found


def read_branding(organiser: str, logo: Path | None, colour: str) -> Branding:
    """Return the organiser's branding.

    Raises:
        OutputError: the logo cannot be read or is too large, or the colour is invalid.
    """
    if not _COLOUR.fullmatch(colour):
        raise OutputError("'{colour}' is not a colour.", "Enter a colour such as #2563eb.", colour=colour)
    if logo is None:
        return Branding(organiser, None, colour)
    try:
        if logo.stat().st_size > MAX_LOGO_BYTES:
            raise OutputError(
                "The logo is not a readable image.", "Choose a PNG, JPEG or SVG file of at most 5 MB."
            )
        return Branding(organiser, logo.read_bytes(), colour)
    except OSError as error:
        raise convert_error(OutputError, error, file=logo) from error


def find_last_day(venue: Venue) -> Interval:
    """Return the local day of the latest observation.

    Raises:
        StoreError: nothing was observed, or the history cannot be read.
    """
    history_s = read_history_extent(venue)
    if history_s is None:
        raise StoreError(
            "Nothing has been observed in '{venue}' yet, so there is nothing to report.",
            "Start the recording first.",
            venue=venue.name,
        )
    zone = find_time_zone(venue.exhibition.time_zone)
    return venue.exhibition.day_interval_utc(datetime.fromtimestamp(history_s[1] - 1.0, zone).date())
