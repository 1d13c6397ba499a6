"""The accuracy certificate as a value: everything that its page says, before any word of a language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from analytics.domain.camera_geometry import CameraGeometry
from analytics.domain.clock import format_utc
from analytics.domain.errors import ModelError
from analytics.domain.exhibition import find_time_zone
from app.core.document import Venue
from app.core.versions import collect_versions
from app.validation.validation_labels import ValidationLabels

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from analytics.evaluation.clip_scores import CameraScores
    from app.validation.validation_scores import ValidationScores

CERTIFICATE_FORMAT = 1


class Measure(StrEnum):
    """What a certificate may say of a camera, or that it does not."""

    COUNTING = "counting"
    OCCUPANCY = "occupancy"
    DWELL = "dwell"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True)
class CertifiedModel:
    """The network that found the people; ``sha256`` is None where its file is not on this machine."""

    name: str
    sha256: str | None


@dataclass(frozen=True, slots=True)
class CertifiedCamera:
    """One camera, or all together.

    Attributes:
        scores: of its clips.
        calibration_rms_m: of the pairs it was calibrated with; None: not calibrated, or all cameras.
    """

    scores: CameraScores
    calibration_rms_m: float | None

    @property
    def missing(self) -> tuple[Measure, ...]:
        """Of what too little was labelled for a number."""
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
    """What the page says.

    Attributes:
        title: the exhibition.
        venue: the hall: the folder's name without its ending.
        issued_utc_s, first_utc_s, last_utc_s: when it was made, and from when to when clips were taken.
        time_zone: of the hours on the page.
        labelled_by: everybody who labelled.
        total, cameras: what was measured.
        wanted_margin: half width of the interval that was aimed at.
        hours: in which clips lie, of the venue's own clock, in order.
        crowding: clips of each degree.
        people: mean heads in view over the head counts of each degree; absent where none was taken.
        unobserved: labelled clips in which the system did not look, which count nowhere.
        not_validated: cameras of the venue without a clip.
        excludes_staff: people who work there are in no number of the system.
        consent_by: who agreed that clips are kept; None: no clip was kept.
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
    wanted_margin: float
    hours: tuple[int, ...]
    crowding: Mapping[str, int]
    people: Mapping[str, float]
    unobserved: int
    not_validated: tuple[str, ...]
    model: CertifiedModel
    software_version: str
    excludes_staff: bool
    consent_by: str | None = None

    def to_local(self, time_utc_s: float) -> datetime:
        """A moment on the venue's own clock."""
        return datetime.fromtimestamp(time_utc_s, find_time_zone(self.time_zone))

    def to_dict(self) -> dict[str, object]:
        """For JSON: every attribute by its name, moments as ISO 8601 beside the seconds."""
        return {
            "format": CERTIFICATE_FORMAT,
            "issued_utc": format_utc(self.issued_utc_s),
            "from_utc": format_utc(self.first_utc_s),
            "to_utc": format_utc(self.last_utc_s),
            **asdict(self),
            "missing": [str(measure) for measure in self.total.missing],
        }


def make_certificate(
    venue: Venue,
    labels: ValidationLabels,
    scored: ValidationScores,
    *,
    now_utc_s: float,
    user_models: Path,
) -> Certificate:
    """Put together what the labels of a venue have shown.

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
            CertifiedCamera(one, _find_rms(venue.camera_geometry(one.camera)))
            for one in scored.scores.cameras
            if one.camera is not None
        ),
        wanted_margin=labels.wanted_margin,
        hours=tuple(sorted({datetime.fromtimestamp(clip.start_utc_s, zone).hour for clip in clips})),
        crowding=_count(clip.stratum.crowding.value for clip in clips),
        people=_average_heads(scored),
        unobserved=scored.unobserved,
        not_validated=tuple(str(name) for name in venue.camera_names if name not in validated),
        model=_describe_model(venue.settings.model_name, user_models),
        software_version=collect_versions()["expoflow"],
        excludes_staff=venue.corrections.excludes_staff,
        consent_by=None if labels.consent is None else labels.consent.given_by,
    )


def _find_rms(geometry: CameraGeometry | None) -> float | None:
    return None if geometry is None else geometry.pair_rms_m


def _count(values: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return counts


def _average_heads(scored: ValidationScores) -> dict[str, float]:
    heads: dict[str, list[float]] = {}
    for comparison in scored.comparisons:
        if comparison.heads is not None and comparison.head_counts:
            mean = comparison.heads.true / comparison.head_counts
            heads.setdefault(comparison.clip.stratum.crowding.value, []).append(mean)
    return {crowding: sum(values) / len(values) for crowding, values in heads.items()}


def _describe_model(name: str, user_models: Path) -> CertifiedModel:
    from vision.detection.model_catalogue import locate_model
    from vision.detection.model_digest import digest_model

    try:
        return CertifiedModel(name, digest_model(locate_model(name, user_folder=user_models)))
    except (ModelError, OSError):
        return CertifiedModel(name, None)
