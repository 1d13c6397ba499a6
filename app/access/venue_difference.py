"""What of a venue differs from before, by name, for the audit log."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from analytics.domain.errors import ExpoFlowError
from app.core.document import Venue
from app.core.file_format import read_venue


def read_if_there(folder: Path) -> Venue | None:
    """The venue of a folder; None where it cannot be read, which is for the operation to say."""
    try:
        return read_venue(folder)
    except ExpoFlowError:
        return None


def describe_difference(before: Venue | None, after: Venue | None) -> dict[str, str]:
    """Names of what was added, changed and removed, by part and kind of change, such as ``cameras added``."""
    if before is None or after is None or before == after:
        return {}
    said: dict[str, str] = {}
    for part, find in _NAMED_PARTS.items():
        said |= _compare(part, find(before), find(after))
    for part in ("exhibition", "plan", "corrections"):
        if getattr(before, part) != getattr(after, part):
            said[f"{part} changed"] = before.exhibition.name if part == "exhibition" else part
    said |= _compare_settings(before, after)
    if not said:
        said["versions of the zones"] = f"{len(before.geometry_versions)} -> {len(after.geometry_versions)}"
    return said


def _list_cameras(venue: Venue) -> Mapping[str, object]:
    return {str(entry.name): entry for entry in venue.cameras}


def _list_zones(venue: Venue) -> Mapping[str, object]:
    return {str(zone.name): zone for zone in venue.geometry_at(None).zones}


def _list_lines(venue: Venue) -> Mapping[str, object]:
    return {str(line.name): line for line in venue.geometry_at(None).lines}


def _list_planned(venue: Venue) -> Mapping[str, object]:
    return {str(camera.name): camera for camera in venue.planned_cameras}


def _list_targets(venue: Venue) -> Mapping[str, object]:
    return {str(targets.zone) or "*": targets for targets in venue.targets}


_NAMED_PARTS = {
    "cameras": _list_cameras,
    "zones": _list_zones,
    "lines": _list_lines,
    "planned cameras": _list_planned,
    "targets": _list_targets,
}


def _compare(part: str, before: Mapping[str, object], after: Mapping[str, object]) -> dict[str, str]:
    names = {
        "added": [name for name in after if name not in before],
        "changed": [name for name in after if name in before and after[name] != before[name]],
        "removed": [name for name in before if name not in after],
    }
    return {f"{part} {how}": ", ".join(found) for how, found in names.items() if found}


def _compare_settings(before: Venue, after: Venue) -> dict[str, str]:
    return {
        f"setting {one.name}": f"{was} -> {now}"
        for one in dataclasses.fields(before.settings)
        if (was := getattr(before.settings, one.name)) != (now := getattr(after.settings, one.name))
    }
