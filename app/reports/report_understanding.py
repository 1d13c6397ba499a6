"""The sections of a report that explain: where visitors were, how long, and where they went."""

from __future__ import annotations

import numpy as np

from analytics.reports.content import (
    BarChart,
    Block,
    Bullets,
    Cell,
    CellKind,
    FloorMap,
    FloorZone,
    Paragraph,
    ReportColumn,
    Table,
    Weight,
)
from app.reports.report_source import ReportSource
from app.reports.report_summary import LEAST_VISITORS

MOST_ROUTES = 10
MOST_MOVES = 15
LEAST_COVERAGE = 0.8


def write_heatmap(source: ReportSource) -> list[Block]:
    """Presence on the plan, corrected for where and how long anybody looked."""
    from app.floor_plan.floor_layer_view import compute_facts_presence
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
            tuple(FloorZone(text.name(str(zone.name)), zone.outline.points) for zone in facts.zones),
            values,
            (grid.x_m, grid.y_m),
            grid.cell_m,
            found.unobserved,
            found.top / open_h,
            text.tr("person-seconds per m² and observed hour"),
            text.tr("Hatched: not observed."),
        )
    ]


def write_dwell(source: ReportSource) -> list[Block]:
    """Visits and dwell times of every zone, with intervals."""
    text = source.text
    rows: list[tuple[Cell, ...]] = []
    names, means, limits = [], [], []
    coverage = {str(zone.name): source.facts.measure_coverage(zone) for zone in source.facts.zones}
    for name, zone in source.zones.items():
        is_few = _is_few(zone["visits"])
        is_told = coverage[name] > 0 and not is_few
        mean, interval = zone["mean_dwell_s"], zone["mean_dwell_sampling_interval_s"]
        visits, visits_interval = zone["visits"], zone["visits_interval"]
        if is_few:
            mean = interval = visits = visits_interval = None
        low, high = (None, None) if interval is None else (interval[0], interval[1])
        rows.append(
            (
                text.name(name),
                (visits, *(visits_interval or (None, None))),
                (mean, low, high),
                None if is_few else zone["median_dwell_s"],
                None if is_few else zone["p90_dwell_s"],
                zone["person_seconds"] if is_told else None,
                coverage[name],
            )
        )
        names.append(text.name(name))
        means.append(np.nan if mean is None else mean)
        limits.append((np.nan, np.nan) if low is None or high is None else (low, high))
    second = text.tr("s")
    columns = (
        ReportColumn("zone", text.tr("Zone"), CellKind.TEXT),
        ReportColumn(
            "visits",
            text.tr("Visits"),
            CellKind.COUNT,
            has_interval=True,
            definition=text.tr(
                "Stays in the zone of at least 3 s, entered and left beyond doubt; 95 % interval."
            ),
        ),
        ReportColumn(
            "mean_dwell_s",
            text.tr("Mean dwell"),
            CellKind.SECONDS,
            second,
            1,
            has_interval=True,
            definition=text.tr("Mean time that a visit lasts, by occurrence and exposure (Little's law)."),
        ),
        ReportColumn(
            "median_dwell_s",
            text.tr("Median dwell"),
            CellKind.SECONDS,
            second,
            1,
            text.tr("Half of the visits last longer; censored visits are taken into account."),
        ),
        ReportColumn(
            "p90_dwell_s",
            text.tr("90th percentile"),
            CellKind.SECONDS,
            second,
            1,
            text.tr("A tenth of the visits last longer."),
        ),
        ReportColumn(
            "person_seconds",
            text.tr("Person-seconds"),
            CellKind.NUMBER,
            definition=text.tr("Time that all people together spent in the zone."),
        ),
        ReportColumn(
            "observed",
            text.tr("Floor seen"),
            CellKind.SHARE,
            definition=text.tr("Observed share of the zone's floor, while any camera was analysed."),
        ),
    )
    unsure = [text.name(name) for name, zone in source.zones.items() if zone["estimates_disagree"]]
    note = _tell_few(source) if any(_is_few(zone["visits"]) for zone in source.zones.values()) else ""
    title = text.tr("Visits and dwell time by zone")
    blocks: list[Block] = [Table("zones", title, columns, tuple(rows), note)]
    if unsure:
        blocks.append(
            Paragraph(
                text.tr(
                    "Two estimates of the mean dwell time differ by more than 10 % at: {zones}.",
                    zones=text.tr(", ").join(unsure),
                ),
                Weight.WARNING,
            )
        )
    blocks.append(
        BarChart(
            "mean_dwell",
            text.tr("Mean dwell by zone"),
            tuple(names),
            np.array(means),
            second,
            np.array(limits).reshape(-1, 2),
        )
    )
    return blocks


def write_engagement(source: ReportSource) -> list[Block]:
    """What visitors gave each stand."""
    text = source.text
    rows: list[tuple[Cell, ...]] = []
    few = [stand.zone for stand in source.exhibition.stands if _is_few(stand.visits)]
    for stand in source.exhibition.stands:
        if stand.zone in few:
            unknown = (None, None, (None, None, None), None, None, None)
            rows.append((text.name(stand.zone), *unknown, stand.observed_s / 3600, stand.coverage))
            continue
        limits = stand.attraction.interval or (None, None)
        per_hour = stand.divide_by_hours(stand.engaged_minutes)
        rows.append(
            (
                text.name(stand.zone),
                stand.exposed,
                stand.stopped,
                (stand.attraction.value, *limits),
                stand.engaged_visits,
                stand.engaged_minutes,
                None if per_hour is None else per_hour / stand.area_m2,
                stand.observed_s / 3600,
                stand.coverage,
            )
        )
    columns = (
        text.column("stand", CellKind.TEXT),
        text.column("came_near", CellKind.NUMBER),
        text.column("stopped", CellKind.COUNT),
        text.column("attraction", CellKind.SHARE, has_interval=True),
        text.column("engaged_visits", CellKind.COUNT),
        text.column("engaged_minutes", CellKind.NUMBER),
        text.column("engaged_minutes_m2_h", CellKind.NUMBER, decimals=2),
        text.column("observed_h", CellKind.NUMBER, decimals=1),
        text.column("observed", CellKind.SHARE),
    )
    table = Table(
        "stands",
        text.tr("Stands"),
        columns,
        tuple(rows),
        " ".join(
            (
                text.tr("Stands of whose floor less than 80 % is seen have no figures."),
                *([_tell_few(source)] if few else []),
            )
        ),
    )
    return [table]


def write_flows(source: ReportSource) -> list[Block]:
    """Lines, the most frequent moves, and routes that visitors have in common."""
    text, flows = source.text, source.flows
    blocks: list[Block] = []
    if flows.lines:
        columns = (
            ReportColumn("line", text.tr("Line"), CellKind.TEXT),
            ReportColumn("in", text.tr("In"), CellKind.COUNT),
            ReportColumn("out", text.tr("Out"), CellKind.COUNT),
            ReportColumn(
                "per_minute", text.tr("People a minute"), CellKind.NUMBER, decimals=1, has_interval=True
            ),
            ReportColumn("peak_per_minute", text.tr("Peak a minute"), CellKind.NUMBER, decimals=1),
            ReportColumn("peak_at", text.tr("at"), CellKind.MOMENT),
        )
        rows = tuple(
            (
                text.name(line.name),
                line.inward,
                line.outward,
                (line.per_minute.value, *(line.per_minute.interval or (None, None))),
                line.peak,
                line.peak_at_s,
            )
            for line in flows.lines
        )
        blocks.append(Table("lines", text.tr("Counting lines"), columns, rows))
    moves = sorted(flows.transitions, key=lambda move: -move.moves)[:MOST_MOVES]
    moves = [move for move in moves if not _is_few(move.moves)]
    if moves:
        columns_of_moves = (
            ReportColumn("from", text.tr("From"), CellKind.TEXT),
            ReportColumn("to", text.tr("To"), CellKind.TEXT),
            ReportColumn("moves", text.tr("Moves"), CellKind.COUNT),
            ReportColumn(
                "share", text.tr("Share of the moves from there"), CellKind.SHARE, has_interval=True
            ),
        )
        rows_of_moves = tuple(
            (
                _name_place(source, move.origin.zone),
                _name_place(source, move.destination.zone),
                move.moves,
                (move.share.value, *(move.share.interval or (None, None))),
            )
            for move in moves
        )
        blocks.append(Table("moves", text.tr("The most frequent moves"), columns_of_moves, rows_of_moves))
    routes = [
        text.trn(
            "{route}: {n} visitor",
            "{route}: {n} visitors",
            route.visitors,
            route=" → ".join(text.name(zone) for zone in route.zones),
        )
        for route in flows.routes[:MOST_ROUTES]
    ]
    if routes:
        blocks += [Paragraph(text.tr("Routes that visitors have in common:")), Bullets(tuple(routes))]
    if not blocks:
        blocks.append(
            Paragraph(text.tr("There are neither lines nor zones yet, or too few visitors between them."))
        )
    return blocks


def write_findings(source: ReportSource) -> list[Block]:
    """What the rules found, its evidence, and what could be done."""
    from app.findings.finding_outcome_words import describe_outcomes
    from app.findings.findings_figures import find_decision
    from app.findings.layout_finding_words import describe_finding

    text, found = source.text, source.layout
    told = [one for one in found.findings if not find_decision(one, found.decisions).is_dismissed]
    blocks: list[Block] = []
    if not told:
        blocks.append(Paragraph(text.tr("Nothing was found that has to be told.")))
    for finding in told:
        words = describe_finding(finding, time_zone=text.time_zone, name_zone=text.name)
        blocks.append(Paragraph(f"{text.tell(words.what)}. {text.tell(words.impact)}.", Weight.LEAD))
        rest = (words.why, words.hours, words.advice)
        blocks.append(Bullets(tuple(text.tell(part) for part in rest if part.template)))
    blocks += [Paragraph(text.tell(phrase), Weight.SMALL) for phrase in describe_outcomes(found.outcomes)]
    return blocks


def write_events(source: ReportSource) -> list[Block]:
    """What was entered on the timeline."""
    text, (start_s, end_s) = source.text, source.period_s
    events = [event for event in source.timeline.events if event.start_s < end_s and event.end_s > start_s]
    notes = [note for note in source.timeline.notes if start_s <= note.at_s < end_s]
    if not events and not notes:
        return []
    columns = (
        ReportColumn("event", text.tr("Event"), CellKind.TEXT),
        ReportColumn("start", text.tr("Start"), CellKind.MOMENT),
        ReportColumn("end", text.tr("End"), CellKind.MOMENT),
        ReportColumn("zone", text.tr("Zone"), CellKind.TEXT),
    )
    rows = tuple(
        (
            event.name,
            event.start_s,
            event.end_s,
            text.name(event.zone) if event.zone else text.tr("The whole hall"),
        )
        for event in events
    )
    blocks: list[Block] = [Table("events", text.tr("Events"), columns, rows)] if events else []
    if notes:
        told = (f"{text.moment(note.at_s, source.period_s)} {note.text}" for note in notes)
        blocks.append(Bullets(tuple(told)))
    return blocks


def _is_few(count: float | None) -> bool:
    """Whether a visitor could be recognised in what is told of so few."""
    return count is not None and 0 < count < LEAST_VISITORS


def _tell_few(source: ReportSource) -> str:
    return source.text.tr("Of fewer than 5 visits nothing is told, so that nobody is recognised.")


def _name_place(source: ReportSource, zone: str) -> str:
    return source.text.name(zone) if zone else source.text.tr("outside or not observed")
