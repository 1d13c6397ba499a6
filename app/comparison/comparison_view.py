"""Computes what the comparison page shows, and what it proposes to compare."""

from __future__ import annotations

from analytics.domain.exhibition import Interval
from app.comparison.comparison_figures import (
    ChangeRow,
    ComparisonChoice,
    ComparisonFigures,
)
from app.core.document import Venue
from app.core.job import JobContext


def compute_comparison(
    *, venue: Venue, choice: ComparisonChoice, context: JobContext | None = None
) -> ComparisonFigures:
    """Compare what somebody chose.

    Raises:
        StoreError: the zones changed within a period, or a history cannot be read.
        VenueError: the other hall's folder is no venue, or there is no such zone.
        JobCancelled: the context says so.
    """
    from app.comparison.compare_periods import ComparedPeriod, compare_periods
    from app.core.file_format import read_venue

    other = venue if choice.other_folder is None else read_venue(choice.other_folder)
    compared = compare_periods(
        ComparedPeriod(other, choice.a),
        ComparedPeriod(venue, choice.b),
        metrics=choice.figures,
        unchanged=choice.unchanged,
        job=context,
    )
    rows = []
    for found in compared.changes:
        change = found.change
        effect = change.effect
        rows.append(
            ChangeRow(
                zone=change.zone,
                figure=change.metric,
                finding=change.verdict,
                words=found.words,
                level_a=change.level_a,
                level_b=change.level_b,
                ratio=None if effect is None else effect.ratio,
                interval=None if effect is None else effect.interval,
                adjusted_p=change.adjusted_p,
                smallest_noticed=None if effect is None else effect.smallest_noticed,
                coverage_a=change.coverage_a,
                coverage_b=change.coverage_b,
            )
        )
    return ComparisonFigures(choice, tuple(rows), compared.notes)


def propose_layouts(venue: Venue, history_s: Interval) -> tuple[Interval, Interval] | None:
    """When the layout before the last change held and when the last one does; None without a change.

    Args:
        history_s: from the first to the last observed moment, seconds since the epoch.
    """
    held = [(start_s, end_s) for _, start_s, end_s in venue.geometries_between(*history_s)]
    return (held[-2], held[-1]) if len(held) > 1 else None
