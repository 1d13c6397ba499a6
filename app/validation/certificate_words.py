"""The sentences and figures of an accuracy certificate in one language, before anything is painted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

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

if TYPE_CHECKING:
    from analytics.evaluation.clip_scores import CameraScores
    from analytics.evaluation.scores import Score
    from app.validation.validation_certificate import Certificate, CertifiedCamera


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of all cameras together.

    Attributes:
        value: None where too little was labelled.
        interval: in words.
        basis: what it rests on, or what is missing.
        range: value, low and high for the small picture, as a share of ``span``; None without a number.
        marks: what the ends of the picture mean.
    """

    name: str
    value: str | None
    interval: str
    basis: str
    range: tuple[float, float, float] | None
    marks: tuple[str, str]


def describe_figures(certificate: Certificate, tr: Translator) -> tuple[Figure, ...]:
    """Counting, occupancy, dwell and floor, of all cameras together."""
    scores = certificate.total.scores
    counting, occupancy, dwell, floor = scores.counting, scores.occupancy, scores.dwell, scores.floor
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
        Figure(
            tr("Occupancy error"),
            format_signed(occupancy.bias, tr),
            format_signed_interval(occupancy.bias, tr),
            tr(
                "{found} followed, {true} people in view in {clips} clips",
                found=occupancy.count.found,
                true=occupancy.count.true,
                clips=occupancy.clips,
            ),
            _find_range(occupancy.bias, low=-0.2, high=0.2),
            (format_percent(-0.2, tr, signed=True), format_percent(0.2, tr, signed=True)),
        ),
        Figure(
            tr("Dwell error"),
            format_signed(dwell.bias, tr),
            format_signed_interval(dwell.bias, tr),
            tr(
                "{found} visits for {true} stays followed in {clips} clips",
                found=dwell.count.found,
                true=dwell.count.true,
                clips=dwell.clips,
            ),
            _find_range(dwell.bias, low=-0.2, high=0.2),
            (format_percent(-0.2, tr, signed=True), format_percent(0.2, tr, signed=True)),
        ),
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
    """The headings of the table in a language."""
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
    """One camera, or all of them, in the columns of the table: a value and what stands below it."""
    scores = camera.scores
    counting, occupancy, dwell, floor = scores.counting, scores.occupancy, scores.dwell, scores.floor
    rms_m = camera.calibration_rms_m
    return (
        (tr("All cameras") if scores.camera is None else str(scores.camera), ""),
        (
            tr("{minutes:.1f} min", minutes=scores.minutes),
            tr("{clips} clips", clips=scores.clips),
        ),
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
    """What, where, when and by whom, as pairs of a name and a value."""
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
    """How the numbers came about."""
    return tr(
        "Short clips were drawn by chance from strata of camera, hour and crowding. A person marked in them "
        "who crosses a line, who is in view and how long somebody stays; the system's own numbers of the "
        "same seconds were compared with that. Accuracy is 1 minus |counted minus true| over true; errors "
        "are (counted minus true) over true; all are weighted to the whole time. Intervals hold the truth "
        "in 95 of 100 cases (combined ratio estimator over clips, Student's t, no narrower than Poisson "
        "limits)."
    )


def describe_conditions(certificate: Certificate, tr: Translator) -> tuple[str, ...]:
    """Under which conditions the numbers hold, a sentence each."""
    hours = tr(", ").join(f"{hour}:00" for hour in certificate.hours)
    sentences = [
        tr("Hours of the day with clips ({zone}): {hours}.", zone=certificate.time_zone, hours=hours),
        tr(
            "Clips by crowding, each camera's own thirds: low {low}, medium {medium}, high {high}.",
            **{name: certificate.crowding.get(name, 0) for name in ("low", "medium", "high")},
        ),
    ]
    if certificate.people:
        parts = [
            tr(text, people=certificate.people[name])
            for name, text in (
                ("low", "low {people:.1f}"),
                ("medium", "medium {people:.1f}"),
                ("high", "high {people:.1f}"),
            )
            if name in certificate.people
        ]
        sentences.append(tr("Mean people in view: {parts}.", parts=tr(", ").join(parts)))
    interval = certificate.total.scores.counting.bias.interval
    if interval is not None:
        sentences.append(
            tr(
                "Aimed at: plus or minus {wanted}; reached in counting: plus or minus {reached}.",
                wanted=format_percent(certificate.wanted_margin, tr),
                reached=format_percent((interval[1] - interval[0]) / 2, tr),
            )
        )
    if certificate.excludes_staff:
        sentences.append(tr("Staff are left out of the system's numbers; labels must leave them out, too."))
    if certificate.unobserved:
        sentences.append(
            tr(
                "{clips} clips were left out, since the system did not look then.",
                clips=certificate.unobserved,
            )
        )
    return tuple(sentences)


def describe_missing(certificate: Certificate, tr: Translator) -> tuple[str, ...]:
    """What was not measured, a sentence each."""
    scores = certificate.total.scores
    sentences = [sentence for sentence in _list_missing(scores, tr) if sentence]
    if scores.floor.place_rms_m.value is None:
        sentences.append(
            tr("The calibration at marks of known place: {places} labelled.", places=scores.floor.places)
        )
    if certificate.not_validated:
        sentences.append(
            tr("Cameras without a clip: {cameras}.", cameras=tr(", ").join(certificate.not_validated))
        )
    sentences.append(tr("Who is who over a whole visit, and days other than these."))
    return tuple(sentences)


def describe_quality(certificate: Certificate, tr: Translator) -> tuple[str, ...]:
    """What else the labels show, a sentence each; empty where too little was labelled."""
    scores = certificate.total.scores
    counting, dwell, floor = scores.counting, scores.dwell, scores.floor
    sentences = []
    if counting.recall.value is not None and counting.precision.value is not None:
        sentences.append(
            tr(
                "Of the true crossings {recall} were found within 2 s; of those found {precision} are true.",
                recall=format_share(counting.recall, tr),
                precision=format_share(counting.precision, tr),
            )
        )
    if counting.mape_per_min is not None:
        sentences.append(
            tr("Mean error of a single minute: {error}.", error=format_percent(counting.mape_per_min, tr))
        )
    if dwell.absolute_error_s is not None:
        sentences.append(
            tr(
                "A single stay is off by {seconds:.1f} s on average; {share} of the stays were found.",
                seconds=dwell.absolute_error_s,
                share=format_share(dwell.found_share, tr),
            )
        )
    if floor.place_rms_m.value is not None:
        sentences.append(
            tr(
                "At {places} marks of known place the calibration is off by {error}.",
                places=floor.places,
                error=join_interval(
                    format_metres(floor.place_rms_m, tr), format_metres_interval(floor.place_rms_m, tr)
                ),
            )
        )
    return tuple(sentences)


def describe_versions(certificate: Certificate, tr: Translator) -> tuple[tuple[str, str], ...]:
    """Software and network, as pairs of a name and a value."""
    model = certificate.model
    return (
        (tr("Software"), f"ExpoFlow {certificate.software_version}"),
        (tr("Model"), model.name),
        ("SHA-256", tr("not on this machine") if model.sha256 is None else model.sha256),
    )


def describe_clips_kept(certificate: Certificate, tr: Translator) -> str:
    """What became of the pictures."""
    if certificate.consent_by is None:
        return tr("No picture was kept: the clips were labelled elsewhere.")
    return tr(
        "With the consent of {name} the clips existed encrypted on the venue's machine for the time of "
        "labelling alone; the labels hold no picture.",
        name=certificate.consent_by,
    )


def _list_missing(scores: CameraScores, tr: Translator) -> tuple[str | None, ...]:
    from analytics.evaluation.clip_scores import LEAST_EVENTS, LEAST_LABELLED_CLIPS

    def say(name: str, *, is_enough: bool, events: int, clips: int) -> str | None:
        if is_enough:
            return None
        return tr(
            "{name}: {events} labelled in {clips} clips; a number needs {least} in {least_clips}.",
            name=name,
            events=events,
            clips=clips,
            least=LEAST_EVENTS,
            least_clips=LEAST_LABELLED_CLIPS,
        )

    counting, occupancy, dwell, floor = scores.counting, scores.occupancy, scores.dwell, scores.floor
    return (
        say(
            tr("Counting accuracy"),
            is_enough=counting.is_enough,
            events=counting.count.true,
            clips=counting.clips,
        ),
        say(
            tr("Occupancy error"),
            is_enough=occupancy.is_enough,
            events=occupancy.count.true,
            clips=occupancy.clips,
        ),
        say(tr("Dwell error"), is_enough=dwell.is_enough, events=dwell.count.matched, clips=dwell.clips),
        say(tr("Floor error"), is_enough=floor.is_enough, events=floor.clicks, clips=occupancy.clips),
    )


def _find_range(score: Score, *, low: float, high: float) -> tuple[float, float, float] | None:
    if score.value is None or score.interval is None:
        return None
    at, start, end = (
        min(max((one - low) / (high - low), 0.0), 1.0) for one in (score.value, *score.interval)
    )
    return at, start, end
