"""``stands``: figures of every stand, and how each does for its place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import print_json, print_message, print_table, show_progress
from app.console.language import tr, translate
from app.console.summary_table import format_count, format_share
from app.core.periods import parse_period

if TYPE_CHECKING:
    from analytics.results.zone_figures import FigureColumn
    from app.exhibition.exhibition_figures import StandRow


def stands(
    venue: Annotated[Path, typer.Option(help="The venue's folder.")],
    start: Annotated[str, typer.Option("--from", help="A day, or a time such as 2026-03-02T09:00:00Z.")],
    end: Annotated[str, typer.Option("--to", help="End, in the same form; a day is included in full.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """List the figures of every stand, the best for its place first."""
    from analytics.domain.errors import fill_template
    from app.core.file_format import read_venue
    from app.core.job import JobContext
    from app.exhibition.exhibition_analysis import read_stands
    from app.exhibition.exhibition_figures import (
        CAME_NEAR,
        ENGAGED_VISITS,
        OF_PLACE,
        STOPPED,
        describe_stand,
        rank_by_place,
    )

    opened = read_venue(venue)
    period_s = parse_period(opened.exhibition, start, end)
    with show_progress(tr("Computing the figures of the stands"), is_hidden=as_json) as listen:
        found = read_stands(opened, period_s, context=JobContext(on_progress=listen))
    rows = rank_by_place(found)
    if as_json:
        print_json({"period_s": list(period_s), "stands": [describe_stand(stand) for stand in rows]})
        return
    if not rows:
        print_message(tr("No data for this period."))
        return
    # what fits into 80 columns; all figures are in the JSON
    columns = (CAME_NEAR, STOPPED, ENGAGED_VISITS, OF_PLACE)
    print_table(
        (tr("Stand"), *(translate(column.title.template) for column in columns)),
        [(stand.zone, *(_format_cell(column, stand) for column in columns)) for stand in rows],
    )
    print_message(fill_template(OF_PLACE.definition.template, {}, translate))


def _format_cell(column: FigureColumn[StandRow], stand: StandRow) -> str:
    from analytics.results.content import CellKind

    value = column.read(stand)
    if column.kind is not CellKind.SHARE:
        return format_count(None if value is None else round(value))
    limits = None if column.read_interval is None else column.read_interval(stand)
    if limits is None:
        return format_share(value)
    low, high = (f"{100 * limit:.0f}" for limit in limits)
    return tr("{value} ({low} to {high})", value=format_share(value), low=low, high=high)
