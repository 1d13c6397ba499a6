"""One report for each stand, in its exhibitor's language, with an index of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analytics.domain.exhibition import Interval
from analytics.reports.content import Branding, ReportContent
from app.core.document import Venue
from app.core.job import JobContext
from app.reports.make_report import ReportOrder, make_report
from app.reports.report_source import ReportSource
from app.reports.report_template import Template, make_file_stem
from app.reports.report_text import ReportText


@dataclass(frozen=True, slots=True)
class ExhibitorPack:
    """One stand's report, before it is written.

    Attributes:
        file_stem: a name for its file that every system takes, and that no other pack has.
    """

    zone: str
    language: str
    file_stem: str
    content: ReportContent


def make_packs(
    venue: Venue,
    period_s: Interval,
    *,
    languages: Mapping[str, str],
    default_language: str = "en",
    stands: Sequence[str] = (),
    branding: Branding | None = None,
    context: JobContext | None = None,
) -> Iterator[ExhibitorPack]:
    """A report for each stand, one after the other; the history is read once for each language.

    Args:
        languages: by zone, ``en`` or ``zh_CN``; others have the default.
        stands: whose; all by default.

    Raises:
        StoreError: nothing was observed in the period, or the history cannot be read.
        VenueError: there is no such stand.
        JobCancelled: the context says so.
    """
    context = context or JobContext()
    source = ReportSource(venue, period_s, ReportText.of(venue, default_language), context)
    names = list(stands) or [stand.zone for stand in source.exhibition.stands]
    taken: set[str] = set()
    for done, zone in enumerate(names):
        context.checkpoint(done, len(names))
        language = languages.get(zone, default_language)
        order = ReportOrder(Template.STAND, period_s, language, branding or Branding(), stand=zone)
        spoken = source.speak(language)
        content = make_report(venue, order, source=spoken)
        yield ExhibitorPack(zone, language, _name_file(spoken.text.name(zone), taken), content)
    context.checkpoint(len(names), len(names))


def write_index(packs: Sequence[ExhibitorPack], ending: str) -> str:
    """A table of who gets which file, as CSV with a heading."""
    import csv
    import io

    from analytics.reports.cell_text import disarm

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("stand", "language", "file"))
    for pack in packs:
        writer.writerow((disarm(pack.zone), pack.language, f"{pack.file_stem}{ending}"))
    return text.getvalue()


def _name_file(name: str, taken: set[str]) -> str:
    base = make_file_stem(name) or "stand"
    stem, number = base, 2
    while stem.casefold() in taken:
        stem, number = f"{base} {number}", number + 1
    taken.add(stem.casefold())
    return stem
