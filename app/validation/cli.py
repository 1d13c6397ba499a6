"""``validate``: accuracy of a venue's numbers from labelled clips."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.console.console import print_json, print_message, print_table, show_progress
from app.console.language import check_language, tr
from app.console.options import AsJson, VenueOption
from app.console.summary_table import NOT_OBSERVED

if TYPE_CHECKING:
    from analytics.evaluation.clip_scores import CameraScores
    from analytics.evaluation.scores import Score
    from app.validation.validation_scores import ValidationScores


def validate(
    venue: VenueOption,
    labels: Annotated[
        Path | None, typer.Option(help="A file of labels; by default the venue's newest.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(help="Write an accuracy certificate, one PDF page.")
    ] = None,
    language: Annotated[
        str, typer.Option(help="Language of the certificate.", callback=check_language)
    ] = "en",
    as_json: AsJson = False,
) -> None:
    """Compare labelled clips with the system's counts: counting, occupancy, dwell, floor."""
    from analytics.domain.clock import SystemClock
    from app.access.guard import doing
    from app.access.roles import Permission
    from app.core.file_format import read_venue
    from app.core.job import JobContext
    from app.settings.file import models_folder
    from app.validation.validation_certificate import make_certificate
    from app.validation.validation_labels import read_labels
    from app.validation.validation_scores import score_validation

    document = read_venue(venue)
    _remove_leftovers(venue)
    said = read_labels(labels or _find_newest(venue))
    with show_progress(tr("Reading the history"), is_hidden=as_json) as progress:
        scored = score_validation(document, said, context=JobContext(on_progress=progress))
    made = make_certificate(
        document, said, scored, now_utc_s=SystemClock().now_utc_s(), user_models=models_folder()
    )
    if certificate is not None:
        from app.print.certificate_page import write_certificate

        with doing(venue, Permission.VALIDATE, "certificate exported", {"file": certificate.name}):
            write_certificate(certificate, made, language=language)
    if as_json:
        print_json(made.to_dict())
    else:
        _print_scores(scored)
    if certificate is not None:
        print_message(tr("The certificate is in {place}.", place=certificate))


def _find_newest(venue: Path) -> Path:
    from analytics.domain.errors import LabelError
    from app.validation.validation_labels import list_labels_files

    files = list_labels_files(venue)
    if not files:
        raise LabelError(
            "There are no labels in {folder}.",
            "Label clips first, or specify a file of labels with '--labels'.",
            folder=str(venue),
        )
    return files[0]


def _remove_leftovers(venue: Path) -> None:
    from app.validation.validation_clips import remove_leftover_clips

    for name in remove_leftover_clips(venue):
        print_message(tr("Removed unreadable clips left by an earlier run: {file}", file=name))


def _print_scores(scored: ValidationScores) -> None:
    rows = [*scored.scores.cameras, scored.scores.total]
    print_table(
        (
            tr("Camera"), tr("Labelled"), tr("Crossings"), tr("Counting accuracy"), tr("Bias"),
            tr("Occupancy error"), tr("Dwell error"), tr("Floor error"),
        ),
        [_describe_row(row) for row in rows],
    )  # fmt: skip
    total = scored.scores.total
    if not total.counting.is_enough:
        print_message(
            tr(
                "Too few labels for a counting accuracy: {events} crossings in {clips} clips.",
                events=total.counting.count.true,
                clips=total.counting.clips,
            )
        )
    if scored.unobserved:
        print_message(
            tr("{clips} clips were excluded because they were not analysed.", clips=scored.unobserved)
        )


def _describe_row(row: CameraScores) -> tuple[object, ...]:
    counting = row.counting
    return (
        tr("All cameras") if row.camera is None else row.camera,
        tr("{minutes:.1f} min", minutes=row.minutes),
        f"{counting.count.found} / {counting.count.true}" if counting.clips else NOT_OBSERVED,
        _format_share(counting.accuracy),
        _format_share(counting.bias, signed=True),
        _format_share(row.occupancy.bias, signed=True),
        _format_share(row.dwell.bias, signed=True),
        NOT_OBSERVED if row.floor.rms_m.value is None else tr("{length:.2f} m", length=row.floor.rms_m.value),
    )


def _format_share(score: Score, *, signed: bool = False) -> str:
    if score.value is None:
        return NOT_OBSERVED
    sign = "+" if signed else ""
    written = f"{100 * score.value:{sign}.1f} %"
    if score.interval is None:
        return written
    low, high = (100 * end for end in score.interval)
    return f"{written} ({low:{sign}.1f}…{high:{sign}.1f})"
