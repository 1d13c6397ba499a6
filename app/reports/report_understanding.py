"""Sections of a report that explain where visitors were, how long they stayed and where they went."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from analytics.domain.zone import Zone
from analytics.dwell.pooled_zones import choose_pooled_zones
from analytics.dwell.zone_figures import ZoneFigures
from analytics.flows.line_flow import LineFlow
from analytics.flows.places import OUTSIDE
from analytics.metrics.estimate import UNKNOWN, Estimate
from analytics.results.content import (
    BarChart,
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
from analytics.results.zone_figures import DWELL_REPORT_COLUMNS, MEAN_DWELL
from app.exhibition.exhibition_figures import (
    ATTRACTION,
    CAME_NEAR,
    ENGAGED_MINUTES,
    ENGAGED_VISITS,
    FLOOR_SEEN,
    OBSERVED_HOURS,
    OF_PLACE,
    STOPPED,
    PlaceVerdict,
    judge_place,
    scale_place,
)
from app.findings.finding_decisions import FindingDecision
from app.flows.flow_figures import LINE_COLUMNS, MOVE_COLUMNS, ROUTE_COLUMNS, LineFigures, is_few
from app.reports.report_source import ReportSource
from app.reports.report_summary import compute_load, draw_occupancy
from resources.colours import DIFFERENCE, blend

MAX_ROUTES = 10
MAX_MOVES = 15
MIN_COVERAGE = 0.8
TOLD_PLACES = 3
"""Number of the most and of the least valuable places that are named."""
_STAND_COLUMNS = (CAME_NEAR, STOPPED, ATTRACTION, OF_PLACE, ENGAGED_VISITS, ENGAGED_MINUTES)
_LINE_COLUMNS = [column for column in LINE_COLUMNS if column.key not in ("per_minute_m", "turn_right")]


def write_heatmap(source: ReportSource) -> list[Block]:
    """Draw presence on the plan, corrected for unequal observation, and the people over time."""
    from app.floor_plan.floor_layers import compute_facts_presence
    from app.floor_plan.floor_map import map_presence

    text, facts = source.text, source.facts
    found = map_presence(compute_facts_presence(facts), is_by_hours=True)
    open_h = facts.observed_s / 3600
    values = found.values / open_h
    grid = found.grid
    return [
        FloorMap(
            "presence",
            text.tr("Presence"),
            facts.plan.outline.points,
            tuple(obstacle.outline.points for obstacle in facts.plan.obstacles),
            tuple(
                FloorZone(text.name(str(zone.name)), zone.outline.points) for zone in _sort_zones(facts.zones)
            ),
            values,
            (grid.x_m, grid.y_m),
            grid.cell_m,
            found.unobserved,
            found.top / open_h,
            text.tr("person-seconds per m² and observed hour"),
            text.tr("Hatched: not observed."),
        ),
        draw_occupancy(source, source.period_s),
    ]


def _sort_zones(zones: Sequence[Zone]) -> list[Zone]:
    """Return the zones with those first that are worth a visit, whose names have precedence on a map."""
    pooled = choose_pooled_zones(zones)
    return sorted(zones, key=lambda zone: zone not in pooled)


def write_dwell(source: ReportSource) -> list[Block]:
    """Tabulate visits and dwell times of every zone, with intervals."""
    text = source.text
    facts = source.facts
    coverage = {str(zone.name): facts.measure_coverage(zone) for zone in facts.zones}
    figures = list(source.zones.values())
    shown_figures = [
        ZoneFigures(one.name)
        if is_few(one.visits.value)
        else replace(one, person_seconds=one.person_seconds if coverage[one.name] > 0 else None)
        for one in figures
    ]
    columns = (
        ReportColumn("zone", text.tr("Zone"), CellKind.TEXT),
        *(column.describe(text.translate) for column in DWELL_REPORT_COLUMNS),
        FLOOR_SEEN.describe(text.translate),
    )
    shown_figures.sort(key=lambda one: -(one.mean_dwell_s.value or 0.0))
    pooled = {str(zone.name) for zone in choose_pooled_zones(facts.zones)}
    drawn = [one for one in shown_figures if one.name in pooled]
    rows = tuple(
        (text.name(one.name), *(column.fill_cell(one) for column in DWELL_REPORT_COLUMNS), coverage[one.name])
        for one in shown_figures
    )
    note = _describe_few(source) if any(is_few(one.visits.value) for one in figures) else ""
    title = text.tr("Visits and dwell time by zone")
    return [
        BarChart(
            "mean_dwell",
            text.tr("Mean dwell by zone"),
            tuple(text.name(one.name) for one in drawn),
            np.array([one.mean_dwell_s.value for one in drawn], np.float64),
            text.translate(MEAN_DWELL.unit),
            np.array([one.mean_dwell_s.interval or (np.nan, np.nan) for one in drawn]).reshape(-1, 2),
        ),
        Table("zones", title, columns, rows, note),
    ]


def write_engagement(source: ReportSource) -> list[Block]:
    """Tabulate the stands' engagement."""
    text = source.text
    few = [stand.zone for stand in source.exhibition.stands if stand.has_few_visits]
    shown_stands = [
        (stand, stand.hide_figures() if stand.zone in few else stand) for stand in source.exhibition.stands
    ]
    shown_stands.sort(key=lambda pair: -(pair[1].engaged_minutes or 0.0))
    rows = [
        (
            text.name(stand.zone),
            *(column.fill_cell(shown) for column in _STAND_COLUMNS),
            compute_load(shown),
            OBSERVED_HOURS.fill_cell(stand),
            FLOOR_SEEN.fill_cell(stand),
        )
        for stand, shown in shown_stands
    ]
    columns = (
        ReportColumn("stand", text.tr("Stand"), CellKind.TEXT),
        *(column.describe(text.translate) for column in _STAND_COLUMNS),
        ReportColumn(
            "engaged_minutes_m2_h",
            text.tr("Engaged min/{unit}/h", unit="m²"),
            CellKind.NUMBER,
            decimals=2,
            definition=text.tr("Engaged minutes per m² of the stand and observed hour."),
        ),
        OBSERVED_HOURS.describe(text.translate),
        FLOOR_SEEN.describe(text.translate),
    )
    table = Table(
        "stands",
        text.tr("Stands"),
        columns,
        tuple(rows),
        text.join(
            (
                text.tr("Stands with less than 80 % of their floor in view have no figures."),
                *([_describe_few(source)] if few else []),
            )
        ),
    )
    return [table, *_draw_places(source, few)]


def _draw_places(source: ReportSource, hidden: Collection[str]) -> list[Block]:
    """Return the plan with the compared stands coloured by how they do for their place, if there are any."""
    text = source.text
    compared = {
        stand.zone: stand.of_place
        for stand in source.exhibition.stands
        if stand.of_place.value is not None and stand.zone not in hidden
    }
    if not compared:
        note = source.exhibition.places_note
        return [] if note is None else [Paragraph(text.translate(note), Weight.WARNING)]
    plan = source.facts.plan
    zones = tuple(
        FloorZone(
            text.name(str(zone.name)),
            zone.outline.points,
            *(() if (one := compared.get(str(zone.name))) is None else _colour_place(source, one)),
        )
        for zone in _sort_zones(source.facts.zones)
    )
    title = text.tr("Stands against their place")
    obstacles = tuple(obstacle.outline.points for obstacle in plan.obstacles)
    explained = text.tr(
        "Blue stands stop fewer visitors than expected for their place, orange ones more; the darkest half "
        "or twice as many. ▲ and ▼ mark proven differences; others may be chance."
    )
    return [
        *_tell_worths(source, hidden),
        FloorMap("of_place", title, plan.outline.points, obstacles, zones),
        Paragraph(explained, Weight.SMALL),
    ]


def _tell_worths(source: ReportSource, hidden: Collection[str]) -> list[Block]:
    """Return which places are worth most and least, whoever stands there; nothing where few are known."""
    text = source.text
    known = sorted(
        (
            stand
            for stand in source.exhibition.stands
            if stand.place_worth.value is not None and stand.zone not in hidden
        ),
        key=lambda stand: -(stand.place_worth.value or 0.0),
    )
    if len(known) < 2 * TOLD_PLACES:
        return []
    most, least = (
        text.tr(", ").join(
            text.tr(
                "{name} ({share})", name=text.name(one.zone), share=text.rough(one.place_worth, text.share)
            )
            for one in stands
        )
        for stands in (known[:TOLD_PLACES], known[: -TOLD_PLACES - 1 : -1])
    )
    sentence = text.tr(
        "The most valuable places, whoever stands there: {most}. The least valuable: {least}. 100 % is the "
        "average place.",
        most=most,
        least=least,
    )
    return [Paragraph(sentence)]


def _colour_place(source: ReportSource, of_place: Estimate) -> tuple[str, str]:
    """Return label and colour of a compared stand."""
    mark = {PlaceVerdict.ABOVE: " ▲", PlaceVerdict.BELOW: " ▼"}.get(judge_place(of_place), "")
    red, green, blue = blend(DIFFERENCE, (scale_place(of_place.value or 1.0) + 1) / 2)
    return source.text.rough(of_place, source.text.share) + mark, f"#{red:02x}{green:02x}{blue:02x}"


def write_flows(source: ReportSource) -> list[Block]:
    """Describe counting lines, the most frequent moves and common routes."""
    text, flows = source.text, source.flows
    blocks: list[Block] = []
    if flows.lines:
        shown_lines = [_hide_small(line) for line in flows.lines]
        columns = [column.describe(text.translate, is_defined=False) for column in _LINE_COLUMNS]
        columns.append(ReportColumn("peak_at", text.tr("at"), CellKind.TIME))
        rows = tuple(
            (
                text.name(line.name),
                *(column.fill_cell(line) for column in _LINE_COLUMNS[1:]),
                line.peak_at_s,
            )
            for line in shown_lines
        )
        few = text.tr("Fewer than 5 people are not shown, to protect the visitors' privacy.")
        note = few if shown_lines != list(flows.lines) else ""
        blocks.append(Table("lines", text.tr("Counting lines"), tuple(columns), rows, note))
    moves = sorted(flows.transitions, key=lambda move: -move["moves"])[:MAX_MOVES]
    moves = [move for move in moves if not is_few(move["moves"])]
    if moves:
        rows = tuple(
            (
                *(_name_place(source, move[end]) for end in ("from", "to")),
                *(column.fill_cell(move) for column in MOVE_COLUMNS[2:]),
            )
            for move in moves
        )
        columns = [column.describe(text.translate) for column in MOVE_COLUMNS]
        blocks.append(Table("moves", text.tr("The most frequent moves"), tuple(columns), rows))
    if routes := flows.routes[:MAX_ROUTES]:
        rows = tuple((" → ".join(map(text.name, row["route"])), row["visitors"]) for row in routes)
        columns = [column.describe(text.translate, is_defined=False) for column in ROUTE_COLUMNS[:2]]
        blocks.append(Table("routes", text.tr("Common routes"), tuple(columns), rows))
    if not blocks:
        blocks.append(
            Paragraph(text.tr("There are no counting lines or zones yet, or too few visitors between them."))
        )
    return blocks


def _hide_small(line: LineFigures) -> LineFigures:
    """Return a line without counts below five, and without rates that would give them away."""
    if not is_few(line.inward) and not is_few(line.outward):
        return line
    inward, outward = (None if is_few(count) else count for count in (line.inward, line.outward))
    flow = LineFlow(per_minute=UNKNOWN, per_minute_m=UNKNOWN)
    return replace(line, inward=inward, outward=outward, flow=flow, peak=None, peak_at_s=None)


def write_findings(source: ReportSource) -> list[Block]:
    """Describe the findings, their evidence and the advice; nothing where the first page says it all."""
    from app.findings.finding_text import describe_finding
    from app.findings.findings_figures import find_decision, list_open_findings

    text, found = source.text, source.layout
    shown_figures = list_open_findings(found)
    decided: list[tuple[str, FindingDecision]] = []
    blocks: list[Block] = []
    for finding in shown_figures:
        words = describe_finding(finding, time_zone=text.time_zone, name_zone=text.name)
        blocks.append(
            Paragraph(
                text.tr(
                    "{what}. {impact}.",
                    what=text.translate(words.what),
                    impact=text.translate(words.impact),
                ),
                Weight.LEAD,
            )
        )
        rest = (words.why, words.interval, words.hours, words.advice)
        blocks.append(Bullets(tuple(text.translate(part) for part in rest if part.template)))
        decision = find_decision(finding, found.decisions)
        if not decision.is_empty:
            decided.append((text.translate(words.what), decision))
    blocks += _tabulate_decisions(source, decided)
    return blocks


def _tabulate_decisions(source: ReportSource, decided: list[tuple[str, FindingDecision]]) -> list[Block]:
    """Return a table of who does what by when, and what became of it; nothing where nothing was decided."""
    from app.findings.finding_text import STATE_NAMES, name_past_finding

    text, found = source.text, source.layout
    decided += [(text.translate(name_past_finding(one, text.name)), one) for one in found.list_past()]
    if not decided:
        return []
    columns = (
        ReportColumn("finding", text.tr("Finding"), CellKind.TEXT),
        ReportColumn("state", text.tr("State"), CellKind.TEXT),
        ReportColumn("owner", text.tr("Owner"), CellKind.TEXT),
        ReportColumn("due_on", text.tr("Due"), CellKind.TEXT),
        ReportColumn("changed_on", text.tr("Changed"), CellKind.TEXT),
        ReportColumn("effect", text.tr("What became of it"), CellKind.TEXT),
    )
    rows = tuple(
        (
            what,
            text.translate(STATE_NAMES[one.state]),
            one.owner,
            "" if one.due_on is None else one.due_on.isoformat(),
            "" if one.changed_on is None else one.changed_on.isoformat(),
            text.join([*map(text.translate, found.effects.get(one.key, ())), one.note]),
        )
        for what, one in decided
    )
    return [Table("finding_decisions", text.tr("What was decided"), columns, rows)]


def write_events(source: ReportSource) -> list[Block]:
    """Tabulate the events of the timeline."""
    text, (start_s, end_s) = source.text, source.period_s
    events = [event for event in source.timeline.events if event.start_s < end_s and event.end_s > start_s]
    notes = [note for note in source.timeline.notes if start_s <= note.at_s < end_s]
    if not events and not notes:
        return []
    columns = (
        ReportColumn("event", text.tr("Event"), CellKind.TEXT),
        ReportColumn("start", text.tr("Start"), CellKind.TIME),
        ReportColumn("end", text.tr("End"), CellKind.TIME),
        ReportColumn("zone", text.tr("Zone"), CellKind.TEXT),
    )
    rows = tuple(
        (
            text.name(event.name),
            event.start_s,
            event.end_s,
            text.name(event.zone) if event.zone else text.tr("The whole hall"),
        )
        for event in events
    )
    blocks: list[Block] = [Table("events", text.tr("Events"), columns, rows)] if events else []
    if notes:
        shown_figures = (
            f"{text.moment(note.at_s, source.period_s)} {text.name(note.text)}" for note in notes
        )
        blocks.append(Bullets(tuple(shown_figures)))
    return blocks


def _describe_few(source: ReportSource) -> str:
    return source.text.tr("Zones with fewer than 5 visits have no figures, to protect the visitors' privacy.")


def _name_place(source: ReportSource, place: str) -> str:
    return source.text.tr("outside or not observed") if place == OUTSIDE else source.text.name(place)
