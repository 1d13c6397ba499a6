"""The sections of a report that say how far it can be trusted: what was observed, by whom, with what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analytics.metrics.observation import clip_intervals, unite_spans
from analytics.reports.content import (
    Block,
    Bullets,
    CellKind,
    KeyFigures,
    Paragraph,
    ReportColumn,
    Section,
    Table,
    Weight,
)
from analytics.store.lost_tracks import LOST_TRACKS
from app.operations.gap_words import describe_cause
from app.operations.report_source import ReportSource

if TYPE_CHECKING:
    import pandas as pd

MOST_GAPS = 25
LEAST_GAP_S = 60.0
"""Shorter ones are in the sum alone."""


def write_cameras(source: ReportSource) -> list[Block]:
    """Every camera: for how long it was analysed, at how many frames a second, and what interrupted it."""
    from analytics.store.sql_event_store import open_reader

    text, (start_s, end_s) = source.text, source.period_s
    reader = open_reader(source.venue.folder)
    try:
        spans, gaps = reader.read_spans(start_s, end_s), reader.read_gaps(start_s, end_s)
    finally:
        reader.close()
    rows = []
    for name in source.venue.camera_names:
        own = spans[spans["camera"] == str(name)]
        observed_s = float(np.diff(_clip(own, source), axis=1).sum())
        interrupted = gaps[gaps["camera"] == str(name)]
        lost_s = float(
            (interrupted["end_s"].clip(upper=end_s) - interrupted["start_s"].clip(lower=start_s)).sum()
        )
        frames = float(own["frames"].sum())
        rows.append(
            (
                text.name(str(name)),
                observed_s / 3600,
                frames / observed_s if observed_s > 0 else None,
                len(interrupted),
                lost_s / 60,
            )
        )
    columns = (
        ReportColumn("camera", text.tr("Camera"), CellKind.TEXT),
        ReportColumn("observed_h", text.tr("Analysed"), CellKind.NUMBER, text.tr("h"), 2),
        ReportColumn("fps", text.tr("Frames a second"), CellKind.NUMBER, decimals=1),
        ReportColumn("gaps", text.tr("Interruptions"), CellKind.COUNT),
        ReportColumn("lost_min", text.tr("Interrupted"), CellKind.NUMBER, text.tr("min"), 1),
    )
    return [Table("cameras", text.tr("Cameras"), columns, tuple(rows)), *_list_gaps(source, gaps)]


def write_quality(source: ReportSource) -> list[Block]:
    """What was observed and what was not, in sentences."""
    text, facts, figures = source.text, source.facts, source.exhibition
    observed = facts.observed
    sentences = [
        text.tr(
            "Cameras were analysed for {hours} h, from {start} to {end}.",
            hours=text.number(facts.observed_s / 3600, 1),
            start=text.moment(float(observed[0, 0]), facts.period_s),
            end=text.moment(60.0 * round(float(observed[-1, 1]) / 60.0), facts.period_s),
        ),
        text.tr("The cameras see {share} of the open floor.", share=text.share(figures.floor_share)),
        text.trn(
            "Of {n} day visitors followed and diligent visitors cannot be told: they need tracks, "
            "which were deleted for their age.",
            "Of {n} days visitors followed and diligent visitors cannot be told: they need tracks, "
            "which were deleted for their age.",
            figures.days_without_ways,
        )
        if figures.days_without_ways
        else text.trn(
            "{n} visitor was seen from beginning to end, {cut} in part.",
            "{n} visitors were seen from beginning to end, {cut} in part.",
            figures.whole_journeys,
            cut=text.number(figures.cut_journeys),
        ),
        text.tr("Intervals hold the truth in 95 of 100 cases, as far as visitors like these are concerned."),
    ]
    moved = [name for name, since_s in facts.zone_since_s.items() if since_s > facts.period_s[0]]
    if moved:
        sentences.append(
            text.tr(
                "These zones were others earlier in the period and count since then: {zones}.",
                zones=text.tr(", ").join(text.name(name) for name in moved),
            )
        )
    hardly = [text.name(str(zone.name)) for zone in facts.zones if facts.measure_coverage(zone) < 0.8]
    blocks: list[Block] = [Bullets(tuple(sentences))]
    if hardly:
        blocks.append(
            Paragraph(
                text.tr("Less than 80 % of the floor is seen: {zones}.", zones=text.tr(", ").join(hardly)),
                Weight.WARNING,
            )
        )
    if len(facts.missing_s):
        hours = float(np.diff(facts.missing_s, axis=1).sum()) / 3600
        blocks.append(
            Paragraph(
                text.tr(
                    "Of {hours} h nothing is kept any more: their tracks are past their retention.",
                    hours=text.number(hours, 1),
                ),
                Weight.WARNING,
            )
        )
    return blocks


def write_methods(source: ReportSource, sections: list[Section]) -> list[Block]:
    """What the report's numbers mean, its parameters, and the versions that made it."""
    from app.operations.versions import collect_versions

    text, settings = source.text, source.facts.settings
    defined: dict[str, str] = {}
    for block in (block for section in sections for block in section.blocks):
        if isinstance(block, KeyFigures):
            defined |= {figure.name: figure.definition for figure in block.figures if figure.definition}
        elif isinstance(block, Table):
            defined |= {column.title: column.definition for column in block.columns if column.definition}
    parameters = text.tr(
        "A stop is standing below {speed} m/s for at least {stop} s; a visit is engaged from {engaged} s of "
        "stop and long from {long} s; a visit shorter than {bounce} s is a bounce; near is within 3 m.",
        speed=text.number(settings.stops.standing_m_s, 1),
        stop=text.number(settings.stops.minimum_s),
        engaged=text.number(settings.engagement.engaged_s),
        long=text.number(settings.engagement.long_s),
        bounce=text.number(settings.engagement.bounce_s),
    )
    versions = text.tr("; ").join(f"{name} {version}" for name, version in collect_versions().items())
    sentences = tuple(
        text.tr("{name}: {value}", name=name, value=meaning) for name, meaning in defined.items()
    )
    return [
        Bullets(sentences),
        Paragraph(parameters),
        Paragraph(
            text.tr("No picture of a visitor is stored; identities are numbers without a person."),
            Weight.PLAIN,
        ),
        Paragraph(versions, Weight.SMALL),
    ]


def _list_gaps(source: ReportSource, gaps: pd.DataFrame) -> list[Block]:
    text = source.text
    is_long = gaps["end_s"] - gaps["start_s"] >= LEAST_GAP_S
    # a file holds a minute, and less from its first to its last moment
    longer = gaps[is_long | (gaps["cause"] == LOST_TRACKS)].sort_values("start_s")
    if longer.empty:
        return []
    columns = (
        ReportColumn("camera", text.tr("Camera"), CellKind.TEXT),
        ReportColumn("start", text.tr("Start"), CellKind.MOMENT),
        ReportColumn("minutes", text.tr("Minutes"), CellKind.NUMBER, decimals=1),
        ReportColumn("cause", text.tr("Cause"), CellKind.TEXT),
    )
    rows = tuple(
        (
            text.name(str(camera)),
            float(start_s),
            (float(end_s) - float(start_s)) / 60,
            text.tell(describe_cause(str(cause))),
        )
        for camera, start_s, end_s, cause in zip(
            longer["camera"], longer["start_s"], longer["end_s"], longer["cause"], strict=True
        )
    )
    note = ""
    if len(rows) > MOST_GAPS:
        note = text.tr("{count} more are not listed.", count=text.number(len(rows) - MOST_GAPS))
    return [Table("gaps", text.tr("Interruptions of a minute and more"), columns, rows[:MOST_GAPS], note)]


def _clip(spans: pd.DataFrame, source: ReportSource) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return clip_intervals(unite_spans(spans), start_s=source.period_s[0], end_s=source.period_s[1])
