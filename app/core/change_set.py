"""The difference of two venues by part: applied, merged, named for the audit log, summarised for views."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from analytics.domain.errors import GeometryError
from analytics.domain.floor_plan import FloorGeometry
from app.core.document import Venue


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """The parts of a venue that changed.

    Attributes:
        events: observations: track points, spans, gaps, the log.
        plan: the hall, its obstacles and picture, and the opening hours.
        settings: the venue's or this machine's settings.
        events_from_utc_s: observations before this time are unchanged; None: any may differ.
        corrections: manual decisions about tracks.
        planned_cameras: cameras not yet installed.
        targets: capacities and alarm rules.
    """

    cameras: bool = False
    zones: bool = False
    plan: bool = False
    events: bool = False
    settings: bool = False
    corrections: bool = False
    events_from_utc_s: float | None = None
    planned_cameras: bool = False
    targets: bool = False

    def __bool__(self) -> bool:
        return self != ChangeSet(events_from_utc_s=self.events_from_utc_s)

    def concerns(self, period: tuple[float, float] | None) -> bool:
        """Return whether observations of a period may have changed; None is the live period."""
        since_s = self.events_from_utc_s
        return self.events and (period is None or since_s is None or period[1] > since_s)


class Part(StrEnum):
    """The part of a venue that changes."""

    ZONES = "zones"
    LINES = "lines"
    OBSTACLES = "obstacles"
    OUTLINE = "outline"
    PICTURE = "picture"
    VERSIONS = "versions"
    CAMERAS = "cameras"
    CORRECTIONS = "corrections"
    PLANNED_CAMERAS = "planned_cameras"
    TARGETS = "targets"
    EXHIBITION = "exhibition"
    SETTINGS = "settings"


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of a part of a venue before and after.

    Attributes:
        before: None for an addition.
        after: None for a removal.
        index: position in its list.
        version_utc_s: start of the version of the geometry, for zones and lines.
    """

    part: Part
    before: Any
    after: Any
    index: int = 0
    version_utc_s: float | None = None


Parts = dict[tuple[Part, float | None], tuple[Any, ...]]
"""The entries of each part, of zones and lines by the start of their version."""


def _list_parts(venue: Venue) -> Parts:
    plan, versions = venue.plan, venue.geometry_versions
    parts: Parts = {
        (Part.EXHIBITION, None): (venue.exhibition,),
        (Part.SETTINGS, None): (venue.settings,),
        (Part.OUTLINE, None): (plan.outline,),
        (Part.PICTURE, None): () if plan.picture is None else (plan.picture,),
        (Part.OBSTACLES, None): plan.obstacles,
        (Part.CAMERAS, None): venue.cameras,
        (Part.PLANNED_CAMERAS, None): venue.planned_cameras,
        (Part.CORRECTIONS, None): (venue.corrections,),
        (Part.TARGETS, None): venue.targets,
        (Part.VERSIONS, None): tuple(dataclasses.replace(one, zones=(), lines=()) for one in versions),
    }
    for one in versions:
        parts[Part.ZONES, one.valid_from_utc_s], parts[Part.LINES, one.valid_from_utc_s] = (
            one.zones,
            one.lines,
        )
    return parts


def _join_parts(venue: Venue, parts: Parts) -> Venue:
    def take(part: Part, version_utc_s: float | None = None) -> tuple[Any, ...]:
        return tuple(parts.pop((part, version_utc_s), ()))

    versions = [
        dataclasses.replace(one, zones=take(Part.ZONES, start), lines=take(Part.LINES, start))
        for one in sorted(take(Part.VERSIONS), key=version_sort_key)
        for start in [one.valid_from_utc_s]
    ]
    plan = dataclasses.replace(
        venue.plan,
        outline=take(Part.OUTLINE)[0],
        picture=next(iter(take(Part.PICTURE)), None),
        obstacles=take(Part.OBSTACLES),
    )
    joined = dataclasses.replace(
        venue,
        exhibition=take(Part.EXHIBITION)[0],
        settings=take(Part.SETTINGS)[0],
        plan=plan,
        cameras=take(Part.CAMERAS),
        geometry_versions=tuple(versions),
        corrections=take(Part.CORRECTIONS)[0],
        planned_cameras=take(Part.PLANNED_CAMERAS),
        targets=take(Part.TARGETS),
    )
    if any(parts.values()):
        # of a version that somebody removed
        raise _make_conflict()
    return joined


def version_sort_key(geometry: FloorGeometry) -> float:
    """Return the start of a version, seconds since the epoch; minus infinity: from the beginning."""
    return float("-inf") if geometry.valid_from_utc_s is None else geometry.valid_from_utc_s


def compare_venues(before: Venue, after: Venue) -> tuple[Change, ...]:
    """Return what differs between two venues, entry by entry."""
    was, now = _list_parts(before), _list_parts(after)
    return tuple(
        Change(place[0], old, new, index, place[1])
        for place in {**was, **now}
        for old, new, index in _compare_lists(was.get(place, ()), now.get(place, ()))
    )


def _compare_lists(was: Sequence[Any], now: Sequence[Any]) -> Iterator[tuple[Any, Any, int]]:
    """Yield entries before and after; a list of the same length keeps its order, so that names can change."""
    if len(was) == len(now):
        yield from ((old, new, at) for at, (old, new) in enumerate(zip(was, now, strict=True)) if old != new)
        return
    old, new = ({_name(entry): entry for entry in entries} for entries in (was, now))
    for at, entry in enumerate(was):
        if (name := _name(entry)) in new and new[name] != entry:
            yield entry, new[name], at
    # the last one first, as their places are those of the whole list
    yield from ((was[at], None, at) for at in reversed(range(len(was))) if _name(was[at]) not in new)
    yield from ((None, entry, at) for at, entry in enumerate(now) if _name(entry) not in old)


def _name(entry: Any) -> object:
    if isinstance(entry, FloorGeometry):
        return entry.valid_from_utc_s
    return getattr(entry, "zone", getattr(entry, "name", None))


def invert_changes(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the changes that undo several others, last first."""
    return tuple(dataclasses.replace(one, before=one.after, after=one.before) for one in reversed(changes))


def apply_changes(venue: Venue, changes: Iterable[Change]) -> Venue:
    """Return a venue with all changes applied, or raise.

    Raises:
        GeometryError: something is no longer as it was when the change was made.
        VenueError: two zones, lines or versions would be confused.
    """
    parts = _list_parts(venue)
    for change in changes:
        place = change.part, change.version_utc_s
        entries = list(parts.get(place, ()))
        at = min(change.index, len(entries))
        if change.before is not None:
            at = _find_entry(entries, change.before, near=at)
            del entries[at]
        if change.after is not None:
            entries.insert(at, change.after)
        parts[place] = tuple(entries)
    return _join_parts(venue, parts)


def _find_entry(entries: Sequence[object], wanted: object, *, near: int) -> int:
    """Return the index of an entry, wherever others have moved it."""
    if near < len(entries) and entries[near] == wanted:
        return near
    if wanted not in entries:
        raise _make_conflict()
    return entries.index(wanted)


def _make_conflict() -> GeometryError:
    return GeometryError(
        "Someone else has changed the plan in the meantime.", "Review the current plan, then edit it again."
    )


def merge_changes(earlier: Sequence[Change], later: Sequence[Change]) -> tuple[Change, ...]:
    """Merge two successive groups of changes into one; changes that cancel out are dropped."""
    merged = list(earlier)
    for change in later:
        at = _find_predecessor(merged, change)
        if at is None:
            merged.append(change)
            continue
        joined = dataclasses.replace(merged[at], after=change.after)
        if joined.before == joined.after:
            del merged[at]
        else:
            merged[at] = joined
    return tuple(merged)


def _find_predecessor(merged: Sequence[Change], change: Change) -> int | None:
    """Return the last change of the same entry, if it ends where this one starts."""
    if change.before is None or change.after is None:
        return None
    for at in range(len(merged) - 1, -1, -1):
        other = merged[at]
        if (other.part, other.version_utc_s, other.after) == (
            change.part,
            change.version_utc_s,
            change.before,
        ):
            return at
    return None


_SUMMARY = {
    Part.LINES: "zones",
    Part.VERSIONS: "zones",
    Part.OBSTACLES: "plan",
    Part.OUTLINE: "plan",
    Part.PICTURE: "plan",
    Part.EXHIBITION: "plan",
}


def summarise_changes(changes: Iterable[Change]) -> ChangeSet:
    """Return the data that pages have to read again."""
    return ChangeSet(**{_SUMMARY.get(change.part, change.part.value): True for change in changes})


MAX_VALUE = 40
"""Longest value that is told before and after; of others, such as outlines, the name alone."""
LISTED_PARTS = {
    Part.CAMERAS: "cameras",
    Part.ZONES: "zones",
    Part.LINES: "lines",
    Part.PLANNED_CAMERAS: "planned cameras",
    Part.TARGETS: "targets",
}
"""Parts whose changes the audit log names one by one, and what it calls them."""


def describe_difference(before: Venue | None, after: Venue | None) -> dict[str, str]:
    """Return added, changed and removed items by part and change, such as ``cameras added``.

    Changed items come with the values before and after where these are short. Zones and lines that a version
    has in common with another are not named again.
    """
    if before is None or after is None:
        return {}
    starts = {one.valid_from_utc_s for one in before.geometry_versions}
    starts &= {one.valid_from_utc_s for one in after.geometry_versions}
    listed: dict[str, dict[str, None]] = {}
    others: dict[str, str] = {}
    for change in compare_venues(before, after):
        was, now = change.before, change.after
        if change.part in LISTED_PARTS:
            is_of_version = change.part in (Part.ZONES, Part.LINES) and change.version_utc_s not in starts
            if is_of_version and _is_counted(now or was, after if now is None else before):
                continue
            how = "added" if was is None else "removed" if now is None else "changed"
            name = str(_name(now or was)) or "*"
            told = f"{name} ({_describe_fields(was, now)})" if how == "changed" else name
            listed.setdefault(f"{LISTED_PARTS[change.part]} {how}", {})[told] = None
        elif change.part is Part.SETTINGS:
            others |= {f"setting {name}": f"{one} -> {two}" for name, one, two in _compare_fields(was, now)}
        elif change.part is Part.VERSIONS:
            counts = (len(venue.geometry_versions) for venue in (before, after))
            others["versions of the zones"] = " -> ".join(map(str, counts))
        elif change.part is Part.EXHIBITION:
            others["exhibition changed"] = before.exhibition.name
        else:
            part = "corrections" if change.part is Part.CORRECTIONS else "plan"
            others[f"{part} changed"] = part
    return {key: ", ".join(names) for key, names in listed.items()} | others


def _is_counted(item: Any, venue: Venue) -> bool:
    """Return whether a version of a venue has a zone or line."""
    return any(item in (*version.zones, *version.lines) for version in venue.geometry_versions)


def _compare_fields(was: Any, now: Any) -> Iterator[tuple[str, str, str]]:
    for field in dataclasses.fields(now):
        one, two = (str(getattr(item, field.name)) for item in (was, now))
        if one != two:
            yield field.name, one, two


def _describe_fields(was: Any, now: Any) -> str:
    return "; ".join(
        f"{name}: {one} -> {two}" if max(len(one), len(two)) <= MAX_VALUE else name
        for name, one, two in _compare_fields(was, now)
    )
