"""Make and write reports: functions that a child process runs, for they take seconds of Python."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.domain.arrays import Interval
from app.access.guard import Actor, act_as
from app.core.document import Venue
from app.core.job import JobContext
from app.reports.report_template import ReportFormat, SectionKey, Template

if TYPE_CHECKING:
    from analytics.results.content import ReportContent


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """The report that the page asks for.

    Attributes:
        actor: the person at work in the venue; None: nobody.
        stand: whose report it is, of the template for stands.
        logo: a picture's file; None for none.
    """

    venue: Venue
    actor: Actor | None
    template: Template
    period_s: Interval
    language: str
    organiser: str
    logo: Path | None
    colour: str
    left_out: frozenset[SectionKey]
    stand: str | None


def make_pages(
    context: JobContext, request: ReportRequest, draw_pages: Callable[[ReportContent], tuple[Any, ...]]
) -> tuple[ReportContent, tuple[Any, ...]]:
    from app.reports.make_report import ReportOrder, make_report
    from app.reports.report_template import read_branding

    act_as(request.venue.folder, request.actor)
    order = ReportOrder(
        template=request.template,
        period_s=request.period_s,
        language=request.language,
        branding=read_branding(request.organiser, request.logo, request.colour),
        left_out=request.left_out,
        stand=request.stand,
    )
    content = make_report(request.venue, order, context=context)
    return content, draw_pages(content)


def write_file(
    _context: JobContext,
    write: Callable[[Path, ReportContent, ReportFormat], Path],
    path: Path,
    content: ReportContent,
    chosen: ReportFormat,
) -> Path:
    """Write a report; return the path with the ending of its format."""
    return write(path, content, chosen)


def write_packs(
    context: JobContext,
    request: ReportRequest,
    write: Callable[..., object],
    folder: Path,
    chosen: ReportFormat,
) -> None:
    from app.reports.exhibitor_packs import make_packs
    from app.reports.report_template import read_branding

    act_as(request.venue.folder, request.actor)
    packs = make_packs(
        request.venue,
        request.period_s,
        languages={},
        default_language=request.language,
        branding=read_branding(request.organiser, request.logo, request.colour),
        context=context,
    )
    write(folder, packs, chosen)
