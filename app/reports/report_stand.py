"""Sections on one stand: its place on the plan, where its visitors came from and went, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from analytics.flows.places import OUTSIDE
from analytics.results.content import (
    Block,
    Bullets,
    CellKind,
    FloorMap,
    Paragraph,
    ReportColumn,
    Table,
    Weight,
)
from app.exhibition.exhibition_figures import (
    PlaceVerdict,
    StandRow,
    ValueBasis,
    judge_place,
)
from app.flows.flow_figures import is_few
from app.reports.report_source import ReportSource
from app.reports.report_summary import MIN_PEERS, compute_load, find_stand, is_published
from app.reports.report_understanding import write_heatmap
from resources.colours import DIFFERENCE

MAX_MOVES = 6
"""Maximum places in each of the two tables."""


def write_place(source: ReportSource, zone: str) -> list[Block]:
    """Draw the stand on the map of presence; tell its rank, and what its place lets expect."""
    text, stand = source.text, find_stand(source, zone)
    own = text.name(zone)
    floors = [
        replace(
            block,
            key="stand_map",
            zones=tuple(
                # other stands are only outlines
                replace(one, colour=DIFFERENCE[-1]) if one.name == own else replace(one, name="")
                for one in block.zones
            ),
        )
        for block in write_heatmap(source)
        if isinstance(block, FloorMap)
    ]
    sentences = (
        [*_tell_worth(source, stand), *_list_ranks(source, stand), *_list_terms(source, stand)]
        if is_published(stand)
        else []
    )
    return [*floors, *([Bullets(tuple(sentences))] if sentences else [])]


def _tell_worth(source: ReportSource, stand: StandRow) -> list[str]:
    text, worth = source.text, stand.place_worth
    if worth.value is None or worth.interval is None:
        return []
    return [
        text.tr(
            "The place itself is worth {value} ({interval}) of the average place of the hall, by the "
            "visitors whom an average stand of this size could expect there.",
            value=text.share(worth.value),
            interval=text.interval(*map(text.share, worth.interval)),
        )
    ]


def _list_ranks(source: ReportSource, stand: StandRow) -> list[str]:
    text = source.text
    peers = [one for one in source.exhibition.stands if is_published(one)]
    if len(peers) <= MIN_PEERS:
        return []
    measures: tuple[tuple[str, Callable[[StandRow], float | None]], ...] = (
        (
            text.tr("Rank {rank} of {count} stands by visitors who came near per observed hour."),
            lambda one: one.divide_by_hours(one.exposed),
        ),
        (
            text.tr("Rank {rank} of {count} stands by visitors who stopped, of those who came near."),
            lambda one: one.attraction.value,
        ),
        (text.tr("Rank {rank} of {count} stands by engaged minutes per m² and observed hour."), compute_load),
        (
            text.tr("Rank {rank} of {count} compared stands by visitors who stopped, of those expected "
                    "for the place."),
            lambda one: one.of_place.value,
        ),
    )  # fmt: skip
    sentences = []
    for sentence, measure in measures:
        value, known = measure(stand), [one for peer in peers if (one := measure(peer)) is not None]
        if value is not None:
            rank = 1 + sum(one > value for one in known)
            sentences.append(sentence.format(rank=rank, count=len(known)))
    return sentences


def _list_terms(source: ReportSource, stand: StandRow) -> list[str]:
    """Return what the stand pays and hopes for, where it was entered."""
    text, currency = source.text, source.exhibition.currency
    sentences = []
    if stand.rent is not None:
        rent = f"{text.number(stand.rent)} {currency}".strip()
        price = stand.prices.get(ValueBasis.EXPOSED)
        sentences.append(
            text.tr("Rent for the show: {rent}.", rent=rent)
            if price is None or price.cost is None
            else text.tr(
                "Rent for the show: {rent}; {cost} for each visitor who came near.",
                rent=rent,
                cost=f"{text.number(price.cost, 2)} {currency}".strip(),
            )
        )
    for sentence, reached, target in (
        (text.tr("Target of visits: {target}, reached: {share}."), stand.visits, stand.visits_target),
        (
            text.tr("Target of engaged visits: {target}, reached: {share}."),
            stand.engaged_visits,
            stand.engaged_target,
        ),
    ):
        if reached is not None and target:
            sentences.append(sentence.format(target=text.number(target), share=text.share(reached / target)))
    return sentences


def write_stand_flows(source: ReportSource, zone: str, *, names_others: bool = False) -> list[Block]:
    """Tabulate where the stand's visitors came from and where they went, the most frequent first.

    Args:
        names_others: for the organiser; other zones are combined otherwise.
    """
    text = source.text
    if not is_published(find_stand(source, zone)):
        return []
    moves = [move for move in source.flows.transitions if not is_few(move["moves"])]
    into = [(move["from"], move["moves"]) for move in moves if move["to"] == zone]
    out = [(move["to"], move["moves"]) for move in moves if move["from"] == zone]
    blocks: list[Block] = []
    for key, title, found in (
        ("came_from", text.tr("They came from"), into),
        ("went_to", text.tr("They went to"), out),
    ):
        sums: dict[str, int] = {}
        for place, count in found:
            name = _name_place(source, place, names_others=names_others)
            sums[name] = sums.get(name, 0) + count
        if sums:
            blocks.append(_tabulate(source, key, title, sums))
    return blocks or [Paragraph(text.tr("Too few visitors moved between this stand and others."))]


def _tabulate(source: ReportSource, key: str, title: str, moves: Mapping[str, int]) -> Table:
    text, total = source.text, sum(moves.values())
    columns = (
        ReportColumn("zone", text.tr("Zone"), CellKind.TEXT),
        ReportColumn("moves", text.tr("Moves"), CellKind.COUNT),
        ReportColumn("share", text.tr("Share of these moves"), CellKind.SHARE),
    )
    ranked = sorted(moves.items(), key=lambda entry: -entry[1])[:MAX_MOVES]
    return Table(key, title, columns, tuple((name, count, count / total) for name, count in ranked))


def _name_place(source: ReportSource, place: str, *, names_others: bool) -> str:
    if place == OUTSIDE:
        return source.text.tr("outside or not observed")
    return source.text.name(place) if names_others else source.text.tr("other zones")


def write_advice(source: ReportSource, zone: str, *, names_others: bool = False) -> list[Block]:
    """Write what the findings say of the stand, or how it does for its place, and what to do.

    Args:
        names_others: for the organiser; findings that name other zones are left out otherwise.
    """
    from app.findings.finding_text import describe_finding
    from app.findings.findings_figures import list_open_findings

    text, stand = source.text, find_stand(source, zone)
    if not is_published(stand):
        return []
    blocks: list[Block] = []
    for finding in list_open_findings(source.layout):
        if finding.zone == zone and (names_others or not finding.others):
            words = describe_finding(finding, time_zone=text.time_zone, name_zone=text.name)
            blocks.append(Paragraph(text.translate(words.what), Weight.LEAD))
            parts = (words.why, words.hours, words.advice)
            blocks.append(Bullets(tuple(text.translate(part) for part in parts if part.template)))
    return blocks or [Bullets(_advise_by_place(source, stand))]


def _advise_by_place(source: ReportSource, stand: StandRow) -> tuple[str, ...]:
    text, of_place = source.text, stand.of_place
    low, high = map(text.share, of_place.interval or (0.0, 0.0))
    figures = {"value": text.rough(of_place, text.share), "interval": text.interval(low, high)}
    match judge_place(of_place):
        case PlaceVerdict.ABOVE:
            return (
                text.tr("More visitors stop than expected for the place: {value} ({interval}).", **figures),
                text.tr("What the stand does works. It gains most from a place that more visitors pass."),
            )
        case PlaceVerdict.BELOW:
            return (
                text.tr("Fewer visitors stop than expected for the place: {value} ({interval}).", **figures),
                text.tr("The place is not the reason. Open the front, show something that can be tried, and "
                        "staff the stand in its busy hours."),
            )  # fmt: skip
        case PlaceVerdict.NOT_PROVEN:
            return (
                text.tr(
                    "As many visitors stop as expected for the place, as far as can be told: {value} "
                    "({interval}).",
                    **figures,
                ),
                text.tr("More visitors would stop where more of them pass, such as at a corner or on the "
                        "way from the entrance."),
            )  # fmt: skip
    note = source.exhibition.places_note
    return (
        text.tr("There are too few visitors to say how the stand does for its place.")
        if note is None
        else text.translate(note),
    )
