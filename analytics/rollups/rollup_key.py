"""The key of a rollup: a digest of everything that it depends on.

Only what is stored goes in, never what was computed: the last bits of computed numbers differ between
processors, so that machines would not find each other's tables, nor their own after an update of a library.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from numbers import Real

import pandas as pd

from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.rollups.stretch import RollupSettings

FORMAT = 4
"""Raised when older files would be misunderstood."""


def make_rollup_key(
    *,
    spans: pd.DataFrame,
    period_s: tuple[float, float],
    plan: FloorPlan,
    geometry: FloorGeometry,
    inputs: bytes,
) -> str:
    """Return a digest of everything that a stretch's tables depend on, except the tables' versions.

    Colours, labels, the plan's picture, and names and heights of obstacles do not count, nor whether a
    whole number is written as 2 or 2.0, as a stored floor plan equals the drawn one. Spans stand for the
    track points: points are only added by further observation, and retention, which thins them out or deletes
    them, must not change earlier counts.

    Args:
        spans: columns of ``SPAN_COLUMNS``, on one clock with the period; parts outside it are cut off.
        period_s: start and end of the stretch, seconds since the epoch.
        inputs: what all stretches depend on, see `describe_inputs`.
    """
    parts = [FORMAT, period_s, *_describe_spans(spans, period_s), _describe_floor(plan, geometry)]
    return hashlib.sha256(_describe(parts) + inputs).hexdigest()


def describe_inputs(inputs: Iterable[object], *, settings: RollupSettings | None = None) -> bytes:
    """Return a description of what the tables of every stretch depend on besides the floor.

    Args:
        inputs: all that identification and the fields of view follow from, as it is stored; compared by
            value.
    """
    return _describe([settings or RollupSettings(), *inputs])


def _describe(parts: Iterable[object]) -> bytes:
    return b"".join(repr(_normalise(part)).encode() + b"\0" for part in parts)


@lru_cache(maxsize=16)
def _describe_floor(plan: FloorPlan, geometry: FloorGeometry) -> str:
    """Return a description of the floor; cached, as a month needs the same one thirty times."""
    zones = [dataclasses.replace(zone, colour=None) for zone in geometry.zones]
    lines = [dataclasses.replace(line, colour=None) for line in geometry.lines]
    parts = (
        plan.outline,
        [obstacle.outline for obstacle in plan.obstacles],
        sorted(zones, key=lambda zone: str(zone.name)),
        sorted(lines, key=lambda line: str(line.name)),
    )
    return repr(_normalise(parts))


def _normalise(value: object) -> object:
    """Return nested tuples that are equal in text whenever the values are equal."""
    if isinstance(value, bool | str | None):
        return value if value is None or isinstance(value, bool) else str(value)
    if isinstance(value, Real):
        return float(value) + 0.0
    if dataclasses.is_dataclass(value):
        fields = (getattr(value, field.name) for field in dataclasses.fields(value))
        return (type(value).__name__, *map(_normalise, fields))
    if isinstance(value, Mapping):
        return tuple((str(key), _normalise(entry)) for key, entry in value.items())
    if isinstance(value, Iterable):
        return tuple(map(_normalise, sorted(value) if isinstance(value, frozenset) else value))
    return repr(value)


def _describe_spans(
    spans: pd.DataFrame, period_s: tuple[float, float]
) -> list[tuple[str, float, float, int]]:
    start_s, end_s = period_s
    described = []
    for camera, began_s, ended_s, frames in zip(
        *(spans[name].tolist() for name in ("camera", "start_s", "end_s", "frames")), strict=True
    ):
        if min(ended_s, end_s) > max(began_s, start_s):
            # a span that continues after the stretch gets frames that are not the stretch's
            own = frames if start_s <= began_s and ended_s <= end_s else -1
            described.append((str(camera), max(began_s, start_s), min(ended_s, end_s), int(own)))
    return sorted(described)
