"""Write what drafts of layouts would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from analytics.domain.errors import ForecastError, Phrase
from analytics.results.content import (
    Block,
    Bullets,
    CellKind,
    FloorMap,
    FloorZone,
    Paragraph,
    ReportColumn,
    Table,
    Weight,
)
from app.core.job import JobContext
from app.forecast.drafts import LayoutDraft, read_drafts
from app.forecast.forecast_rows import find_ratio, find_reach, is_proven, rank_rows, scale_change
from app.reports.report_source import ReportSource
from resources.colours import DIFFERENCE, blend

if TYPE_CHECKING:
    from analytics.forecast.layout_forecast import LayoutForecast
    from app.forecast.forecast_layout import VenueBasis

MAX_DRAFTS = 5
"""Drafts that a report describes; more would hide the one that matters."""


def write_what_if(source: ReportSource) -> list[Block]:
    """Describe the forecast of each draft of a layout; nothing in a venue without drafts.

    Raises:
        VenueError: the drafts cannot be read.
        StoreError: the history cannot be read.
    """
    from app.forecast.forecast_layout import forecast_plan, read_forecast_basis
    from app.forecast.hindcast import prove_basis, read_hindcast

    text = source.text
    drafts = [draft for draft in read_drafts(source.venue.folder) if draft.kept_from_utc_s is None]
    if not drafts:
        return []
    try:
        basis = read_forecast_basis(source.venue, source.period_s, source.context)
        basis = prove_basis(basis, read_hindcast(source.venue, source.context, basis))
    except ForecastError as error:
        return [_describe_refusal(source, error)]
    found: list[tuple[LayoutDraft, LayoutForecast | ForecastError]] = []
    for draft in drafts[:MAX_DRAFTS]:
        plan = replace(basis.plan, obstacles=draft.obstacles)
        try:
            forecast = forecast_plan(
                basis, plan, draft.geometry, draft.arrivals_scale, entrance_shares=draft.share_by_entrance
            )
        except ForecastError as error:
            found.append((draft, error))
        else:
            found.append((draft, forecast))
    clear_outs, refused = _simulate_clear_outs(source, basis, found)
    blocks: list[Block] = []
    for number, (draft, result) in enumerate(found, 1):
        if isinstance(result, ForecastError):
            blocks.append(_describe_refusal(source, result, draft.name))
        else:
            said = clear_outs.get(draft.name, ())
            blocks += _describe_forecast(source, draft, result, basis, number, clear_out=said)
    blocks += refused
    left = len(drafts) - MAX_DRAFTS
    if left > 0:
        blocks.append(
            Paragraph(
                text.trn("{n} more draft is not shown.", "{n} more drafts are not shown.", left),
                Weight.SMALL,
            )
        )
    return blocks


def _describe_refusal(source: ReportSource, error: ForecastError, draft: str = "") -> Paragraph:
    text = source.text
    problem = text.translate(Phrase(error.problem_template, error.details))
    words = text.join([problem, text.translate(Phrase(error.remedy_template, error.details))])
    return Paragraph(text.tr("{name}: {value}", name=draft, value=words) if draft else words)


def _simulate_clear_outs(
    source: ReportSource,
    basis: VenueBasis,
    found: Sequence[tuple[LayoutDraft, LayoutForecast | ForecastError]],
) -> tuple[dict[str, tuple[Phrase, ...]], list[Block]]:
    """Return how the hall empties with each draft, by its name; or why that is not known."""
    from app.forecast.clear_out import describe_clear_out, simulate_clear_outs

    plans = [
        (draft.name, (replace(basis.plan, obstacles=draft.obstacles), draft.geometry, result))
        for draft, result in found
        if not isinstance(result, ForecastError)
    ]
    if not plans:
        return {}, []
    # its progress is not that of the report's sections
    context = JobContext(is_cancelled=lambda: source.context.is_cancelled)
    try:
        today, *others = simulate_clear_outs(basis, [plan for _name, plan in plans], context)
    except ForecastError as error:
        return {}, [replace(_describe_refusal(source, error), weight=Weight.SMALL)]
    names = [name for name, _plan in plans]
    return {name: describe_clear_out(one, today) for name, one in zip(names, others, strict=True)}, []


def _describe_forecast(
    source: ReportSource,
    draft: LayoutDraft,
    forecast: LayoutForecast,
    basis: VenueBasis,
    number: int,
    *,
    clear_out: Sequence[Phrase],
) -> list[Block]:
    text, rows = source.text, rank_rows(forecast)
    proven = [row for row in rows if is_proven(row)]
    gains = sum(row.visits > (row.visits_before or 0.0) for row in proven)
    losses = len(proven) - gains
    lead = text.join(
        [
            text.trn("{n} zone gains visits.", "{n} zones gain visits.", gains),
            text.trn("{n} zone loses visits.", "{n} zones lose visits.", losses),
            text.tr("All other changes are smaller than the uncertainty."),
        ]
        if proven
        else [text.tr("No zone changes by more than the forecast's uncertainty.")]
    )
    reach = find_reach(forecast)
    by_zone = {row.zone: row for row in rows}
    zones = []
    for zone in draft.zones:
        row = by_zone.get(str(zone.name))
        if row is None or row.visits_before is None:
            zones.append(FloorZone(text.name(str(zone.name)), zone.outline.points))
            continue
        red, green, blue = blend(DIFFERENCE, (scale_change(row, reach) + 1) / 2)
        label = text.change(row.visits, row.visits_before) if is_proven(row) else ""
        colour = f"#{red:02x}{green:02x}{blue:02x}"
        zones.append(FloorZone(text.name(str(zone.name)), zone.outline.points, label, colour))
    columns = (
        ReportColumn("zone", text.tr("Zone"), CellKind.TEXT),
        ReportColumn("visits_before", text.tr("Visits now"), CellKind.COUNT),
        ReportColumn("visits", text.tr("Visits expected"), CellKind.COUNT, has_interval=True),
        ReportColumn("change", text.tr("Relative change"), CellKind.SHARE),
        ReportColumn("note", text.tr("What changes"), CellKind.TEXT),
    )
    cells = tuple(
        (
            text.name(row.zone),
            row.visits_before,
            (row.visits, row.visits_low, row.visits_high),
            None if (ratio := find_ratio(row)) is None else ratio - 1,
            "" if row.note is None else text.translate(row.note),
        )
        for row in rows
    )
    return [
        Paragraph(text.tr("{name}: {value}", name=draft.name, value=lead), Weight.LEAD),
        FloorMap(
            f"what_if_map_{number}",
            text.tr("Expected change of visits"),
            basis.plan.outline.points,
            tuple(obstacle.outline.points for obstacle in draft.obstacles),
            tuple(zones),
            note=text.tr(
                "Blue: fewer visits; orange: more. Only changes beyond the uncertainty have a number."
            ),
        ),
        Table(f"what_if_{number}", text.tr("Who gains and who loses"), columns, cells),
        Bullets(
            (
                text.tr("From the visitors of {period}", period=text.period(basis.period_s)),
                *(text.translate(phrase) for phrase in (*forecast.statements, *clear_out)),
            )
        ),
    ]
