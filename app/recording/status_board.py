"""A recorder's newest status in shared memory: written a few times a second, read by whoever looks on.

Shared memory, not a file in the venue's folder: where people stand is for eyes only and never stored.
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
"""Sequence, time of writing (UTC seconds), length and checksum of what follows."""
_READS = 5


class StatusBoard:
    """The writing side; the board disappears with ``close``, or when the next recorder clears up."""

    def __init__(self) -> None:
        self.name = make_segment_name(os.getpid())
        self._map = create_segment(self.name, BOARD_BYTES, is_for_group=True)
        self._sequence = 0

    def show(self, status: PipelineStatus, *, now_utc_s: float) -> None:
        """Replace what is shown; tracks are left out where there are too many to fit."""
        content = _encode(status)
        self._sequence += 1
        end = _HEADER.size + len(content)
        self._map[_HEADER.size : end] = content
        # last: a reader that meets the new content under the old checksum tries again
        self._map[: _HEADER.size] = _HEADER.pack(self._sequence, now_utc_s, len(content), zlib.crc32(content))

    def close(self) -> None:
        """Take the board away."""
        with contextlib.suppress(BufferError):
            self._map.close()
        remove_segments(self.name)


class BoardReader:
    """The reading side of another process's board."""

    def __init__(self, name: str) -> None:
        """Attach to a board.

        Raises:
            FileNotFoundError: there is none of this name.
            PermissionError: it belongs to another account, whose group this one is not in.
        """
        self._map: mmap.mmap = attach_segment(name, BOARD_BYTES, is_read_only=True)

    def read(self) -> tuple[PipelineStatus, float] | None:
        """The newest status and when it was written, UTC seconds; None while there is none."""
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
        """Let go of the board."""
        self._map.close()


def _encode(status: PipelineStatus) -> bytes:
    room = BOARD_BYTES - _HEADER.size
    for with_tracks in (True, False):
        content = json.dumps(
            pack_status(status, with_tracks=with_tracks), separators=(",", ":"), ensure_ascii=False
        ).encode()
        if len(content) <= room:
            return content
    raise ValueError("a status without tracks does not fit the board")
