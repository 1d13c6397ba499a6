"""From the format of any earlier ``venue.toml`` to the current one, a step at a time, forward only."""

from __future__ import annotations

import copy
from collections.abc import Callable

RawDocument = dict[str, object]
"""A file as TOML gives it, not validated: a migration moves what it knows and leaves the rest alone."""


def migrate(raw: RawDocument, *, from_format: int, to_format: int) -> RawDocument:
    """A copy of a document in a later format.

    Raises:
        KeyError: no migration leads there; every format that was ever released must have one.
    """
    migrated = copy.deepcopy(raw)
    for number in range(from_format, to_format):
        MIGRATIONS[number](migrated)
        migrated["format"] = number + 1
    return migrated


def _give_geometry_versions(raw: RawDocument) -> None:
    """Format 0 had one set of zones and lines, addresses as bare URLs, and shorter names of fields."""
    _rename(raw.get("exhibition"), "timezone", "time_zone")
    for zone in _entries(raw, "zones"):
        _rename(zone, "polygon", "outline")
    for line in _entries(raw, "lines"):
        _rename(line, "points", "path")
    for camera in _entries(raw, "cameras"):
        _rename(camera, "fps", "analysed_fps")
        _rename(camera, "points", "pairs")
        camera["pairs"] = [_name_coordinates(pair) for pair in _as_list(camera.get("pairs", []))]
        url = camera.pop("url", None)
        if url is not None:
            camera["source"] = {"kind": _guess_kind(url), "location": url}
    version = {key: raw.pop(key) for key in ("zones", "lines") if key in raw}
    if version:
        raw["geometry"] = [version]


def _allow_lenses(_raw: RawDocument) -> None:
    """Format 1 knew no lenses: its cameras have none, and a program of its time must not read later files."""


def _allow_privacy_masks(_raw: RawDocument) -> None:
    """Format 2 knew no privacy masks: a program of its time must not show what a later file blackens."""


def _rename(section: object, old: str, new: str) -> None:
    if isinstance(section, dict) and old in section:
        section[new] = section.pop(old)


def _entries(raw: RawDocument, key: str) -> list[RawDocument]:
    return [entry for entry in _as_list(raw.get(key)) if isinstance(entry, dict)]


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _name_coordinates(pair: object) -> object:
    if isinstance(pair, list) and len(pair) == 4:
        return dict(zip(("u_px", "v_px", "x_m", "y_m"), pair, strict=True))
    return pair


def _guess_kind(url: object) -> str:
    scheme = str(url).partition("://")[0].lower()
    return {"rtsp": "rtsp", "rtsps": "rtsp", "http": "http", "https": "http"}.get(scheme, "video")


MIGRATIONS: dict[int, Callable[[RawDocument], None]] = {
    0: _give_geometry_versions,
    1: _allow_lenses,
    2: _allow_privacy_masks,
}
"""By the format that each step starts from; each changes the document in place."""
