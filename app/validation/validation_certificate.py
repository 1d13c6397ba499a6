"""The accuracy certificate: its values and its texts."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from analytics.domain.clock import format_utc
from analytics.domain.errors import ModelError
from analytics.domain.exhibition import find_time_zone
from app.core.document import Venue
from app.core.number_words import (
    NONE,
    Translator,
    format_metres,
    format_metres_interval,
    format_percent,
    format_share,
    format_share_interval,
    format_signed,
    format_signed_interval,
    join_interval,
)
from app.core.versions import collect_versions
from app.validation.validation_labels import ValidationLabels

if TYPE_CHECKING:
    from pathlib import Path

    from analytics.evaluation.clip_scores import CameraScores
    from analytics.evaluation.scores import Score
    from app.validation.validation_scores import ValidationScores


CERTIFICATE_FORMAT = 1


class Measure(StrEnum):
    """A quantity that a certificate states for a camera, or lists as missing."""

    COUNTING = "counting"
    OCCUPANCY = "occupancy"
    DWELL = "dwell"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class CertifiedModel:
    """The detection model; ``sha256`` is None if its file is not on this machine."""

    name: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class CertifiedCamera:
    """One camera, or all together.

    Attributes:
        calibration_rms_m: of its pairs; None: not calibrated, or all cameras.
    """

    scores: CameraScores
    calibration_rms_m: float | None

    @property
    def missing(self) -> tuple[Measure, ...]:
        """Return the quantities with too few labels for a number."""
        scores = self.scores
        known = {
            Measure.COUNTING: scores.counting.is_enough,
            Measure.OCCUPANCY: scores.occupancy.is_enough,
            Measure.DWELL: scores.dwell.is_enough,
            Measure.FLOOR: scores.floor.is_enough,
        }
        return tuple(measure for measure, is_enough in known.items() if not is_enough)


@dataclass(frozen=True, slots=True)
class Certificate:
    """The content of the certificate.

    Attributes:
        title: name of the exhibition.
        venue: name of the hall.
        issued_utc_s, first_utc_s, last_utc_s: time of issue, and of the first and last clip.
        hours: local hours with clips, in order.
        people: least, mean and most heads in view of a clip; None without head counts.
        unobserved: number of unanalysed clips, which are not scored.
        not_validated: cameras without a clip.
        excludes_staff: staff are excluded from the system's numbers.
        consent_by: who consented to keep clips; None: no clip was kept.
    """

    title: str
    venue: str
    time_zone: str
    issued_utc_s: float
    first_utc_s: float
    last_utc_s: float
    labelled_by: tuple[str, ...]
    total: CertifiedCamera
    cameras: tuple[CertifiedCamera, ...]
    hours: tuple[int, ...]
    people: tuple[float, float, float] | None
    unobserved: int
    not_validated: tuple[str, ...]
    model: CertifiedModel
    software_version: str
    excludes_staff: bool
    consent_by: str | None = None

    def to_local(self, time_utc_s: float) -> datetime:
        """Convert a time to the venue's time zone."""
        return datetime.fromtimestamp(time_utc_s, find_time_zone(self.time_zone))

    def to_dict(self) -> dict[str, object]:
        """Return a JSON-ready dictionary of all attributes, times as ISO 8601 beside the seconds."""
        return {
            "format": CERTIFICATE_FORMAT,
            "issued_utc": format_utc(self.issued_utc_s),
            "from_utc": format_utc(self.first_utc_s),
            "to_utc": format_utc(self.last_utc_s),
            **asdict(self),
            "missing": [str(measure) for measure in self.total.missing],
        }


def make_certificate(
    venue: Venue, labels: ValidationLabels, scored: ValidationScores, *, now_utc_s: float, user_models: Path
) -> Certificate:
    """Make a certificate from the scores of a venue's labels.

    Args:
        user_models: where models are on this machine.
    """
    clips = [comparison.clip for comparison in scored.comparisons]
    zone = find_time_zone(venue.exhibition.time_zone)
    validated = {clip.camera for clip in clips}
    by = {clip.labelled_by.strip() for clip in labels.clips}
    return Certificate(
        title=venue.exhibition.name,
        venue=venue.name,
        time_zone=venue.exhibition.time_zone,
        issued_utc_s=now_utc_s,
        first_utc_s=min(clip.start_utc_s for clip in clips),
        last_utc_s=max(clip.end_utc_s for clip in clips),
        labelled_by=tuple(sorted(by - {""})),
        total=CertifiedCamera(scored.scores.total, None),
        cameras=tuple(
            CertifiedCamera(one, None if geometry is None else geometry.pair_rms_m)
            for one in scored.scores.cameras
            if one.camera is not None
            for geometry in (venue.camera_geometry(one.camera),)
        ),
        hours=tuple(sorted({datetime.fromtimestamp(clip.start_utc_s, zone).hour for clip in clips})),
        people=_measure_heads(scored),
        unobserved=scored.unobserved,
        not_validated=tuple(str(name) for name in venue.camera_names if name not in validated),
        model=_describe_model(venue.settings.model_name, user_models),
        software_version=collect_versions()["expoflow"],
        excludes_staff=venue.corrections.excludes_staff,
        consent_by=None if labels.consent is None else labels.consent.given_by,
    )


def _measure_heads(scored: ValidationScores) -> tuple[float, float, float] | None:
    means = [
        comparison.heads.true / comparison.head_counts
        for comparison in scored.comparisons
        if comparison.heads is not None and comparison.head_counts
    ]
    return (min(means), sum(means) / len(means), max(means)) if means else None


def _describe_model(name: str, user_models: Path) -> CertifiedModel:
    from vision.detection.model_catalogue import locate_model
    from vision.detection.model_digest import digest_model

    try:
        return CertifiedModel(name, digest_model(locate_model(name, user_folder=user_models)))
    except (ModelError, OSError):
        return CertifiedModel(name, None)


@dataclass(frozen=True, slots=True)
class Figure:
    """One number for all cameras together.

    Attributes:
        value: None with too few labels.
        interval: as text.
        basis: the data behind it, or what is missing.
        range: value, low and high for the diagram, as a share of ``span``; None without a number.
        marks: labels of the diagram's ends.
    """

    name: str
    value: str | None
    interval: str
    basis: str
    range: tuple[float, float, float] | None
    marks: tuple[str, str]


def describe_figures(certificate: Certificate, tr: Translator) -> tuple[Figure, ...]:
    """Describe counting, occupancy, dwell and floor, of all cameras together."""
    scores = certificate.total.scores
    counting, occupancy, dwell, floor = scores.counting, scores.occupancy, scores.dwell, scores.floor
    errors = [
        Figure(
            name,
            format_signed(score.bias, tr),
            format_signed_interval(score.bias, tr),
            tr(basis, found=score.count.found, true=score.count.true, clips=score.clips),
            _find_range(score.bias, low=-0.2, high=0.2),
            (format_percent(-0.2, tr, signed=True), format_percent(0.2, tr, signed=True)),
        )
        for name, score, basis in (
            (tr("Occupancy error"), occupancy, "{found} tracked, {true} people in view in {clips} clips"),
            (tr("Dwell error"), dwell, "{found} visits for {true} labelled stays in {clips} clips"),
        )
    ]
    return (
        Figure(
            tr("Counting accuracy"),
            format_share(counting.accuracy, tr),
            format_share_interval(counting.accuracy, tr),
            tr(
                "{found} counted, {true} true crossings in {clips} clips",
                found=counting.count.found,
                true=counting.count.true,
                clips=counting.clips,
            ),
            _find_range(counting.accuracy, low=0.8, high=1.0),
            (format_percent(0.8, tr), format_percent(1.0, tr)),
        ),
        *errors,
        Figure(
            tr("Floor error"),
            format_metres(floor.rms_m, tr),
            format_metres_interval(floor.rms_m, tr),
            tr("{clicks} people clicked, root mean square", clicks=floor.clicks),
            _find_range(floor.rms_m, low=0.0, high=1.0),
            (tr("{length:.2f} m", length=0.0), tr("{length:.2f} m", length=1.0)),
        ),
    )


def list_headings(tr: Translator) -> tuple[str, ...]:
    """Return the table's headings in a language."""
    return (
        tr("Camera"),
        tr("Labelled"),
        tr("Crossings"),
        tr("Counting"),
        tr("Bias"),
        tr("Occupancy error"),
        tr("Dwell error"),
        tr("Floor error"),
        tr("Calibration"),
    )


def describe_row(camera: CertifiedCamera, tr: Translator) -> tuple[tuple[str, str], ...]:
    """Return a camera's table row: a value and its note per column."""
    scores = camera.scores
    counting, occupancy, dwell, floor = scores.counting, scores.occupancy, scores.dwell, scores.floor
    rms_m = camera.calibration_rms_m
    return (
        (tr("All cameras") if scores.camera is None else str(scores.camera), ""),
        (tr("{minutes:.1f} min", minutes=scores.minutes), tr("{clips} clips", clips=scores.clips)),
        (
            str(counting.count.true) if counting.clips else NONE,
            tr("{found} counted", found=counting.count.found) if counting.clips else "",
        ),
        (format_share(counting.accuracy, tr) or NONE, format_share_interval(counting.accuracy, tr)),
        (format_signed(counting.bias, tr) or NONE, format_signed_interval(counting.bias, tr)),
        (format_signed(occupancy.bias, tr) or NONE, format_signed_interval(occupancy.bias, tr)),
        (format_signed(dwell.bias, tr) or NONE, format_signed_interval(dwell.bias, tr)),
        (format_metres(floor.rms_m, tr) or NONE, format_metres_interval(floor.rms_m, tr)),
        (NONE if rms_m is None else tr("{length:.2f} m", length=rms_m), ""),
    )


def describe_facts(certificate: Certificate, tr: Translator) -> tuple[tuple[str, str], ...]:
    """Describe subject, place, time and author, as pairs of a name and a value."""
    first, last = (
        f"{certificate.to_local(moment):%Y-%m-%d %H:%M}"
        for moment in (certificate.first_utc_s, certificate.last_utc_s)
    )
    return (
        (tr("Exhibition"), certificate.title),
        (tr("Hall"), certificate.venue),
        (tr("Issued"), f"{certificate.to_local(certificate.issued_utc_s):%Y-%m-%d}"),
        (
            tr("Clips"),
            tr(
                "{clips} clips, {minutes:.1f} minutes, {first} to {last}",
                clips=certificate.total.scores.clips,
                minutes=certificate.total.scores.minutes,
                first=first,
                last=last,
            ),
        ),
        (tr("Labelled by"), tr(", ").join(certificate.labelled_by) or NONE),
    )


def describe_method(tr: Translator) -> str:
    """Describe how the numbers were obtained."""
    return tr(
        "Short clips were drawn at random. Crossings of lines, people in view and stays in zones were "
        "labelled by hand and compared with the system's numbers for the same seconds. Accuracy is "
        "1 − |counted − true| / true; errors are (counted − true) / true. Intervals contain the true "
        "value in 95 of 100 cases (ratio estimator over clips, Student's t, no narrower than Poisson "
        "limits)."
    )


def describe_conditions(certificate: Certificate, tr: Translator) -> tuple[str, ...]:
    """Describe the conditions under which the numbers hold, a sentence each."""
    hours = tr(", ").join(f"{hour}:00" for hour in certificate.hours)
    sentences = [
        tr("Hours of the day with clips ({zone}): {hours}.", zone=certificate.time_zone, hours=hours),
    ]
    if certificate.people is not None:
        least, mean, most = certificate.people
        sentences.append(
            tr(
                "People in view of a clip: {mean:.1f} on average, {least:.1f} to {most:.1f}.",
                mean=mean,
                least=least,
                most=most,
            )
        )
    if certificate.excludes_staff:
        sentences.append(tr("Staff are excluded from the system's numbers; labels must exclude them, too."))
    if certificate.unobserved:
        sentences.append(
            tr("{clips} clips were excluded because they were not analysed.", clips=certificate.unobserved)
        )
    return tuple(sentences)


def describe_missing(certificate: Certificate, tr: Translator) -> tuple[str, ...]:
    """Describe quantities without a measurement, a sentence each."""
    scores = certificate.total.scores
    sentences = [sentence for sentence in _list_missing(scores, tr) if sentence]
    if scores.floor.place_rms_m.value is None:
        sentences.append(
            tr("Calibration at marks with known positions: {places} labelled.", places=scores.floor.places)
        )
    if certificate.not_validated:
        sentences.append(
            tr("Cameras without a clip: {cameras}.", cameras=tr(", ").join(certificate.not_validated))
        )
    sentences.append(tr("Identities over a whole visit, and other days."))
    return tuple(sentences)


def describe_quality(certificate: Certificate, tr: Translator) -> tuple[str, ...]:
    """Describe further quality results, a sentence each; empty with too few labels."""
    scores = certificate.total.scores
    counting, dwell, floor = scores.counting, scores.dwell, scores.floor
    sentences = []
    if counting.recall.value is not None and counting.precision.value is not None:
        sentences.append(
            tr(
                "{recall} of the true crossings were found within 2 s; {precision} of those found are true.",
                recall=format_share(counting.recall, tr),
                precision=format_share(counting.precision, tr),
            )
        )
    if counting.mape_per_min is not None:
        sentences.append(
            tr("Mean error per minute: {error}.", error=format_percent(counting.mape_per_min, tr))
        )
    if dwell.absolute_error_s is not None:
        sentences.append(
            tr(
                "The mean error of a single stay is {seconds:.1f} s; {share} of the stays were found.",
                seconds=dwell.absolute_error_s,
                share=format_share(dwell.found_share, tr),
            )
        )
    if floor.place_rms_m.value is not None:
        sentences.append(
            tr(
                "The calibration error at {places} marks with known positions is {error}.",
                places=floor.places,
                error=join_interval(
                    format_metres(floor.place_rms_m, tr), format_metres_interval(floor.place_rms_m, tr)
                ),
            )
        )
    return tuple(sentences)


def describe_versions(certificate: Certificate, tr: Translator) -> tuple[tuple[str, str], ...]:
    """Describe software and model, as pairs of a name and a value."""
    model = certificate.model
    return (
        (tr("Software"), f"ExpoFlow {certificate.software_version}"),
        (tr("Model"), model.name),
        ("SHA-256", tr("not on this machine") if model.sha256 is None else model.sha256),
    )


def describe_picture_handling(certificate: Certificate, tr: Translator) -> str:
    """Describe the handling of the pictures."""
    if certificate.consent_by is None:
        return tr("No pictures were stored: the clips were labelled elsewhere.")
    return tr(
        "With the consent of {name}, the clips were stored encrypted on the venue's machine during "
        "labelling only; the labels contain no pictures.",
        name=certificate.consent_by,
    )


def _list_missing(scores: CameraScores, tr: Translator) -> tuple[str | None, ...]:
    from analytics.evaluation.clip_scores import MIN_EVENTS, MIN_LABELLED_CLIPS

    counting, occupancy, dwell, floor = scores.counting, scores.occupancy, scores.dwell, scores.floor
    return tuple(
        None
        if is_enough
        else tr(
            "{name}: {events} labelled in {clips} clips; at least {least} in {least_clips} clips are needed.",
            name=name,
            events=events,
            clips=clips,
            least=MIN_EVENTS,
            least_clips=MIN_LABELLED_CLIPS,
        )
        for name, is_enough, events, clips in (
            (tr("Counting accuracy"), counting.is_enough, counting.count.true, counting.clips),
            (tr("Occupancy error"), occupancy.is_enough, occupancy.count.true, occupancy.clips),
            (tr("Dwell error"), dwell.is_enough, dwell.count.matched, dwell.clips),
            (tr("Floor error"), floor.is_enough, floor.clicks, occupancy.clips),
        )
    )


def _find_range(score: Score, *, low: float, high: float) -> tuple[float, float, float] | None:
    if score.value is None or score.interval is None:
        return None
    at, start, end = (
        min(max((one - low) / (high - low), 0.0), 1.0) for one in (score.value, *score.interval)
    )
    return at, start, end
