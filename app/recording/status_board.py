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

from app.recording.status_packing import pack_status, unpack_status
from vision.pipeline.pipeline_status import PipelineStatus
from vision.pipeline.shared_segment import attach_segment, create_segment, make_segment_name, remove_segments

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
