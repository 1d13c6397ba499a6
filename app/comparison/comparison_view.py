"""Comparison for the comparison page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from analytics.domain.arrays import Interval
from analytics.domain.errors import AccessError, Phrase
from app.access.guard import act_in_another, require
from app.access.roles import Permission
from app.comparison.comparison_figures import ComparisonChoice, ComparisonResults
from app.core.document import Venue
from app.core.job import JobContext
from app.core.number_words import join_list


def compute_comparison(
    *, venue: Venue, choice: ComparisonChoice, context: JobContext | None = None
) -> ComparisonResults:
    """Compute the selected comparison.

    Raises:
        StoreError: the zones changed within a period, or a history cannot be read.
        VenueError: the other hall's folder is no venue, or there is no such zone.
        AccessError: the current user may not see the other hall's figures.
        JobCancelled: the job was cancelled.
    """
    from app.comparison.period_comparison import ComparisonPeriod, compare_periods

    others, hidden = find_other_halls(venue, choice.other_folders)
    other, *more = others or (venue,)
    compared = compare_periods(
        ComparisonPeriod(other, choice.a, tuple(more)),
        ComparisonPeriod(venue, choice.b),
        metrics=choice.figures,
        unchanged=choice.unchanged,
        job=context,
    )
    return replace(compared, choice=choice, notes=(*compared.notes, *describe_hidden(hidden)))


def find_other_halls(venue: Venue, folders: Sequence[Path]) -> tuple[list[Venue], list[str]]:
    """Return the other halls of a comparison, and the names of those whose figures the user may not see.

    Raises:
        VenueError: a folder is no venue.
        AccessError: the current user may not see the figures of any of them.
    """
    from app.core.file_format import read_venue

    found, hidden, refusal = [], [], None
    for folder in folders:
        act_in_another(venue.folder, folder)
        try:
            require(folder, Permission.SEE_FIGURES, action="hall compared")
        except AccessError as error:
            refusal = error
            hidden.append(read_venue(folder).name)
        else:
            found.append(read_venue(folder))
    if refusal is not None and not found:
        raise refusal
    return found, hidden


def describe_hidden(halls: Sequence[str]) -> tuple[Phrase, ...]:
    """Return a sentence on the halls whose figures the user may not see; none without any."""
    if not halls:
        return ()
    return (Phrase("Not included for lack of a role there: {halls}.", {"halls": join_list(halls)}),)


def propose_layouts(venue: Venue, history_s: Interval) -> tuple[Interval, Interval] | None:
    """Return the periods of the last two layouts; None without a change of layout.

    Args:
        history_s: first to last observation, seconds since the epoch.
    """
    held = [(start_s, end_s) for _, start_s, end_s in venue.geometries_between(*history_s)]
    return (held[-2], held[-1]) if len(held) > 1 else None
