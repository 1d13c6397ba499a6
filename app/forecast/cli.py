"""``forecast``: what a changed layout would do to the visits of every zone."""

from __future__ import annotations

import csv
import io
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import print_json, print_message, print_table, show_progress
from app.console.language import tr, translate
from app.console.summary_table import format_share
from app.core.periods import parse_period

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analytics.domain.errors import Phrase
    from analytics.forecast.clear_out import ClearOut
    from analytics.forecast.layout_forecast import LayoutForecast, ZoneForecast
    from app.core.document import Venue
    from app.forecast.forecast_layout import VenueBasis
    from app.forecast.search_layouts import LayoutProposals

COLUMNS = (
    "zone",
    "kind",
    "visits_before",
    "visits",
    "visits_low",
    "visits_high",
    "person_s_before",
    "person_s",
    "person_s_low",
    "person_s_high",
    "note",
)


HINDCAST_FIGURES = (
    "pairs",
    "weighted_error",
    "no_change_error",
    "skill",
    "slope",
    "held_share",
    "signs_share",
    "noise_floor",
    "whole_share",
)


def forecast(
    venue: Annotated[Path, typer.Option(help="The venue's folder.")],
    start: Annotated[
        str | None, typer.Option("--from", help="A day, or a time such as 2026-03-02T09:00:00Z.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="End, in the same form; a day is included in full.")
    ] = None,
    layout: Annotated[
        Path | None, typer.Option(help="The changed zones, lines and obstacles as GeoJSON, metres.")
    ] = None,
    hindcast: Annotated[
        bool,
        typer.Option("--hindcast", help="Show how right forecasts of this hall's earlier changes would be."),
    ] = False,
    search: Annotated[
        bool, typer.Option("--search", help="Search for better layouts by exchanging places of stands.")
    ] = False,
    moves: Annotated[
        int, typer.Option(min=2, max=1000, help="With --search: most stands that may move.")
    ] = 3,
    goal: Annotated[
        str,
        typer.Option(
            help="With --search: what a better layout has more of: visits, weakest-third (visits of the "
            "third of the stands with the fewest), person-seconds or rent-weighted (visits by rent)."
        ),
    ] = "visits",
    out: Annotated[
        Path | None, typer.Option(help="CSV file to write; with --search, a folder for the layouts.")
    ] = None,
    arrivals: Annotated[
        float, typer.Option(min=0.01, max=100.0, help="Arrivals relative to those of the period.")
    ] = 1.0,
    entrance: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=SHARE", help="Share of the arrivals by an entrance, North=0.6; may be repeated."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Forecast the visits to every zone of a changed layout, with 95 % intervals."""
    from analytics.domain.errors import ForecastError
    from app.core.file_format import read_venue
    from app.core.job import JobContext
    from app.forecast.forecast_layout import forecast_plan, read_changed_plan, read_forecast_basis
    from app.forecast.hindcast import prove_basis, read_hindcast

    if hindcast + search + (layout is not None) > 1:
        raise ForecastError(
            "--layout, --search and --hindcast cannot be combined.", "Give one of them at a time."
        )
    opened = read_venue(venue)
    if hindcast:
        _hindcast(opened, out=out, as_json=as_json)
        return
    if start is None or end is None:
        raise ForecastError("No period was given.", "Give --from and --to, or --hindcast.")
    period_s = parse_period(opened.exhibition, start, end)
    with show_progress(tr("Reading the visits of the period"), is_hidden=as_json) as listen:
        basis = read_forecast_basis(opened, period_s, JobContext(on_progress=listen))
        basis = prove_basis(basis, read_hindcast(opened, JobContext(on_progress=listen), basis))
    if search:
        _search(opened, basis, moves=moves, goal=goal, out=out, as_json=as_json)
        return
    if layout is None:
        raise ForecastError("No changed layout was given.", "Give --layout or --search.")
    plan, geometry = read_changed_plan(layout, basis.plan, basis.geometry)
    found = forecast_plan(basis, plan, geometry, arrivals, entrance_shares=_parse_shares(entrance or []))
    if out is not None:
        write_forecast(found, out)
    if as_json:
        print_json(describe_forecast(found))
        return
    if out is None:
        _print_rows(found.rows)
    for statement in found.statements:
        print_message(_translate(statement))


def _parse_shares(texts: Sequence[str]) -> dict[str, float]:
    from analytics.domain.errors import ForecastError

    shares = {}
    for text in texts:
        name, _, share = text.rpartition("=")
        try:
            shares[name] = float(share)
        except ValueError:
            raise ForecastError(
                "'{text}' is no share of an entrance.", "Write it like North=0.6.", text=text
            ) from None
    return shares


def _search(
    venue: Venue, basis: VenueBasis, *, moves: int, goal: str, out: Path | None, as_json: bool
) -> None:
    from app.core.job import JobContext
    from app.forecast.clear_out import describe_clear_out
    from app.forecast.search_layouts import (
        describe_proposal,
        find_better_layouts,
        parse_goal,
        write_proposals,
    )

    wanted = parse_goal(goal)
    with show_progress(tr("Searching for better layouts"), is_hidden=as_json) as listen:
        found = find_better_layouts(
            venue, basis, goal=wanted, most_moves=moves, context=JobContext(on_progress=listen)
        )
    if out is not None:
        write_proposals(found, out)
    clear_outs, refused = _simulate_clear_outs(basis, found, is_hidden=as_json)
    statements = (*found.statements, *refused)
    rows = [describe_proposal(found, layout, number) for number, layout in enumerate(found.layouts, 1)]
    if as_json:
        described = [None if one is None else asdict(one) for one in clear_outs]
        with_times = [{**row, "clear_out": one} for row, one in zip(rows, described[1:], strict=True)]
        print_json(
            {
                "layouts": with_times,
                "clear_out_today": described[0],
                "statements": [str(statement) for statement in statements],
            }
        )
        return
    for statement in statements:
        print_message(_translate(statement))
    if rows:
        print_table(
            (tr("Layout"), tr("Stands moved"), tr("Gain"), tr("Moves")),
            [
                (
                    str(number),
                    str(layout.promise.moves),
                    tr(
                        "{value} ({low} to {high})",
                        value=format_share(layout.promise.gain),
                        low=f"{100 * layout.promise.gain_interval[0]:.0f}",
                        high=f"{100 * layout.promise.gain_interval[1]:.0f}",
                    ),
                    "; ".join(f"{move.stand} → {move.to}" for move in layout.moves),
                )
                for number, layout in enumerate(found.layouts, 1)
            ],
        )
    today = clear_outs[0]
    for number, one in enumerate(clear_outs[1:], 1):
        if one is not None and today is not None:
            said = " ".join(map(_translate, describe_clear_out(one, today)))
            print_message(tr("Layout {number}: {words}", number=number, words=said))


def _simulate_clear_outs(
    basis: VenueBasis, found: LayoutProposals, *, is_hidden: bool
) -> tuple[Sequence[ClearOut | None], tuple[Phrase, ...]]:
    """Return the clear-out of today's layout and of each found one, or why there is none."""
    from analytics.domain.errors import ForecastError, Phrase
    from app.core.job import JobContext
    from app.forecast.clear_out import simulate_clear_outs

    layouts = [(one.plan, one.geometry, one.forecast) for one in found.layouts]
    none = [None] * (1 + len(layouts))
    if not layouts:
        return none, ()
    try:
        with show_progress(tr("Simulating clear-out times"), is_hidden=is_hidden) as listen:
            return simulate_clear_outs(basis, layouts, JobContext(on_progress=listen)), ()
    except ForecastError as error:
        return none, (
            Phrase(error.problem_template, error.details),
            Phrase(error.remedy_template, error.details),
        )


def _hindcast(venue: Venue, *, out: Path | None, as_json: bool) -> None:
    from analytics.domain.errors import ForecastError
    from app.core.job import JobContext
    from app.forecast.hindcast import describe_hindcast, read_hindcast

    with show_progress(tr("Reading the visits of the period"), is_hidden=as_json) as listen:
        found = read_hindcast(venue, JobContext(on_progress=listen))
    if found is None:
        raise ForecastError(
            "Not proven in this hall: no change of its layout has been observed yet.",
            "Record a day before and a day after a change, with a layout version for each.",
        )
    rows = [
        {
            **describe_row(row.forecast),
            "visits_real": round(row.visits_real, 2),
            "person_s_real": round(row.person_s_real, 2),
        }
        for row in found.rows
    ]
    if out is not None:
        _write_rows(rows, (*COLUMNS, "visits_real", "person_s_real"), out)
    sentences = describe_hindcast(found)
    if as_json:
        figures = {name: getattr(found, name) for name in HINDCAST_FIGURES}
        print_json({**figures, "zones": rows, "statements": [str(sentence) for sentence in sentences]})
        return
    for sentence in sentences:
        print_message(_translate(sentence))


def write_forecast(found: LayoutForecast, file: Path) -> None:
    """Write the rows as CSV.

    Raises:
        OutputError: the file cannot be written.
    """
    _write_rows([describe_row(row) for row in found.rows], COLUMNS, file)


def _write_rows(rows: Sequence[Mapping[str, object]], columns: Sequence[str], file: Path) -> None:
    from analytics.domain.errors import OutputError
    from app.error_reporting import convert_error
    from resources.atomic_file import write_text_atomically

    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    try:
        write_text_atomically(file, text.getvalue())
    except OSError as error:
        raise convert_error(OutputError, error, file=file) from error


def describe_forecast(found: LayoutForecast) -> dict[str, object]:
    """Return a forecast as a JSON object."""
    return {
        "zones": [describe_row(row) for row in found.rows],
        "statements": [str(statement) for statement in found.statements],
    }


def describe_row(row: ZoneForecast) -> dict[str, object]:
    """Return a row by the names of ``COLUMNS``."""
    values = {name: getattr(row, name) for name in COLUMNS[:-1]}
    rounded = {name: round(value, 2) if isinstance(value, float) else value for name, value in values.items()}
    return {**rounded, "note": "" if row.note is None else str(row.note)}


def _print_rows(rows: tuple[ZoneForecast, ...]) -> None:
    print_table(
        (tr("Zone"), tr("Visits observed"), tr("Visits forecast"), tr("Note")),
        [
            (
                row.zone,
                "" if row.visits_before is None else f"{row.visits_before:.0f}",
                tr(
                    "{value} ({low} to {high})",
                    value=f"{row.visits:.0f}",
                    low=f"{row.visits_low:.0f}",
                    high=f"{row.visits_high:.0f}",
                ),
                "" if row.note is None else _translate(row.note),
            )
            for row in rows
        ],
    )


def _translate(phrase: object) -> str:
    from analytics.domain.errors import Phrase, fill_template

    assert isinstance(phrase, Phrase)
    return fill_template(phrase.template, phrase.fields, translate)
