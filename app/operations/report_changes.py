"""The section of a comparison: what changed, how sure that is, and what could not have been noticed."""

from __future__ import annotations

from analytics.domain.exhibition import Interval
from analytics.reports.content import Block, Bullets, CellKind, Paragraph, ReportColumn, Table, Weight
from app.operations.comparison_figures import ComparisonChoice, Finding
from app.operations.comparison_view import compute_comparison
from app.operations.report_source import ReportSource


def write_changes(source: ReportSource, before_s: Interval) -> list[Block]:
    """The period against an earlier one.

    Raises:
        StoreError: the zones changed within one of them, or the history cannot be read.
    """
    text = source.text
    found = compute_comparison(
        venue=source.venue, choice=ComparisonChoice(before_s, source.period_s), context=source.context
    )
    real = [row for row in found.rows if row.is_real]
    compared = [row for row in found.rows if row.finding is not Finding.REFUSED]
    lead = text.trn(
        "{n} real change among {all} comparisons.",
        "{n} real changes among {all} comparisons.",
        len(real),
        all=text.number(len(compared)),
    )
    blocks: list[Block] = [
        Paragraph(lead if compared else text.tr("Nothing could be compared."), Weight.LEAD),
        Bullets(
            (
                text.tr("Before: {period}", period=text.period(before_s)),
                text.tr("After: {period}", period=text.period(source.period_s)),
                *(text.tell(note) for note in found.notes),
            )
        ),
    ]
    if real:
        blocks.append(Bullets(tuple(text.tell(row.words) for row in real)))
    columns = (
        ReportColumn("zone", text.tr("Zone"), CellKind.TEXT),
        ReportColumn("figure", text.tr("Figure"), CellKind.TEXT),
        ReportColumn("level_a", text.tr("Before"), CellKind.NUMBER, decimals=1),
        ReportColumn("level_b", text.tr("After"), CellKind.NUMBER, decimals=1),
        ReportColumn("change", text.tr("Changed by"), CellKind.SHARE, has_interval=True),
        ReportColumn("noticeable", text.tr("Noticeable from"), CellKind.SHARE),
        ReportColumn("verdict", text.tr("Verdict"), CellKind.TEXT),
    )
    verdicts = {
        Finding.RISE: text.tr("rose"),
        Finding.FALL: text.tr("fell"),
        Finding.UNCERTAIN: text.tr("could be chance"),
        Finding.NO_EVIDENCE: text.tr("no evidence of a change"),
    }
    rows = tuple(
        (
            text.name(row.zone) if row.zone else text.tr("The whole hall"),
            text.tell(row.words.fields["metric"]),  # type: ignore[arg-type]
            row.level_a,
            row.level_b,
            (None, None, None)
            if row.ratio is None or row.interval is None
            else (row.ratio - 1, row.interval[0] - 1, row.interval[1] - 1),
            None if row.smallest_noticed is None else row.smallest_noticed - 1,
            verdicts[row.finding],
        )
        for row in compared
    )
    refused = len(found.rows) - len(compared)
    note = (
        text.trn(
            "{n} figure could not be compared; the page Compare says why.",
            "{n} figures could not be compared; the page Compare says why.",
            refused,
        )
        if refused
        else ""
    )
    if rows:
        blocks.append(Table("changes", text.tr("All comparisons"), columns, rows, note))
    elif note:
        blocks.append(Paragraph(note))
    return blocks
