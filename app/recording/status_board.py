"""Share a recorder's newest status in shared memory, updated a few times a second.

Shared memory instead of a file: live positions of visitors are never stored.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from analytics.domain.errors import ExpoFlowError, Phrase, PipelineError, SourceError
from analytics.domain.history_condition import HistoryCondition, HistoryMode
from analytics.domain.identifiers import CameraId, TrackletId
from app.error_reporting import pack_error, pack_phrase, unpack_error, unpack_phrase
from vision.alignment.view_report import BlindCause, ViewReport, ViewVerdict
from vision.pipeline.messages import CameraState, LiveTrack
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus, ProcessStatus
from vision.pipeline.shared_segment import attach_segment, create_segment, make_segment_name, remove_segments

_PLAIN = (
    "fps_in",
    "fps_analysed",
    "fps_dropped",
    "decoded",
    "analysed",
    "dropped",
    "corrupt",
    "points",
    "reconnects",
    "age_s",
    "people",
    "media_s",
    "duration_s",
    "tracks_time_s",
)
"""Numbers of a camera that are packed unchanged."""


def pack_status(status: PipelineStatus, *, with_tracks: bool = True) -> dict[str, object]:
    """Return a status as a JSON object without passwords.

    Args:
        with_tracks: whether to include tracks and boxes.
    """
    return {
        "cameras": [_pack_camera(camera, with_tracks=with_tracks) for camera in status.cameras],
        "processes": [asdict(process) for process in status.processes],
        "is_finished": status.is_finished,
        "is_running": status.is_running,
        "failure": _pack_error(status.failure),
        "stage_seconds": list(status.stage_seconds),
        "pictures_under_way": status.pictures_under_way,
        "history": _pack_history(status.history),
    }


def unpack_status(packed: Mapping[str, Any]) -> PipelineStatus:
    """Return the status of a JSON object.

    Raises:
        KeyError, TypeError, ValueError: the object is no status.
    """
    return PipelineStatus(
        cameras=tuple(_unpack_camera(camera) for camera in packed["cameras"]),
        processes=tuple(ProcessStatus(**process) for process in packed["processes"]),
        is_finished=bool(packed["is_finished"]),
        is_running=bool(packed["is_running"]),
        failure=None if packed["failure"] is None else unpack_error(PipelineError, packed["failure"]),
        stage_seconds=tuple((str(name), float(seconds)) for name, seconds in packed["stage_seconds"]),
        pictures_under_way=int(packed["pictures_under_way"]),
        history=_unpack_history(packed["history"]),
    )


def _pack_history(history: HistoryCondition) -> dict[str, object]:
    return {
        "mode": history.mode.value,
        "free_bytes": history.free_bytes,
        "waiting_points": history.waiting_points,
        "problem": None if history.problem is None else pack_phrase(history.problem),
        "repair": None if history.repair is None else pack_phrase(history.repair),
    }


def _unpack_history(packed: Mapping[str, Any]) -> HistoryCondition:
    problem, repair = packed["problem"], packed["repair"]
    return HistoryCondition(
        HistoryMode(packed["mode"]),
        packed["free_bytes"],
        int(packed["waiting_points"]),
        None if problem is None else unpack_phrase(problem),
        None if repair is None else unpack_phrase(repair),
    )


def _pack_camera(camera: CameraStatus, *, with_tracks: bool) -> dict[str, object]:
    packed: dict[str, object] = {name: getattr(camera, name) for name in _PLAIN}
    return packed | {
        "camera": str(camera.camera),
        "state": camera.state.value,
        "detail": pack_phrase(camera.detail) if isinstance(camera.detail, Phrase) else camera.detail,
        "size_wh": camera.size_wh,
        "error": _pack_error(camera.error),
        "tracks": [asdict(track) for track in camera.tracks] if with_tracks else [],
        "found_xyxy": camera.found_xyxy if with_tracks else [],
        "view": asdict(camera.view),
    }


def _unpack_camera(packed: Mapping[str, Any]) -> CameraStatus:
    detail = packed["detail"]
    return CameraStatus(
        camera=CameraId(str(packed["camera"])),
        state=CameraState(packed["state"]),
        detail=unpack_phrase(detail) if isinstance(detail, dict) else str(detail),
        size_wh=_as_tuple(packed["size_wh"]),
        error=None if packed["error"] is None else unpack_error(SourceError, packed["error"]),
        tracks=tuple(_unpack_track(track) for track in packed["tracks"]),
        found_xyxy=tuple(_as_tuple(box) for box in packed["found_xyxy"]),
        view=_unpack_field_of_view(packed["view"]),
        **{name: packed[name] for name in _PLAIN},
    )


def _unpack_track(packed: Mapping[str, Any]) -> LiveTrack:
    return LiveTrack(
        **{**packed, "tracklet": TrackletId(packed["tracklet"]), "xyxy": _as_tuple(packed["xyxy"])}
    )


def _unpack_field_of_view(packed: Mapping[str, Any]) -> ViewReport:
    motion, cause = packed["reference_from_now"], packed["cause"]
    fields = {
        **packed,
        "verdict": ViewVerdict(packed["verdict"]),
        "reference_from_now": None if motion is None else tuple(_as_tuple(row) for row in motion),
        "size_wh": _as_tuple(packed["size_wh"]),
        "cause": None if cause is None else BlindCause(cause),
    }
    return ViewReport(**fields)


def _as_tuple(value: Any) -> Any:
    return None if value is None else tuple(value)


def _pack_error(error: ExpoFlowError | None) -> dict[str, object] | None:
    return None if error is None else pack_error(error)


BOARD_BYTES = 1 << 20
_HEADER = struct.Struct("<QdII")
"""Sequence, time of writing (UTC seconds), length and checksum of the content."""
_READS = 5


class StatusBoard:
    """The writing side; ``close`` or the next recorder removes the board."""

    def __init__(self) -> None:
        self.name = make_segment_name(os.getpid())
        self._map = create_segment(self.name, BOARD_BYTES, is_for_group=True)
        self._sequence = 0

    def show(self, status: PipelineStatus, *, now_utc_s: float) -> None:
        """Replace the status; tracks are left out if they do not fit."""
        content = _encode(status)
        self._sequence += 1
        end = _HEADER.size + len(content)
        self._map[_HEADER.size : end] = content
        # written last: a reader that meets new content with the old checksum retries
        self._map[: _HEADER.size] = _HEADER.pack(self._sequence, now_utc_s, len(content), zlib.crc32(content))

    def close(self) -> None:
        """Remove the board."""
        with contextlib.suppress(BufferError):
            self._map.close()
        remove_segments(self.name)


class BoardReader:
    """The reading side of another process's board."""

    def __init__(self, name: str) -> None:
        """Attach to a board.

        Raises:
            FileNotFoundError: there is no board of this name.
            PermissionError: it belongs to another account, whose group this account is not in.
        """
        self._map: mmap.mmap = attach_segment(name, BOARD_BYTES, is_read_only=True)

    def read(self) -> tuple[PipelineStatus, float] | None:
        """Return the newest status and its time of writing, UTC seconds; None without one."""
        for _attempt in range(_READS):
            _sequence, written_utc_s, length, checksum = _HEADER.unpack(self._map[: _HEADER.size])
            if not 0 < length <= BOARD_BYTES - _HEADER.size:
                return None
            content = self._map[_HEADER.size : _HEADER.size + length]
            if zlib.crc32(content) == checksum:
                with contextlib.suppress(ValueError, KeyError, TypeError):
                    return unpack_status(json.loads(content)), float(written_utc_s)
                return None
        return None

    def close(self) -> None:
        """Detach from the board."""
        self._map.close()


def _encode(status: PipelineStatus) -> bytes:
    max_length = BOARD_BYTES - _HEADER.size
    for with_tracks in (True, False):
        content = json.dumps(
            pack_status(status, with_tracks=with_tracks), separators=(",", ":"), ensure_ascii=False
        ).encode()
        if len(content) <= max_length:
            return content
    raise ValueError("a status without tracks does not fit the board")
