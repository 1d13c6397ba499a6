"""Reports for individual stands, each in its exhibitor's language, and their index."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analytics.domain.arrays import Interval
from analytics.results.content import Branding, ReportContent
from app.core.document import Venue
from app.core.job import JobContext
from app.reports.make_report import ReportOrder, make_report
from app.reports.report_source import ReportSource
from app.reports.report_template import Template, make_file_stem
from app.reports.report_text import ReportText


@dataclass(frozen=True, slots=True)
class ExhibitorPack:
    """One stand's report, ready to be written.

    Attributes:
        file_stem: a file name valid on every system and unique among the packs.
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
    """Yield a report for each stand; the history is read once per language.

    Args:
        languages: ``en`` or ``zh_CN`` by zone; other zones get the default.
        stands: zones to report; all by default.

    Raises:
        StoreError: nothing was observed in the period, or the history cannot be read.
        VenueError: there is no such stand.
        JobCancelled: the job was cancelled.
    """
    context = context or JobContext()
    source = ReportSource(venue, period_s, ReportText.of(venue, default_language), context)
    names = list(stands) or [stand.zone for stand in source.exhibition.stands]
    used_stems: set[str] = set()
    for done, zone in enumerate(names):
        context.checkpoint(done, len(names))
        language = languages.get(zone, default_language)
        order = ReportOrder(Template.STAND, period_s, language, branding or Branding(), stand=zone)
        translated = source.translate_to(language)
        content = make_report(venue, order, source=translated)
        yield ExhibitorPack(zone, language, _name_file(translated.text.name(zone), used_stems), content)
    context.checkpoint(len(names), len(names))


def write_index(packs: Sequence[ExhibitorPack], ending: str) -> str:
    """Return an index of stands and their files, as CSV with a heading."""
    import csv
    import io

    from analytics.results.cell_text import disarm

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("stand", "language", "file"))
    for pack in packs:
        writer.writerow((disarm(pack.zone), pack.language, f"{pack.file_stem}{ending}"))
    return text.getvalue()


def _name_file(name: str, used_stems: set[str]) -> str:
    base = make_file_stem(name) or "stand"
    stem, number = base, 2
    while stem.casefold() in used_stems:
        stem, number = f"{base} {number}", number + 1
    used_stems.add(stem.casefold())
    return stem
