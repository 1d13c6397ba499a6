"""Report of a venue as one content object, from which every format is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics.comparison.block_figures import Verdict
from analytics.domain.arrays import Interval
from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import LabelError, VenueError
from analytics.domain.gap_causes import describe_cause
from analytics.metrics.estimate import Estimate
from analytics.metrics.observation import clip_intervals, unite_spans
from analytics.results.cell_text import DASH
from analytics.results.content import (
    Block,
    Branding,
    Bullets,
    Cell,
    CellKind,
    KeyFigure,
    KeyFigures,
    Paragraph,
    ReportColumn,
    ReportContent,
    Section,
    Table,
    Weight,
    collect_definitions,
)
from analytics.store.history_folder import list_sibling_folders
from analytics.store.recovery.lost_tracks import LOST_TRACKS
from app.access.guard import act_in_another, find_actor, find_same_user
from app.access.roles import Permission
from app.comparison.comparison_figures import VERDICT_NAMES, ComparisonChoice
from app.comparison.comparison_view import compute_comparison
from app.core.document import Venue
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.core.open_time import find_previous_period
from app.facts.period_arrivals import list_entrances
from app.facts.period_facts import read_period_facts
from app.reports.report_source import ReportSource
from app.reports.report_stand import write_advice, write_place, write_stand_flows
from app.reports.report_summary import (
    describe_people_columns,
    find_stand,
    write_days,
    write_peers,
    write_stand,
    write_summary,
)
from app.reports.report_template import SECTION_TITLES, SECTIONS, TITLES, SectionKey, Template
from app.reports.report_text import ReportText
from app.reports.report_understanding import (
    write_dwell,
    write_engagement,
    write_events,
    write_findings,
    write_flows,
    write_heatmap,
)
from app.validation.validation_certificate import (
    Certificate,
    CertifiedCamera,
    describe_conditions,
    describe_facts,
    describe_figures,
    describe_method,
    describe_missing,
    describe_picture_handling,
    describe_quality,
    describe_versions,
    make_certificate,
)

if TYPE_CHECKING:
    import pandas as pd

    from analytics.evaluation.scores import Score


_LEAST_OBSERVED_S = 30.0
"""Observed seconds of a minute from which on its people are compared."""


@dataclass(frozen=True, slots=True)
class _Hall:
    """A hall in a period.

    Attributes:
        entered: inward crossings by entrance line; empty without one.
        people: mean people in view, by the start of the minute.
    """

    name: str
    observed_s: float
    entered: dict[str, float]
    people: pd.Series[float]


def write_halls(source: ReportSource) -> list[Block]:
    """Tabulate every hall of the site that the reader may see, and their sum; none without a site."""
    text, own = source.text, source.venue
    halls, hidden = [], []
    for folder in list_sibling_folders(own.folder):
        venue = own if folder == own.folder else read_venue(folder)
        if not _may_see(source, folder):
            hidden.append(text.name(venue.name))
        else:
            halls.append(_read_hall(venue, source.period_s, source.context))
    if len(halls) + len(hidden) < 2:
        return []
    columns = (
        ReportColumn("hall", text.tr("Hall"), CellKind.TEXT),
        *describe_people_columns(text),
        ReportColumn("observed_h", text.tr("Observed time"), CellKind.NUMBER, text.tr("h"), 1),
    )
    rows: list[tuple[Cell, ...]] = [
        (
            text.name(one.name),
            sum(one.entered.values()) if one.entered else None,
            _find_peak([one]),
            one.observed_s / 3600,
        )
        for one in halls
    ]
    counts = Counter(name for one in halls for name in one.entered)
    doors = [name for name, count in counts.items() if count > 1]
    from_outside = [count for one in halls for name, count in one.entered.items() if name not in doors]
    rows.append((text.tr("All halls"), sum(from_outside) if from_outside else None, _find_peak(halls), None))
    remarks = [
        text.tr(
            "Whoever walks from one hall to another through these doors came in once: {doors}.",
            doors=", ".join(map(text.name, doors)),
        )
        if doors
        else text.tr(
            "Whoever walks from one hall to another is counted in both. If the entrance line of the door "
            "between them has the same name in both halls, they are counted once."
        )
    ]
    if hidden:
        remarks.append(text.tr("Not included for lack of a role there: {halls}.", halls=", ".join(hidden)))
    return [
        Table("halls", text.tr("All halls"), columns, tuple(rows)),
        *(Paragraph(remark, Weight.SMALL) for remark in remarks),
    ]


def _may_see(source: ReportSource, folder: Path) -> bool:
    own = source.venue.folder
    if source.author is None:
        act_in_another(own, folder)
        actor = find_actor(folder)
    elif folder == own:
        return True
    else:
        actor = find_same_user(own, source.author, folder)
    return actor is not None and actor.may(Permission.SEE_FIGURES)


def _read_hall(venue: Venue, period_s: Interval, context: JobContext) -> _Hall:
    facts = read_period_facts(
        venue=venue, period_s=period_s, context=context, names=("minutes", "line_minutes")
    )
    if facts is None:
        return _Hall(venue.name, 0.0, {}, pd.Series(dtype=float))
    lines = facts.tables["line_minutes"].groupby("line")["in"].sum()
    entered = {
        str(line.name): float(lines.get(str(line.name), 0.0)) for line in list_entrances(facts.geometry.lines)
    }
    minutes = facts.tables["minutes"]
    hall = minutes[(minutes["zone"] == "") & (minutes["observed_s"] >= _LEAST_OBSERVED_S)]
    people = (hall["person_seconds"] / hall["observed_s"]).set_axis(hall["start_s"])
    return _Hall(venue.name, facts.observed_s, entered, people)


def _find_peak(halls: list[_Hall]) -> float | None:
    """Return the most people in view at once, in minutes in which all these halls were observed."""
    seen = [one.people for one in halls if len(one.people)]
    together = pd.concat(seen, axis=1).dropna().sum(axis=1) if seen else ()
    return float(max(together)) if len(together) else None


MAX_GAPS = 25
MIN_GAP_S = 60.0
"""Seconds; shorter interruptions count only in the sum."""


def write_cameras(source: ReportSource) -> list[Block]:
    """Tabulate every camera's analysed time, frame rate and interruptions."""
    from analytics.store.sql_event_store import open_reader

    text, (start_s, end_s) = source.text, source.period_s
    with closing(open_reader(source.venue.folder)) as reader:
        spans, gaps = reader.read_spans(start_s, end_s), reader.read_gaps(start_s, end_s)
    rows = []
    for name in source.venue.camera_names:
        camera_spans = spans[spans["camera"] == str(name)]
        observed_s = float(np.diff(_clip(camera_spans, source), axis=1).sum())
        interrupted = gaps[gaps["camera"] == str(name)]
        lost_s = float(
            (interrupted["end_s"].clip(upper=end_s) - interrupted["start_s"].clip(lower=start_s)).sum()
        )
        frames = float(camera_spans["frames"].sum())
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
        ReportColumn("fps", text.tr("Frames per second"), CellKind.NUMBER, decimals=1),
        ReportColumn("gaps", text.tr("Interruptions"), CellKind.COUNT),
        ReportColumn("lost_min", text.tr("Interrupted for"), CellKind.NUMBER, text.tr("min"), 1),
    )
    return [Table("cameras", text.tr("Cameras"), columns, tuple(rows)), *_list_gaps(source, gaps)]


def write_quality(source: ReportSource) -> list[Block]:
    """Describe in sentences which time and floor were observed."""
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
        text.tr("For visitors like these, the ranges hold the true value in 95 of 100 cases."),
    ]
    moved = [name for name, since_s in facts.zone_since_s.items() if since_s > facts.period_s[0]]
    if moved:
        sentences.append(
            text.tr(
                "These zones were changed during the period and count from then on: {zones}.",
                zones=text.tr(", ").join(text.name(name) for name in moved),
            )
        )
    barely_seen = [text.name(str(zone.name)) for zone in facts.zones if facts.measure_coverage(zone) < 0.8]
    blocks: list[Block] = [Bullets(tuple(sentences))]
    if barely_seen:
        blocks.append(
            Paragraph(
                text.tr(
                    "Zones with less than 80 % of their floor in view: {zones}.",
                    zones=text.tr(", ").join(barely_seen),
                ),
                Weight.WARNING,
            )
        )
    if len(facts.missing_s):
        hours = float(np.diff(facts.missing_s, axis=1).sum()) / 3600
        blocks.append(
            Paragraph(
                text.tr(
                    "The data of {hours} h have been deleted at the end of their retention period.",
                    hours=text.number(hours, 1),
                ),
                Weight.WARNING,
            )
        )
    return blocks


def write_methods(source: ReportSource, sections: list[Section]) -> list[Block]:
    """List definitions and parameters, and what findings were looked for."""
    from app.findings.finding_text import describe_outcomes

    text, settings = source.text, source.facts.settings
    defined = collect_definitions(block for section in sections for block in section.blocks)
    parameters = text.tr(
        "A stop is a speed below {speed} m/s for at least {stop} s. A visit is engaged with at least "
        "{engaged} s of stops and long with {long} s; a visit shorter than {bounce} s is a bounce. "
        "Near means within 3 m.",
        speed=text.number(settings.stops.standing_m_s, 1),
        stop=text.number(settings.stops.minimum_s),
        engaged=text.number(settings.engagement.engaged_s),
        long=text.number(settings.engagement.long_s),
        bounce=text.number(settings.engagement.bounce_s),
    )
    sentences = tuple(
        text.tr("{name}: {value}", name=name, value=meaning) for name, meaning in defined.items()
    )
    privacy = text.tr("No images of visitors are stored; identities are anonymous numbers.")
    has_findings = any(section.key == SectionKey.SUMMARY.value for section in sections)
    outcomes = (
        [text.translate(one) for one in describe_outcomes(source.layout.outcomes)] if has_findings else []
    )
    return [
        *([Bullets(sentences)] if sentences else []),
        *(
            Paragraph(one, Weight.SMALL)
            for one in (text.join((parameters, privacy)), text.join(outcomes))
            if one
        ),
    ]


def _list_gaps(source: ReportSource, gaps: pd.DataFrame) -> list[Block]:
    text = source.text
    is_long = gaps["end_s"] - gaps["start_s"] >= MIN_GAP_S
    # a file covers a minute, the first and last ones less
    longer = gaps[is_long | (gaps["cause"] == LOST_TRACKS)].sort_values("start_s")
    if longer.empty:
        return []
    columns = (
        ReportColumn("camera", text.tr("Camera"), CellKind.TEXT),
        ReportColumn("start", text.tr("Start"), CellKind.TIME),
        ReportColumn("minutes", text.tr("Minutes"), CellKind.NUMBER, decimals=1),
        ReportColumn("cause", text.tr("Cause"), CellKind.TEXT),
    )
    rows = tuple(
        (
            text.name(str(camera)),
            float(start_s),
            (float(end_s) - float(start_s)) / 60,
            text.translate(describe_cause(str(cause))),
        )
        for camera, start_s, end_s, cause in zip(
            longer["camera"], longer["start_s"], longer["end_s"], longer["cause"], strict=True
        )
    )
    note = ""
    if len(rows) > MAX_GAPS:
        note = text.tr("{count} more are not listed.", count=text.number(len(rows) - MAX_GAPS))
    return [Table("gaps", text.tr("Interruptions of one minute or more"), columns, rows[:MAX_GAPS], note)]


def _clip(spans: pd.DataFrame, source: ReportSource) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return clip_intervals(unite_spans(spans), start_s=source.period_s[0], end_s=source.period_s[1])


CertificateWriter = Callable[[Certificate, ReportText], list[Block]]


def certify_venue(venue: Venue, *, clock: Clock, context: JobContext | None = None) -> Certificate:
    """Return the accuracy certificate from a venue's latest labels.

    Raises:
        LabelError: there are no labels yet, or they cannot be used.
        StoreError: the history cannot be read.
        JobCancelled: the job was cancelled.
    """
    from app.settings.file import models_folder
    from app.validation.validation_labels import list_labels_files, read_labels
    from app.validation.validation_scores import score_validation

    files = list_labels_files(venue.folder)
    if not files:
        raise LabelError(
            "The accuracy of '{venue}' has not been measured yet, so there is nothing to certify.",
            "Label clips on the Accuracy page, which shows how many minutes are needed.",
            venue=venue.name,
        )
    labels = read_labels(files[0])
    scored = score_validation(venue, labels, context=context)
    return make_certificate(venue, labels, scored, now_utc_s=clock.now_utc_s(), user_models=models_folder())


def write_accuracy(certificate: Certificate, text: ReportText) -> list[Block]:
    """Write the four accuracy figures over all cameras, what each rests on, and who labelled the clips."""
    described = describe_figures(certificate, text.tr)
    scores = certificate.total.scores
    values = (scores.counting.accuracy, scores.occupancy.bias, scores.dwell.bias, scores.floor.rms_m)
    keys = ("counting_accuracy", "occupancy_error", "dwell_error", "floor_error_m")
    figures = tuple(
        KeyFigure(
            key,
            figure.name,
            score.value,
            figure.value or DASH,
            figure.interval if figure.value else text.tr("Not enough labels"),
        )
        for key, figure, score in zip(keys, described, values, strict=True)
    )
    blocks: list[Block] = [
        KeyFigures(figures),
        Bullets(tuple(_join(text, figure.name, figure.basis) for figure in described)),
    ]
    if certificate.total.missing:
        blocks.append(
            Paragraph(
                text.tr("Some numbers are missing because there are not enough labels."), Weight.WARNING
            )
        )
    facts = tuple(_join(text, name, value) for name, value in describe_facts(certificate, text.tr))
    return [*blocks, Bullets(facts)]


def write_certified_cameras(certificate: Certificate, text: ReportText) -> list[Block]:
    """Tabulate the accuracy figures of each camera with their intervals."""
    shares = (
        ("counting_accuracy", text.tr("Counting")),
        ("counting_error", text.tr("Bias")),
        ("occupancy_error", text.tr("Occupancy error")),
        ("dwell_error", text.tr("Dwell error")),
    )
    columns = (
        ReportColumn("camera", text.tr("Camera"), CellKind.TEXT),
        ReportColumn("minutes", text.tr("Labelled"), CellKind.NUMBER, text.tr("min"), 1),
        ReportColumn("clips", text.tr("Clips"), CellKind.COUNT),
        ReportColumn("true_crossings", text.tr("Crossings"), CellKind.COUNT),
        *(ReportColumn(key, title, CellKind.SHARE, decimals=1, has_interval=True) for key, title in shares),
        ReportColumn("floor_error_m", text.tr("Floor error"), CellKind.NUMBER, "m", 2, has_interval=True),
        ReportColumn("calibration_m", text.tr("Calibration"), CellKind.NUMBER, "m", 2),
    )
    cameras = (*certificate.cameras, certificate.total)
    rows = tuple(_list_cells(camera, text) for camera in cameras)
    return [Table("accuracy", text.tr("Accuracy of each camera"), columns, rows)]


def write_conditions(certificate: Certificate, text: ReportText) -> list[Block]:
    """Write the conditions of the measurement, further results and what was not measured."""
    blocks: list[Block] = [Bullets(describe_conditions(certificate, text.tr))]
    for heading, sentences in (
        (text.tr("Other results"), describe_quality(certificate, text.tr)),
        (text.tr("Not measured"), describe_missing(certificate, text.tr)),
    ):
        if sentences:
            blocks.append(Bullets(sentences, heading))
    return blocks


def write_certificate_methods(certificate: Certificate, text: ReportText) -> list[Block]:
    """Describe the method, the handling of pictures, and the versions."""
    versions = text.tr("; ").join(
        _join(text, name, value) for name, value in describe_versions(certificate, text.tr)
    )
    return [
        Paragraph(describe_method(text.tr)),
        Paragraph(describe_picture_handling(certificate, text.tr)),
        Paragraph(versions, Weight.SMALL),
    ]


CERTIFICATE_WRITERS: Mapping[SectionKey, CertificateWriter] = {
    SectionKey.ACCURACY: write_accuracy,
    SectionKey.BY_CAMERA: write_certified_cameras,
    SectionKey.CONDITIONS: write_conditions,
    SectionKey.METHODS: write_certificate_methods,
}


def _list_cells(camera: CertifiedCamera, text: ReportText) -> tuple[Cell, ...]:
    scores = camera.scores
    name = text.tr("All cameras") if scores.camera is None else text.name(str(scores.camera))
    return (
        name,
        scores.minutes,
        scores.clips,
        scores.counting.count.true if scores.counting.clips else None,
        _make_cell(scores.counting.accuracy),
        _make_cell(scores.counting.bias),
        _make_cell(scores.occupancy.bias),
        _make_cell(scores.dwell.bias),
        _make_cell(scores.floor.rms_m),
        camera.calibration_rms_m,
    )


def _make_cell(score: Score) -> tuple[float | None, float | None, float | None]:
    return score.value, *(score.interval or (None, None))


def _join(text: ReportText, name: str, value: str) -> str:
    return text.tr("{name}: {value}", name=name, value=value)


def write_changes(source: ReportSource, before_s: Interval) -> list[Block]:
    """Compare the period with an earlier one.

    Raises:
        StoreError: the zones changed within one of them, or the history cannot be read.
    """
    text = source.text
    found = compute_comparison(
        venue=source.venue, choice=ComparisonChoice(before_s, source.period_s), context=source.context
    )
    # what is real first, then what changed most
    compared = sorted(
        (row for row in found.changes if row.change.verdict is not Verdict.REFUSED),
        key=lambda row: (not row.change.is_real, -abs(np.log(row.change.ratio.value or 1.0))),
    )
    real = [row for row in compared if row.change.is_real]
    lead = text.trn(
        "{n} real change among {all} comparisons.",
        "{n} real changes among {all} comparisons.",
        len(real),
        all=text.number(len(compared)),
    )
    blocks: list[Block] = [
        Paragraph(lead if compared else text.tr("Nothing could be compared."), Weight.LEAD),
        *([Bullets(tuple(text.translate(row.sentence) for row in real))] if real else []),
        Bullets(
            (
                text.tr("Before: {period}", period=text.period(before_s)),
                text.tr("After: {period}", period=text.period(source.period_s)),
                *(text.translate(note) for note in found.notes),
            ),
            text.tr("What was compared"),
        ),
    ]
    columns = (
        ReportColumn("zone", text.tr("Zone"), CellKind.TEXT),
        ReportColumn("figure", text.tr("Figure"), CellKind.TEXT),
        ReportColumn("level_a", text.tr("Before"), CellKind.NUMBER, decimals=1),
        ReportColumn("level_b", text.tr("After"), CellKind.NUMBER, decimals=1),
        ReportColumn("change", text.tr("Relative change"), CellKind.SHARE, has_interval=True),
        ReportColumn("noticeable", text.tr("Noticeable from"), CellKind.SHARE),
        ReportColumn("verdict", text.tr("Verdict"), CellKind.TEXT),
    )
    rows = tuple(
        (
            text.name(row.change.zone) if row.change.zone else text.tr("The whole hall"),
            text.translate(row.sentence.fields["metric"]),  # type: ignore[arg-type]
            row.change.level_a,
            row.change.level_b,
            _less_one(row.change.ratio),
            None if row.change.min_detectable_ratio is None else row.change.min_detectable_ratio - 1,
            text.translate(VERDICT_NAMES[row.change.verdict]),
        )
        for row in compared
    )
    refused = len(found.changes) - len(compared)
    note = (
        text.trn(
            "{n} figure could not be compared; see the Compare page for the reason.",
            "{n} figures could not be compared; see the Compare page for the reasons.",
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


def _less_one(ratio: Estimate) -> Cell:
    if ratio.value is None or ratio.interval is None:
        return None, None, None
    return ratio.value - 1, ratio.interval[0] - 1, ratio.interval[1] - 1


PROGRAM = "ExpoFlow"


@dataclass(frozen=True, slots=True)
class ReportOrder:
    """Options of a report.

    Attributes:
        period_s: start and end, seconds since the epoch.
        language: ``en`` or ``zh_CN``, independent of the program's.
        left_out: sections to leave out; the first one of a template is always included.
        stand: the reported stand, for the template of a stand.
        before_s: the earlier period of a comparison; None: the preceding period of equal length.
        author: user with whose rights in other halls it is made; None: the one at work.
    """

    template: Template
    period_s: Interval
    language: str = "en"
    branding: Branding = field(default_factory=Branding)
    left_out: frozenset[SectionKey] = frozenset()
    stand: str | None = None
    before_s: Interval | None = None
    author: str | None = None


_WRITERS: dict[SectionKey, Callable[[ReportSource], list[Block]]] = {
    SectionKey.SUMMARY: write_summary,
    SectionKey.HALLS: write_halls,
    SectionKey.DAYS: write_days,
    SectionKey.HEATMAP: write_heatmap,
    SectionKey.DWELL: write_dwell,
    SectionKey.ENGAGEMENT: write_engagement,
    SectionKey.FLOWS: write_flows,
    SectionKey.FINDINGS: write_findings,
    SectionKey.EVENTS: write_events,
    SectionKey.CAMERAS: write_cameras,
    SectionKey.QUALITY: write_quality,
}
StandWriter = Callable[[ReportSource, str], list[Block]]
STAND_WRITERS: Mapping[SectionKey, StandWriter] = {
    SectionKey.STAND: write_stand,
    SectionKey.ADVICE: write_advice,
    SectionKey.PLACE: write_place,
    SectionKey.STAND_FLOWS: write_stand_flows,
    SectionKey.PEERS: write_peers,
}
"""Writers of the sections on one stand, for its exhibitor: other stands are not named."""


def write_stand_page(source: ReportSource, zone: str) -> tuple[Section, ...]:
    """Return the sections on a stand that have content, for the organiser: they name other stands.

    Raises:
        VenueError: there is no such stand at the end of the period.
    """
    find_stand(source, zone)
    writers: dict[SectionKey, StandWriter] = {
        **STAND_WRITERS,
        SectionKey.ADVICE: partial(write_advice, names_others=True),
        SectionKey.STAND_FLOWS: partial(write_stand_flows, names_others=True),
    }
    written = ((key, tuple(write(source, zone))) for key, write in writers.items())
    return tuple(
        Section(key.value, source.text.translate(SECTION_TITLES[key]), blocks)
        for key, blocks in written
        if blocks
    )


def make_report(
    venue: Venue,
    order: ReportOrder,
    *,
    context: JobContext | None = None,
    clock: Clock | None = None,
    source: ReportSource | None = None,
) -> ReportContent:
    """Compute and word a report; sections without content are left out.

    Args:
        source: data of the same venue, period and language, shared by several reports.

    Raises:
        StoreError: nothing was observed in the period, or the history cannot be read.
        VenueError: the stand is missing or unknown; or a stand or earlier period was given for a report
            that has none.
        LabelError: a certificate was requested, but there are no labels.
        JobCancelled: the job was cancelled.
    """
    context, clock = context or JobContext(), clock or SystemClock()
    _check_order(order)
    text = ReportText.of(venue, order.language)
    if order.template is Template.CERTIFICATE:
        period_s, sections = _write_certificate(venue, order, text, clock, context)
    else:
        source = source or ReportSource(venue, order.period_s, text, context, author=order.author)
        period_s, sections = order.period_s, _write_sections(source, order, context)
    stand = "" if order.stand is None else text.name(order.stand)
    return ReportContent(
        template=order.template.value,
        language=order.language,
        title=text.translate(TITLES[order.template]),
        subtitle=stand,
        venue=venue.title(text.name(venue.exhibition.name)),
        period_s=period_s,
        period_text=text.period(period_s),
        time_zone=venue.exhibition.time_zone,
        sections=tuple(sections),
        branding=order.branding,
        versions=_list_versions(),
        words=text.list_page_texts(),
    )


def _check_order(order: ReportOrder) -> None:
    if order.stand is not None and order.template is not Template.STAND:
        raise VenueError(
            "This report covers the whole exhibition, not the stand '{stand}'.",
            "Choose the report 'stand', or omit the stand.",
            stand=order.stand,
        )
    if order.before_s is not None and order.template is not Template.COMPARISON:
        raise VenueError(
            "This report has no comparison, but an earlier period was given.",
            "Choose the report 'comparison', or omit the earlier period.",
        )


def _write_sections(source: ReportSource, order: ReportOrder, context: JobContext) -> list[Section]:
    sections: list[Section] = []
    keys = _list_sections(order)
    for done, key in enumerate(keys):
        context.checkpoint(done, len(keys))
        blocks = _write(source, key, order, sections)
        if blocks:
            sections.append(Section(key.value, source.text.translate(SECTION_TITLES[key]), tuple(blocks)))
    context.checkpoint(len(keys), len(keys))
    return sections


def _write_certificate(
    venue: Venue, order: ReportOrder, text: ReportText, clock: Clock, context: JobContext
) -> tuple[Interval, list[Section]]:
    """Write the certificate, which covers all labelled clips whatever the period."""
    certificate = certify_venue(venue, clock=clock, context=context)
    sections = [
        Section(
            key.value, text.translate(SECTION_TITLES[key]), tuple(CERTIFICATE_WRITERS[key](certificate, text))
        )
        for key in _list_sections(order)
    ]
    return (certificate.first_utc_s, certificate.last_utc_s), sections


def _list_sections(order: ReportOrder) -> list[SectionKey]:
    first, *others = SECTIONS[order.template]
    return [first, *(key for key in others if key not in order.left_out)]


def _write(source: ReportSource, key: SectionKey, order: ReportOrder, sections: list[Section]) -> list[Block]:
    if key is SectionKey.METHODS:
        return write_methods(source, sections)
    if key is SectionKey.CHANGES:
        return write_changes(
            source, order.before_s or find_previous_period(source.venue.exhibition, order.period_s)
        )
    if key in STAND_WRITERS:
        if order.stand is None:
            raise VenueError("No stand was chosen for the report.", "Choose a stand.")
        find_stand(source, order.stand)
        return STAND_WRITERS[key](source, order.stand)
    return _WRITERS[key](source)


def _list_versions() -> dict[str, str]:
    from app.core.versions import collect_versions

    versions = collect_versions()
    return {PROGRAM: versions.pop("expoflow"), **versions}
