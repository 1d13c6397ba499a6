"""What a rollup depends on, as one short text: if anything of it changes, the rollup is another one."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

import pandas as pd

from analytics.domain.floor_plan import FloorGeometry, FloorPlan
from analytics.metrics.coverage import CameraView
from analytics.rollups.stretch import RollupSettings

FORMAT = 2
"""Raised when files of an older program would be misunderstood."""


def make_rollup_key(
    *,
    spans: pd.DataFrame,
    period_s: tuple[float, float],
    plan: FloorPlan,
    geometry: FloorGeometry,
    views: Sequence[CameraView],
    identification: Iterable[object],
    settings: RollupSettings | None = None,
) -> str:
    """A digest of all that the tables of a stretch follow from, but for the versions of the tables.

    Colours, labels, the plan's picture, and names and heights of obstacles count nothing. When cameras were
    analysed stands for their track points: there is no way to add to these but with further observation, and
    those that retention thins out or deletes must not change what was counted before.

    Args:
        spans: columns of ``SPAN_COLUMNS``, on one clock with the period; what lies outside is cut off.
        period_s: start and end of the stretch, seconds since the epoch.
        identification: whatever decides who is who; told apart by their ``repr``.
    """
    parts = [
        FORMAT,
        period_s,
        *_describe_spans(spans, period_s),
        _describe_floor(plan, geometry),
        *(_describe_view(view) for view in views),
        settings or RollupSettings(),
        *identification,
    ]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(repr(part).encode())
        digest.update(b"\0")
    return digest.hexdigest()


@lru_cache(maxsize=16)
def _describe_floor(plan: FloorPlan, geometry: FloorGeometry) -> str:
    """Remembered, for a month asks thirty times for the same one."""
    zones = [dataclasses.replace(zone, colour=None) for zone in geometry.zones]
    lines = [dataclasses.replace(line, colour=None) for line in geometry.lines]
    parts = (
        plan.outline,
        [obstacle.outline for obstacle in plan.obstacles],
        sorted(zones, key=lambda zone: str(zone.name)),
        sorted(lines, key=lambda line: str(line.name)),
    )
    return repr(parts)


def _describe_spans(
    spans: pd.DataFrame, period_s: tuple[float, float]
) -> list[tuple[str, float, float, int]]:
    start_s, end_s = period_s
    described = []
    for camera, began_s, ended_s, frames in zip(
        *(spans[name].tolist() for name in ("camera", "start_s", "end_s", "frames")), strict=True
    ):
        if min(ended_s, end_s) > max(began_s, start_s):
            # a span that goes on after the stretch gets frames that are none of the stretch's
            own = frames if start_s <= began_s and ended_s <= end_s else -1
            described.append((str(camera), max(began_s, start_s), min(ended_s, end_s), int(own)))
    return sorted(described)


def _describe_view(view: CameraView) -> tuple[object, ...]:
    geometry = view.geometry
    return (
        str(view.camera),
        geometry.floor_from_pixel.tobytes().hex(),
        geometry.lens,
        view.frame_size_wh,
        view.mask,
    )
