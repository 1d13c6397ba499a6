"""Keep a hall's settings the same on all its machines: exhibition, plan, zones, cameras, targets and users.

Every machine has its own copy, ``venue.toml`` and ``access.toml``, and works with it without the server too.
Drafts, the timeline and decisions about findings are shared in the same way.
The settings are compared part by part (a zone, a camera, a user) with those of the last exchange: what
changed here is sent as one change, what others changed is written here. If both changed the same part, the
change that reached the server first stays. Undoing is one more change. The processor to run on, and what
happens when the window is closed, remain each machine's own.
"""

from __future__ import annotations

import hashlib
import json
import logging
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from analytics.domain.errors import ExpoFlowError
from app.access.access_file import User, VenueAccess, read_access, write_access
from app.access.audit_log import record_audit
from app.access.roles import Role
from app.core.document import Venue
from app.core.file_format import read_venue, write_venue
from app.core.file_schema import CURRENT_FORMAT, VenueFile, make_document, make_venue
from app.core.toml_file import write_toml_file
from app.core.venue_lock import lock_venue
from app.error_reporting import convert_error
from app.site.schema import SiteError, camera, hall, hall_file, hall_user, setting_change
from resources.atomic_file import write_bytes_atomically, write_text_atomically

BASE_NAME = "site-settings.json"
"""The settings of the last exchange."""
OWN_SETTINGS = ("device", "when_closing")
"""Fields of the section ``settings`` that are of one machine."""
DOCUMENTS = ("timeline.toml", "findings.toml")
"""Other files of a venue that all machines of a hall share."""
_CAMERAS, _USERS, _FILES = "cameras/", "users/", "files/"
_TIME_KEY = "toml-time"
_LOG = logging.getLogger(__name__)

Parts = dict[str, Any]
"""A hall's settings: JSON by the name of the part, such as ``cameras/north``."""


@dataclass(frozen=True, slots=True)
class PartChange:
    """A part of the settings before and after, as JSON; None for one that is not there."""

    part: str
    before: Any
    after: Any

    def invert(self) -> PartChange:
        """Return the change that undoes this one."""
        return PartChange(self.part, self.after, self.before)


@dataclass(frozen=True, slots=True)
class SentChange:
    """A change as the site keeps it.

    Attributes:
        number: rises with every change of the site.
        author: user, or machine if it has no users.
    """

    number: int
    author: str
    at_utc: datetime
    changes: tuple[PartChange, ...]


@dataclass(frozen=True, slots=True)
class Exchange:
    """Result of an exchange of settings.

    Attributes:
        sent: parts that were changed here.
        received: parts that others changed.
        refused: parts that were changed here, but by others first; those of the others are here now.
    """

    sent: tuple[str, ...] = ()
    received: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


def split_settings(venue: Venue, access: VenueAccess) -> Parts:
    """Return a venue's shared settings by part, as JSON."""
    document: dict[str, Any] = json.loads(json.dumps(make_document(venue), default=_write_time))
    parts: Parts = {
        f"settings/{name}": value for name, value in document["settings"].items() if name not in OWN_SETTINGS
    }
    plan = document["plan"]
    parts |= {f"obstacles/{entry['name']}": entry for entry in plan.pop("obstacles", ())}
    for kind, value in document.items():
        if kind in ("format", "settings", "geometry"):
            continue
        entries = value if isinstance(value, list) else []
        names = [entry.get("name", entry.get("zone", "")) for entry in entries]
        if entries and len(set(names)) == len(names):
            parts |= {f"{kind}/{name}": entry for name, entry in zip(names, entries, strict=True)}
        else:
            parts[kind] = value
    for version in document.get("geometry", ()):
        at = version.get("valid_from", "")
        for shapes in ("zones", "lines"):
            parts |= {f"{shapes}/{at}/{entry['name']}": entry for entry in version.pop(shapes, ())}
        parts[f"geometry/{at}"] = version
    for user in access.users:
        parts[_USERS + user.name] = {
            "role": user.role.value,
            "secret_hash": user.secret_hash,
            "created_utc": user.created_utc.isoformat(),
        }
    return parts


def split_documents(folder: Path) -> Parts:
    """Return the entries of a venue's other shared files by part, as JSON.

    An entry without a name of its own is known by what it says: to change it is to remove and to add one.

    Raises:
        SiteError: a file cannot be read.
    """
    parts: Parts = {}
    for file in DOCUMENTS:
        try:
            document = tomllib.loads((folder / file).read_text(encoding="utf-8"))
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            raise convert_error(SiteError, error, file=folder / file) from error
        for key, value in json.loads(json.dumps(document, default=_write_toml_time)).items():
            prefix = f"{_FILES}{file}/{key}"
            if not (isinstance(value, list) and all(isinstance(entry, dict) for entry in value)):
                parts[prefix] = value
                continue
            names = Counter(entry.get("name") for entry in value)
            for entry in value:
                packed = json.dumps(entry, sort_keys=True).encode()
                is_named = entry.get("name") and names[entry["name"]] == 1
                name = entry["name"] if is_named else f"#{hashlib.sha256(packed).hexdigest()[:12]}"
                parts[f"{prefix}/{name}"] = entry
    return parts


def write_documents(folder: Path, parts: Mapping[str, Any]) -> None:
    """Write the files of the parts of `split_documents` that differ from those in a venue's folder.

    Raises:
        VenueError: a file cannot be written.
    """
    now = split_documents(folder)
    for file in DOCUMENTS:
        own = {part: value for part, value in parts.items() if part.startswith(f"{_FILES}{file}/")}
        if own == {part: value for part, value in now.items() if part.startswith(f"{_FILES}{file}/")}:
            continue
        document: dict[str, Any] = {}
        # the format number first, as everywhere
        for part, value in sorted(own.items(), key=lambda item: not item[0].endswith("/format")):
            key, _, name = part.removeprefix(f"{_FILES}{file}/").partition("/")
            if name:
                document.setdefault(key, []).append(_read_toml_times(value))
            else:
                document[key] = _read_toml_times(value)
        if "format" in document:
            write_toml_file(folder / file, document)
        else:
            (folder / file).unlink(missing_ok=True)


def _write_toml_time(value: object) -> dict[str, str]:
    return {_TIME_KEY: _write_time(value)}


def _read_toml_times(value: Any) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_TIME_KEY}:
            return tomllib.loads(f"time = {value[_TIME_KEY]}")["time"]
        return {key: _read_toml_times(one) for key, one in value.items()}
    return [_read_toml_times(one) for one in value] if isinstance(value, list) else value


def join_settings(parts: Mapping[str, Any], folder: Path) -> tuple[Venue, VenueAccess]:
    """Return the venue and the users of the settings of `split_settings`.

    What is not shared is as in the venue's folder; a folder that is not there yet gets its defaults.

    Raises:
        ExpoFlowError: the parts do not fit together, or are of a newer version.
    """
    own = make_document(read_venue(folder))["settings"] if folder.exists() else {}
    document: dict[str, Any] = {
        "format": CURRENT_FORMAT,
        "settings": {name: own[name] for name in OWN_SETTINGS if name in own},
        "plan": {},
    }
    versions: dict[str, dict[str, Any]] = {}
    users = []
    for part, value in parts.items():
        kind, _, name = part.partition("/")
        match kind:
            case "files":
                continue
            case "settings":
                document["settings"][name] = value
            case "plan":
                document["plan"] = {**value, **document["plan"]}
            case "obstacles":
                document["plan"].setdefault("obstacles", []).append(value)
            case "geometry":
                versions.setdefault(name, {}).update(value)
            case "zones" | "lines":
                at, _, _name = name.partition("/")
                versions.setdefault(at, {}).setdefault(kind, []).append(value)
            case "users":
                created = datetime.fromisoformat(value["created_utc"])
                users.append(User(name, Role(value["role"]), value["secret_hash"], created))
            case _ if "/" in part:
                document.setdefault(kind, []).append(value)
            case _:
                document[kind] = value
    # zones that were added while another machine removed their layout version go with it
    document["geometry"] = [version for at, version in versions.items() if f"geometry/{at}" in parts]
    try:
        made = make_venue(VenueFile.model_validate_json(json.dumps(document)), folder=folder)
    except ValueError as error:
        raise SiteError(
            "The site's settings of this hall cannot be read by this version.",
            "Install the same version of ExpoFlow on this machine as on the others.",
        ) from error
    return made, replace(read_access(folder), users=tuple(users))


def compare_parts(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[PartChange, ...]:
    """Return the differences between two settings."""
    names = [*after, *(name for name in before if name not in after)]
    return tuple(
        PartChange(name, before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    )


def read_parts(connection: Connection, hall_id: int, *, locks: bool = False) -> tuple[Parts | None, int]:
    """Return a hall's settings on the server and their version; None before its first machine sent them.

    Args:
        locks: others wait with their changes until the transaction ends.
    """
    statement = select(hall.c.settings, hall.c.version).filter_by(id=hall_id)
    row = connection.execute(statement.with_for_update() if locks else statement).one()
    if row.settings is None:
        return None, row.version
    parts: Parts = dict(row.settings)
    for one in connection.execute(select(camera).filter_by(hall=hall_id).order_by(camera.c.id)):
        parts[_CAMERAS + one.name] = one.settings
    for user in connection.execute(
        select(hall_user).filter_by(hall=hall_id).order_by(hall_user.c.created_utc)
    ):
        parts[_USERS + user.name] = {
            "role": user.role,
            "secret_hash": user.secret_hash,
            "created_utc": user.created_utc.astimezone(UTC).isoformat(),
        }
    return parts, row.version


def exchange_settings(connection: Connection, folder: Path, *, hall_id: int, author: str) -> Exchange:
    """Send what changed here since the last exchange, and write what others changed.

    The venue's files are written after the transaction, so that what is here was accepted there.

    Raises:
        VenueError: the venue cannot be read or written.
        SiteError: the settings of the site are of a newer version, or do not fit together with those here.
    """
    base = _read_base(folder)
    here = _read_here(folder)
    with connection.begin():
        there, version = read_parts(connection, hall_id, locks=True)
        if there is not None and base == (here, version):
            return Exchange()
        sent, refused = _merge(compare_parts(base[0], here), {} if there is None else there)
        after = _apply(there or {}, sent)
        # whatever does not fit together is not sent
        join_settings(after, folder)
        if sent or there is None:
            version = _write_change(connection, hall_id, after, sent, author=author)
        picture = _exchange_picture(connection, folder, hall_id, sent=sent)
    received = _write_here(folder, here, after, version, picture)
    if refused:
        _LOG.warning("Others changed the same settings first; theirs stay: %s", ", ".join(refused))
    return Exchange(tuple(change.part for change in sent), received, refused)


def list_changes(connection: Connection, hall_id: int, *, count: int = 50) -> list[SentChange]:
    """Return the newest changes of a hall's settings, newest first."""
    statement = (
        select(setting_change).filter_by(hall=hall_id).order_by(setting_change.c.seq.desc()).limit(count)
    )
    return [
        SentChange(row.seq, row.author, row.at_utc, tuple(PartChange(**entry) for entry in row.body))
        for row in connection.execute(statement)
    ]


def undo_change(connection: Connection, number: int, *, hall_id: int, author: str) -> SentChange:
    """Undo a change of a hall's settings on the server; its machines receive that as any other change.

    Raises:
        SiteError: there is no such change, or one of its parts was changed again since.
    """
    with connection.begin():
        there, _version = read_parts(connection, hall_id, locks=True)
        row = connection.execute(select(setting_change).filter_by(hall=hall_id, seq=number)).one_or_none()
        if row is None or there is None:
            raise SiteError(
                "There is no change {number} in this hall.",
                "Settings, Site, lists them.",
                number=number,
            )
        undone = [PartChange(**entry).invert() for entry in row.body]
        sent, refused = _merge(undone, there)
        if refused:
            raise SiteError(
                "Change {number} cannot be undone: {parts} changed again since.",
                "Undo the later change first.",
                number=number,
                parts=", ".join(refused),
            )
        if not sent:
            raise SiteError(
                "Change {number} was undone already.", "To redo it, undo its undoing.", number=number
            )
        _write_change(connection, hall_id, _apply(there, sent), sent, author=author)
    return SentChange(row.seq, row.author, row.at_utc, tuple(undone))


def _merge(
    changes: Iterable[PartChange], there: Mapping[str, Any]
) -> tuple[tuple[PartChange, ...], tuple[str, ...]]:
    """Return the changes that can be made in the site's settings, and the parts that others changed first."""
    sent, refused = [], []
    for change in changes:
        now = there.get(change.part)
        if now == change.after:
            continue
        if now == change.before:
            sent.append(change)
        else:
            refused.append(change.part)
    return tuple(sent), tuple(refused)


def _apply(parts: Mapping[str, Any], changes: Iterable[PartChange]) -> Parts:
    after = dict(parts)
    for change in changes:
        if change.after is None:
            after.pop(change.part, None)
        else:
            after[change.part] = change.after
    return after


def _write_change(
    connection: Connection, hall_id: int, after: Parts, sent: Iterable[PartChange], *, author: str
) -> int:
    body = [{"part": one.part, "before": one.before, "after": one.after} for one in sent]
    number: int = connection.execute(
        insert(setting_change).values(hall=hall_id, author=author, body=body).returning(setting_change.c.seq)
    ).scalar_one()
    for change in sent:
        kind, _, name = change.part.partition("/")
        if kind == "cameras":
            _write_camera(connection, hall_id, name, change.after, number)
        elif kind == "users":
            connection.execute(delete(hall_user).filter_by(hall=hall_id, name=name))
            if change.after is not None:
                created = datetime.fromisoformat(change.after["created_utc"])
                values = {**change.after, "created_utc": created}
                connection.execute(insert(hall_user).values(hall=hall_id, name=name, **values))
    rest = {part: value for part, value in after.items() if not part.startswith((_CAMERAS, _USERS))}
    connection.execute(update(hall).filter_by(id=hall_id).values(settings=rest, version=number))
    return number


def _write_camera(connection: Connection, hall_id: int, name: str, settings: Any, number: int) -> None:
    if settings is None:
        connection.execute(delete(camera).filter_by(hall=hall_id, name=name))
        return
    values = {"settings": settings, "version": number}
    changed = connection.execute(update(camera).filter_by(hall=hall_id, name=name).values(values))
    if changed.rowcount == 0:
        connection.execute(insert(camera).values(hall=hall_id, name=name, **values))


def _exchange_picture(
    connection: Connection, folder: Path, hall_id: int, *, sent: Iterable[PartChange]
) -> tuple[str, bytes] | None:
    """Send the plan's picture if the plan changed here; else return its name and content if it lacks here."""
    for change in sent:
        if change.part == "plan" and (picture := change.after.get("picture")):
            name = str(picture["file_name"])
            connection.execute(delete(hall_file).filter_by(hall=hall_id))
            body = (folder / name).read_bytes()
            connection.execute(insert(hall_file).values(hall=hall_id, name=name, body=body))
            return None
    row = connection.execute(select(hall_file).filter_by(hall=hall_id)).first()
    return None if row is None or (folder / row.name).exists() else (row.name, bytes(row.body))


def _write_here(
    folder: Path, here: Parts, after: Parts, version: int, picture: tuple[str, bytes] | None
) -> tuple[str, ...]:
    with lock_venue(folder):
        access, now = read_access(folder), _read_here(folder)
        # what was edited while the server was asked stays, and is sent by the next exchange
        received = compare_parts(now, _apply(after, compare_parts(here, now)))
        if received:
            changed, users = join_settings(_apply(now, received), folder)
            try:
                if picture is not None:
                    write_bytes_atomically(folder / Path(picture[0]).name, picture[1])
            except OSError as error:
                raise convert_error(SiteError, error, file=folder) from error
            write_venue(changed)
            write_documents(folder, _apply(now, received))
            if users != access:
                write_access(folder, users)
        _write_base(folder, after, version)
    names = tuple(change.part for change in received)
    if names:
        what = {"parts": ", ".join(names)}
        try:
            record_audit(folder, "settings received from the site", what, user="", role=Role.SERVICE.value)
        except ExpoFlowError as error:
            _LOG.error("What the site changed could not be recorded in the audit log: %s", error)
    return names


def _read_here(folder: Path) -> Parts:
    return split_settings(read_venue(folder), read_access(folder)) | split_documents(folder)


def _read_base(folder: Path) -> tuple[Parts, int]:
    """Return the settings of the last exchange and their version; none before the first one."""
    try:
        packed = json.loads((folder / BASE_NAME).read_text(encoding="utf-8"))
        return dict(packed["parts"]), int(packed["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}, 0


def _write_base(folder: Path, parts: Parts, version: int) -> None:
    try:
        write_text_atomically(
            folder / BASE_NAME,
            json.dumps({"version": version, "parts": parts}, ensure_ascii=False),
            mode=0o600,
        )
    except OSError as error:
        raise convert_error(SiteError, error, file=folder / BASE_NAME) from error


def prepare_first_exchange(folder: Path, there: Mapping[str, Any]) -> tuple[str, ...]:
    """Let the next exchange add this venue's cameras, users and notes to a hall, and take all else.

    Returns:
        The parts that will be added.

    Raises:
        SiteError: the folder cannot be written to.
    """
    here = _read_here(folder)
    added = find_additions(here, there)
    _write_base(folder, {part: value for part, value in here.items() if part not in added}, 0)
    return added


def find_additions(here: Mapping[str, Any], there: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the cameras, users, and entries of other files that a hall does not have yet."""
    return tuple(part for part in here if part.startswith((_CAMERAS, _USERS, _FILES)) and part not in there)


def _write_time(value: object) -> str:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    raise TypeError(type(value).__name__)
