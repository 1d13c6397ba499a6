"""The sections of an accuracy certificate: what labelled clips have shown, and what they have not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from analytics.domain.clock import Clock
from analytics.domain.errors import LabelError
from analytics.reports.cell_text import DASH
from analytics.reports.content import (
    Block,
    Bullets,
    Cell,
    CellKind,
    KeyFigure,
    KeyFigures,
    Paragraph,
    ReportColumn,
    Table,
    Weight,
)
from app.jobs.job import JobContext
from app.operations.certificate_words import (
    describe_clips_kept,
    describe_conditions,
    describe_facts,
    describe_figures,
    describe_method,
    describe_missing,
    describe_quality,
    describe_versions,
)
from app.operations.report_template import SectionKey
from app.operations.report_text import ReportText
from app.operations.validation_certificate import Certificate, CertifiedCamera, make_certificate
from app.venue.document import Venue

if TYPE_CHECKING:
    from analytics.evaluation.scores import Score

CertificateWriter = Callable[[Certificate, ReportText], list[Block]]


def certify_venue(venue: Venue, *, clock: Clock, context: JobContext | None = None) -> Certificate:
    """What the newest labels of a venue have shown.

    Raises:
        LabelError: nothing was labelled yet, or the labels cannot be used.
        StoreError: the history cannot be read.
        JobCancelled: the context says so.
    """
    from app.operations.validation_labels import list_labels_files, read_labels
    from app.operations.validation_scores import score_validation
    from app.settings.models_location import models_folder

    files = list_labels_files(venue.folder)
    if not files:
        raise LabelError(
            "The accuracy of '{venue}' was not measured yet, so that there is nothing to certify.",
            "Label some clips on the page Accuracy; it says how many minutes are needed.",
            venue=venue.name,
        )
    labels = read_labels(files[0])
    scored = score_validation(venue, labels, context=context)
    return make_certificate(venue, labels, scored, now_utc_s=clock.now_utc_s(), user_models=models_folder())


def write_accuracy(certificate: Certificate, text: ReportText) -> list[Block]:
    """The four numbers of all cameras together, what each rests on, and who labelled what."""
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
            figure.interval if figure.value else text.tr("Too little labelled"),
        )
        for key, figure, score in zip(keys, described, values, strict=True)
    )
    blocks: list[Block] = [
        KeyFigures(figures),
        Bullets(tuple(_join(text, figure.name, figure.basis) for figure in described)),
    ]
    if certificate.total.missing:
        blocks.append(Paragraph(text.tr("Not everything was labelled enough for a number."), Weight.WARNING))
    facts = tuple(_join(text, name, value) for name, value in describe_facts(certificate, text.tr))
    return [*blocks, Bullets(facts)]


def write_certified_cameras(certificate: Certificate, text: ReportText) -> list[Block]:
    """The same of each camera, as a table with an interval for each number."""
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
    """Under which conditions the numbers hold, what else was found, and what was not measured."""
    blocks: list[Block] = [Bullets(describe_conditions(certificate, text.tr))]
    for heading, sentences in (
        (text.tr("Besides"), describe_quality(certificate, text.tr)),
        (text.tr("Not measured"), describe_missing(certificate, text.tr)),
    ):
        if sentences:
            blocks += [Paragraph(heading, Weight.LEAD), Bullets(sentences)]
    return blocks


def write_certificate_methods(certificate: Certificate, text: ReportText) -> list[Block]:
    """How the numbers came about, what became of the pictures, and the versions."""
    versions = text.tr("; ").join(
        _join(text, name, value) for name, value in describe_versions(certificate, text.tr)
    )
    return [
        Paragraph(describe_method(text.tr)),
        Paragraph(describe_clips_kept(certificate, text.tr)),
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
