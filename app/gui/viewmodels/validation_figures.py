"""What the labels have shown so far, in the words of the certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.gui.translation import current_language, tr, trn
from app.gui.viewmodels.validation_state import ResultFigure, ValidationResults
from app.operations.certificate_words import (
    describe_conditions,
    describe_figures,
    describe_missing,
    describe_quality,
    describe_row,
    list_headings,
)
from app.operations.number_words import NONE, make_translator
from app.operations.validation_certificate import Certificate
from app.operations.validation_labels import ValidationLabels

if TYPE_CHECKING:
    from analytics.evaluation.clip_plan import ClipPlan


def make_results(
    certificate: Certificate, plan: ClipPlan | None, labels: ValidationLabels | None
) -> ValidationResults:
    """Figures, cameras, and what is missing, as the certificate says them in the window's language."""
    say = make_translator(current_language())
    missing = []
    if plan is not None and plan.clips > certificate.total.scores.clips:
        missing.append(
            tr(
                "{clips} more clips are needed for plus or minus {margin:.1f} %.",
                clips=plan.clips - certificate.total.scores.clips,
                margin=100 * plan.wanted_margin,
            )
        )
    skipped = 0 if labels is None else len(labels.skipped)
    notes = [*describe_quality(certificate, say), *describe_conditions(certificate, say)]
    if skipped:
        notes.append(trn("{n} clip was skipped by hand.", "{n} clips were skipped by hand.", skipped))
    cameras = (certificate.total, *certificate.cameras)
    return ValidationResults(
        figures=tuple(
            ResultFigure(figure.name, figure.value or NONE, figure.interval, figure.basis)
            for figure in describe_figures(certificate, say)
        ),
        headings=list_headings(say),
        rows=tuple(describe_row(camera, say) for camera in cameras),
        missing=(*missing, *describe_missing(certificate, say)),
        notes=tuple(notes),
        certificate=certificate,
    )
