"""Collect what a venue stores, shows and sends of visitors, from its actual settings and files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from analytics.alarms.alarm_log import LOG_NAME as ALARMS_NAME
from analytics.domain.errors import ExpoFlowError, Phrase
from analytics.store.history_folder import BACKUPS_NAME
from app.access.access_file import FILE_NAME as ACCESS_NAME
from app.access.audit_log import LOG_NAME as AUDIT_NAME
from app.access.audit_log import Outcome, read_entries
from app.core.document import Venue
from app.core.privacy_file import PreviewMode, PrivacySettings, find_privacy
from app.core.web_address import is_loopback
from app.findings.finding_decisions import FILE_NAME as FINDINGS_NAME
from app.integrations.mqtt.mqtt_settings import read_mqtt
from app.integrations.rest.rest_settings import read_rest
from app.integrations.webhooks.webhook_settings import read_webhooks
from app.privacy.erase_period import find_copies
from app.recording.health_log import FOLDER_NAME as HEALTH_NAME
from app.recording.health_log import RETENTION_DAYS as HEALTH_RETENTION_DAYS
from app.reports.schedule_file import Schedule, Target, read_schedules
from app.timeline.timeline_file import FILE_NAME as TIMELINE_NAME
from app.validation.validation_clips import SUFFIX as CLIPS_SUFFIX
from app.validation.validation_labels import FOLDER as LABELS_FOLDER

PICTURE_SAVED = "picture of a camera saved"
"""Action in the audit log by which saved pictures are counted."""

PREVIEWS = {
    PreviewMode.PLAIN: Phrase("Pictures with heads blurred until blurring is switched off"),
    PreviewMode.BLURRED: Phrase("Pictures with heads always blurred"),
    PreviewMode.SILHOUETTES: Phrase("Silhouettes, no pictures"),
}
FOR_EVER = Phrase("until deleted by hand")


@dataclass(frozen=True, slots=True)
class StoredKind:
    """A kind of stored data in a venue's folder.

    Attributes:
        key: identifier for programs.
        what: description.
        where: files and folders in the venue's folder.
        kept: retention time.
        shows_persons: whether it has records of individual visitors, although without names.
        size_bytes: current size.
    """

    key: str
    what: Phrase
    where: tuple[str, ...]
    kept: Phrase
    shows_persons: bool
    size_bytes: int


@dataclass(frozen=True, slots=True)
class PictureException:
    """A way in which pictures of visitors are stored on purpose.

    Attributes:
        count: current or total number; None if not counted.
    """

    key: str
    what: Phrase
    count: int | None


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient of automatic reports or data."""

    what: Phrase


@dataclass(frozen=True, slots=True)
class PrivacyFacts:
    """The privacy facts of a venue.

    Attributes:
        cameras: name and number of privacy masks of each camera.
        kept_days: retention time of tracks; None without limit.
    """

    settings: PrivacySettings
    cameras: tuple[tuple[str, int], ...]
    kept_days: float | None
    stored: tuple[StoredKind, ...]
    exceptions: tuple[PictureException, ...]
    recipients: tuple[Recipient, ...]
    unreadable: tuple[Phrase, ...]


def read_privacy_facts(venue: Venue) -> PrivacyFacts:
    """Return the current privacy facts; files that cannot be read are listed in ``unreadable``."""
    kept_days = venue.settings.tracks_kept_days or None
    unreadable: list[Phrase] = []
    recipients = tuple(_list_recipients(venue, unreadable))
    saved = _count_saved_pictures(venue.folder, unreadable)
    return PrivacyFacts(
        settings=find_privacy(venue.folder),
        cameras=tuple((str(entry.name), len(entry.camera.privacy_mask)) for entry in venue.cameras),
        kept_days=kept_days,
        stored=tuple(_list_stored(venue, kept_days)),
        exceptions=tuple(_list_exceptions(venue, saved)),
        recipients=recipients,
        unreadable=tuple(unreadable),
    )


def _list_stored(venue: Venue, kept_days: float | None) -> Iterator[StoredKind]:
    of_tracks = FOR_EVER if kept_days is None else Phrase("{days} days", {"days": f"{kept_days:g}"})
    kinds: tuple[tuple[str, Phrase, tuple[str, ...], Phrase, bool], ...] = (
        (
            "tracks",
            Phrase("Positions: time, camera, position in metres, height and a number; no names, no pictures"),
            ("tracks", "events.sqlite", "events.sqlite-wal"),
            of_tracks,
            True,
        ),
        (
            "figures",
            Phrase("Counts of past days; records of individual visitors are deleted with the tracks"),
            ("rollups",),
            FOR_EVER,
            True,
        ),
        (
            "views",
            Phrase("Feature points of a camera's view of the empty floor; no picture"),
            ("views",),
            Phrase("until the camera is recalibrated"),
            False,
        ),
        (
            "labels",
            Phrase("Labels of clips: times of line crossings and positions of feet"),
            (LABELS_FOLDER,),
            FOR_EVER,
            True,
        ),
        (
            "users",
            Phrase("Users: names, roles, password hashes, and a log of changes and exports"),
            (ACCESS_NAME, AUDIT_NAME),
            FOR_EVER,
            False,
        ),
        (
            "typed",
            Phrase("Typed entries: events, notes, shifts and decisions about findings"),
            (TIMELINE_NAME, FINDINGS_NAME),
            FOR_EVER,
            False,
        ),
        ("alarms", Phrase("Alarms"), (ALARMS_NAME,), FOR_EVER, False),
        (
            "health",
            Phrase("Health of the cameras and of the computer"),
            (HEALTH_NAME,),
            Phrase("{days} days", {"days": f"{HEALTH_RETENTION_DAYS}"}),
            False,
        ),
        (
            "outbox",
            Phrase("Finished reports: totals of at least 5 visits"),
            ("outbox",),
            FOR_EVER,
            False,
        ),
        (
            "backups",
            Phrase("Backups of the database and of the settings"),
            (BACKUPS_NAME,),
            Phrase("until replaced by newer backups"),
            True,
        ),
    )
    quarantined = tuple(name for name in find_copies(venue.folder) if not name.startswith(f"{BACKUPS_NAME}/"))
    if quarantined:
        what = Phrase("Files quarantined by a repair or replaced by a backup; deleted when copies are erased")
        kinds = (*kinds, ("put-aside", what, quarantined, FOR_EVER, True))
    for key, what, where, kept, shows_persons in kinds:
        size = sum(_measure_bytes(venue.folder / name) for name in where)
        yield StoredKind(key, what, where, kept, shows_persons, size)


def _list_exceptions(venue: Venue, saved: int | None) -> Iterator[PictureException]:
    clips = len(list((venue.folder / LABELS_FOLDER).glob(f"*{CLIPS_SUFFIX}")))
    kinds = (entry.address.kind for entry in venue.cameras if entry.address is not None)
    recordings = sum(kind.is_recording for kind in kinds)
    yield PictureException(
        "clips",
        Phrase("Clips for labelling, with consent, encrypted with a key in memory, for at most 8 hours"),
        clips,
    )
    yield PictureException(
        "saved", Phrase("Single pictures saved on the Live page after two confirmations"), saved
    )
    yield PictureException(
        "recordings",
        Phrase("Your own videos analysed as cameras; ExpoFlow does not copy them"),
        recordings,
    )
    yield PictureException(
        "set-up",
        Phrase("Pictures for calibration and masks: in memory only, while displayed"),
        None,
    )


def _list_recipients(venue: Venue, unreadable: list[Phrase]) -> Iterator[Recipient]:
    for read in (_find_schedules, _find_readers, _find_broker, _find_webhooks):
        try:
            yield from map(Recipient, read(venue.folder))
        except ExpoFlowError as error:
            unreadable.append(Phrase(error.problem_template, error.details))


def _find_schedules(folder: Path) -> list[Phrase]:
    return [
        Phrase("Report '{name}' to {target}", {"name": one.name, "target": _name_target(one)})
        for one in read_schedules(folder).schedules
    ]


def _name_target(schedule: Schedule) -> Phrase:
    match schedule.target:
        case Target.MAIL:
            return Phrase("{to}, by mail", {"to": schedule.to})
        case Target.WEBHOOK:
            return Phrase("the web address {to}", {"to": schedule.to})
        case Target.FOLDER:
            return Phrase("the folder {to}", {"to": schedule.to})


def _find_readers(folder: Path) -> list[Phrase]:
    rest = read_rest(folder)
    if not rest.is_enabled:
        return []
    where = {"url": rest.url}
    if is_loopback(rest.host):
        return [Phrase("Programs on this machine with a token can read counts at {url}", where)]
    return [Phrase("Programs in the network with a token can read counts at {url}", where)]


def _find_broker(folder: Path) -> list[Phrase]:
    mqtt = read_mqtt(folder)
    if mqtt is None or not mqtt.is_enabled:
        return []
    return [Phrase("Counts go to the MQTT broker {host}", {"host": f"{mqtt.host}:{mqtt.port}"})]


def _find_webhooks(folder: Path) -> list[Phrase]:
    return [
        Phrase("Alarms and counts go to the web address {host}", {"host": urlsplit(one.url).netloc})
        for one in read_webhooks(folder)
        if one.is_enabled
    ]


def _count_saved_pictures(folder: Path, unreadable: list[Phrase]) -> int | None:
    try:
        entries = read_entries(folder)
    except ExpoFlowError as error:
        unreadable.append(Phrase(error.problem_template, error.details))
        return None
    return sum(entry.action == PICTURE_SAVED and entry.outcome is Outcome.DONE for entry in entries)


def _measure_bytes(path: Path) -> int:
    try:
        if path.is_dir():
            return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        return path.stat().st_size
    except OSError:
        return 0
