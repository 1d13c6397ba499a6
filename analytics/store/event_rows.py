"""Write points, spans, gaps and events of a recording to the tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert

from analytics.domain.event_sink import CameraEvent, Gap, ObservedSpan
from analytics.store.microseconds import to_us
from analytics.store.point_encoding import EncodedPoint
from analytics.store.sql_schema import camera_events, gaps, observed_spans, track_journal

_POINT_NAMES = ("sequence", *EncodedPoint._fields)


def save_points(connection: Connection, points: Sequence[EncodedPoint], *, first_sequence: int) -> None:
    """Add points to the journal, numbered from ``first_sequence``."""
    if points:
        rows = [
            dict(zip(_POINT_NAMES, (sequence, *point), strict=True))
            for sequence, point in enumerate(points, first_sequence)
        ]
        connection.execute(insert(track_journal), rows)


def save_spans(connection: Connection, spans: Sequence[ObservedSpan]) -> None:
    """Add spans, replacing those of the same camera and start."""
    _replace(
        connection,
        observed_spans,
        [
            {
                "camera": span.camera,
                "start_us": to_us(span.start_s),
                "end_us": to_us(span.end_s),
                "frames": span.frames,
            }
            for span in spans
        ],
    )


def save_gaps(connection: Connection, new_gaps: Sequence[Gap]) -> None:
    """Add gaps, replacing those of the same camera and start."""
    _replace(
        connection,
        gaps,
        [
            {
                "camera": gap.camera,
                "start_us": to_us(gap.start_s),
                "end_us": to_us(gap.end_s),
                "cause": gap.cause,
            }
            for gap in new_gaps
        ],
    )


def save_events(connection: Connection, events: Sequence[CameraEvent]) -> None:
    """Add events to the log."""
    if events:
        rows = [
            {
                "time_us": to_us(event.time_s),
                "camera": event.camera,
                "kind": event.kind.value,
                "detail": event.detail,
                "count": event.count,
            }
            for event in events
        ]
        connection.execute(insert(camera_events), rows)


def _replace(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    is_same = (table.c.camera == bindparam("old_camera")) & (table.c.start_us == bindparam("old_start_us"))
    keys = [{"old_camera": row["camera"], "old_start_us": row["start_us"]} for row in rows]
    connection.execute(delete(table).where(is_same), keys)
    connection.execute(insert(table), rows)
