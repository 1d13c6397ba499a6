"""A report of a venue as one content object, from which every format is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import VenueError
from analytics.domain.exhibition import Interval
from analytics.reports.content import Block, Branding, ReportContent, Section
from app.jobs.job import JobContext
from app.operations.open_time import find_before
from app.operations.report_accuracy import CERTIFICATE_WRITERS, certify_venue
from app.operations.report_changes import write_changes
from app.operations.report_source import ReportSource
from app.operations.report_stand import find_stand, write_peers, write_stand
from app.operations.report_summary import write_days, write_summary
from app.operations.report_template import SECTION_TITLES, SECTIONS, TITLES, SectionKey, Template
from app.operations.report_text import ReportText
from app.operations.report_trust import write_cameras, write_methods, write_quality
from app.operations.report_understanding import (
    write_dwell,
    write_engagement,
    write_events,
    write_findings,
    write_flows,
    write_heatmap,
)
from app.venue.document import Venue

PROGRAM = "ExpoFlow"


@dataclass(frozen=True, slots=True)
class ReportOrder:
    """What somebody wants reported.

    Attributes:
        period_s: start and end, seconds since the epoch.
        language: ``en`` or ``zh_CN``, whatever the program itself speaks.
        left_out: sections that are not wanted; the first one of a template always is.
        stand: whose report it is, where the template is one stand's.
        before_s: what is compared with, where the template is a comparison; None: as long a time before.
    """

    template: Template
    period_s: Interval
    language: str = "en"
    branding: Branding = field(default_factory=Branding)
    left_out: frozenset[SectionKey] = frozenset()
    stand: str | None = None
    before_s: Interval | None = None


_WRITERS: dict[SectionKey, Callable[[ReportSource], list[Block]]] = {
    SectionKey.SUMMARY: write_summary,
    SectionKey.DAYS: write_days,
    SectionKey.HEATMAP: write_heatmap,
    SectionKey.DWELL: write_dwell,
    SectionKey.ENGAGEMENT: write_engagement,
    SectionKey.FLOWS: write_flows,
    SectionKey.FINDINGS: write_findings,
    SectionKey.EVENTS: write_events,
    SectionKey.CAMERAS: write_cameras,
    SectionKey.QUALITY: write_quality,
}


def make_report(
    venue: Venue,
    order: ReportOrder,
    *,
    context: JobContext | None = None,
    clock: Clock | None = None,
    source: ReportSource | None = None,
) -> ReportContent:
    """Compute and word a report; sections without anything to say are left out.

    Args:
        source: of the same venue, period and language, where several reports are made of it.

    Raises:
        StoreError: nothing was observed in the period, or the history cannot be read.
        VenueError: the stand is not there, or none was named; or a stand or a time to compare with was named
            for a report that is not about one.
        LabelError: the accuracy is to be certified, but nothing was labelled.
        JobCancelled: the context says so.
    """
    context, clock = context or JobContext(), clock or SystemClock()
    _check_order(order)
    text = ReportText.of(venue, order.language)
    if order.template is Template.CERTIFICATE:
        period_s, sections = _write_certificate(venue, order, text, clock, context)
    else:
        source = source or ReportSource(venue, order.period_s, text, context)
        period_s, sections = order.period_s, _write_sections(source, order, context)
    stand = "" if order.stand is None else text.name(order.stand)
    return ReportContent(
        template=order.template.value,
        language=order.language,
        title=text.tell(TITLES[order.template]),
        subtitle=stand,
        venue=text.name(venue.exhibition.name),
        period_s=period_s,
        period_text=text.period(period_s),
        time_zone=venue.exhibition.time_zone,
        sections=tuple(sections),
        made_at_s=clock.now_utc_s(),
        branding=order.branding,
        versions=_name_versions(),
        words={
            "page": text.tr("Page {page} of {pages}"),
            "share": text.tr("{share} %"),
            "interval": text.tr("{low} to {high}"),
            "not known": text.tr("not known"),
            "not observed": text.tr("not observed"),
            "contents": text.tr("Contents"),
            "definitions": text.tr("Definitions"),
        },
    )


def _check_order(order: ReportOrder) -> None:
    if order.stand is not None and order.template is not Template.STAND:
        raise VenueError(
            "This report is of the whole exhibition, not of the stand '{stand}'.",
            "Choose the report 'stand', or name no stand.",
            stand=order.stand,
        )
    if order.before_s is not None and order.template is not Template.COMPARISON:
        raise VenueError(
            "This report compares nothing, but a time to compare with was given.",
            "Choose the report 'comparison', or give no such time.",
        )


def _write_sections(source: ReportSource, order: ReportOrder, context: JobContext) -> list[Section]:
    sections: list[Section] = []
    keys = _list_wanted(order)
    for done, key in enumerate(keys):
        context.checkpoint(done, len(keys))
        blocks = _write(source, key, order, sections)
        if blocks:
            sections.append(Section(key.value, source.text.tell(SECTION_TITLES[key]), tuple(blocks)))
    context.checkpoint(len(keys), len(keys))
    return sections


def _write_certificate(
    venue: Venue, order: ReportOrder, text: ReportText, clock: Clock, context: JobContext
) -> tuple[Interval, list[Section]]:
    """From the first to the last labelled clip, whatever period was asked for."""
    certificate = certify_venue(venue, clock=clock, context=context)
    sections = [
        Section(key.value, text.tell(SECTION_TITLES[key]), tuple(CERTIFICATE_WRITERS[key](certificate, text)))
        for key in _list_wanted(order)
    ]
    return (certificate.first_utc_s, certificate.last_utc_s), sections


def _list_wanted(order: ReportOrder) -> list[SectionKey]:
    first, *others = SECTIONS[order.template]
    return [first, *(key for key in others if key not in order.left_out)]


def _write(source: ReportSource, key: SectionKey, order: ReportOrder, sections: list[Section]) -> list[Block]:
    if key is SectionKey.METHODS:
        return write_methods(source, sections)
    if key is SectionKey.CHANGES:
        return write_changes(source, order.before_s or find_before(source.venue.exhibition, order.period_s))
    if key in (SectionKey.STAND, SectionKey.PEERS):
        if order.stand is None:
            raise VenueError("It was not said whose stand is reported.", "Name a stand.")
        find_stand(source, order.stand)
        write = write_stand if key is SectionKey.STAND else write_peers
        return write(source, order.stand)
    return _WRITERS[key](source)


def _name_versions() -> dict[str, str]:
    from app.operations.versions import collect_versions

    versions = collect_versions()
    return {PROGRAM: versions.pop("expoflow"), **versions}
