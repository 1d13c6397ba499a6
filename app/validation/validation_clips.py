"""Clips for labelling: encrypted in memory or in one file, with consent, for a limited time.

Every picture is encrypted by AES-GCM with a key that exists only in this process's memory, also where it is
kept in memory, which a machine may swap to its disk. So to lose the key is to lose the clips: a file that a
killed process leaves behind can be read by nobody, and is removed at the next start.
"""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import threading
import weakref
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ClipError, OutputError
from analytics.evaluation.clip_labels import Clip
from app.access.guard import doing
from app.access.roles import Permission
from app.error_reporting import convert_error
from app.validation.validation_labels import FOLDER, Consent

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM


_LOG = logging.getLogger(__name__)

MAX_BYTES = 512 * 2**20
"""Size limit of all clips; some 25 minutes at 5 pictures a second, 960 pixels wide."""
EXPIRES_S = 8 * 3600.0
"""Lifetime of a clip, a working day."""
SUFFIX = ".clips"
OWNER_ONLY = 0o600
_NONCE_BYTES = 12
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True, eq=False)
class ClipFrame:
    """One picture of a clip.

    Attributes:
        size_wh: of the camera's whole frame, in whose pixels labels are clicked; the picture may be smaller.
    """

    time_utc_s: float
    jpeg: bytes
    size_wh: tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Sealed:
    """An encrypted picture in memory, or its position in the file."""

    time_utc_s: float
    size_wh: tuple[int, int]
    content: bytes | tuple[int, int]


@dataclass(slots=True)
class _StoredClip:
    clip: Clip
    expires_s: float
    frames: list[_Sealed] = field(default_factory=list)


class ClipStore:
    """The clips of one validation; closing it removes them.

    One thread may take a clip while another looks at those that are there.
    """

    def __init__(
        self,
        consent: Consent | None,
        *,
        venue_folder: Path | None = None,
        clock: Clock | None = None,
        max_bytes: int = MAX_BYTES,
        expires_s: float = EXPIRES_S,
    ) -> None:
        """Make an empty store.

        Args:
            consent: who agreed; without it no clip is ever kept.
            venue_folder: keep the encrypted pictures in a file in it; None: in memory.
            expires_s: how long a clip is kept at most.

        Raises:
            ClipError: there is no consent.
            OutputError: the file cannot be made.
        """
        if consent is None or not consent.given_by.strip():
            raise ClipError(
                "Consent to keep clips for labelling has not been given.",
                "Enter who consents. The clips stay encrypted on this machine and are removed afterwards.",
            )
        self.consent = consent
        self._clock = clock or SystemClock()
        self._max_bytes, self._expires_s = max_bytes, expires_s
        self._key = bytearray(secrets.token_bytes(_KEY_BYTES))
        self._clips: list[_StoredClip] = []
        self._used_bytes = 0
        self._lock = threading.RLock()
        self._file: BinaryIO | None = None
        self._path: Path | None = None
        if venue_folder is not None:
            self._path, self._file = _make_file(venue_folder)
        # also at the end of a program that forgot to close it
        self._remove = weakref.finalize(self, _remove, self._key, self._file, self._path)

    @property
    def clips(self) -> tuple[Clip, ...]:
        """Return the clips to label, oldest first, after removing expired ones."""
        self.discard_expired()
        return tuple(kept.clip for kept in self._clips)

    @property
    def used_bytes(self) -> int:
        """Return the size of all pictures."""
        return self._used_bytes

    @property
    def is_closed(self) -> bool:
        """Return whether the clips have been removed."""
        return not self._key

    def add(self, clip: Clip, frames: Iterable[ClipFrame]) -> int:
        """Store a clip's pictures within its period; return their number.

        Raises:
            ClipError: the store is full or closed, or not one picture belongs to the clip; nothing is kept.
            OutputError: the file cannot be written.
        """
        self._require_open()
        self.discard_expired()
        self.discard(clip)
        kept = _StoredClip(clip, self._clock.monotonic_s() + self._expires_s)
        cipher = self._make_cipher()
        try:
            for frame in frames:
                if clip.start_utc_s <= frame.time_utc_s <= clip.end_utc_s:
                    kept.frames.append(self._seal(frame, cipher))
        except BaseException:
            self._drop(kept)
            raise
        if not kept.frames:
            raise ClipError(
                "Camera {camera} delivered no picture for the clip.",
                "Check that the camera is connected, and capture the clip again.",
                camera=clip.camera,
            )
        kept.frames.sort(key=lambda frame: frame.time_utc_s)
        self._clips.append(kept)
        return len(kept.frames)

    def list_times(self, clip: Clip) -> tuple[float, ...]:
        """Return the times of a clip's pictures, seconds since the epoch.

        Raises:
            ClipError: the clip is gone.
        """
        return tuple(frame.time_utc_s for frame in self._find(clip).frames)

    def open_frame(self, clip: Clip, time_utc_s: float) -> ClipFrame:
        """Return the picture at a time: the last one up to it, or the first.

        Raises:
            ClipError: the clip is gone, or its file was changed.
        """
        frames = self._find(clip).frames
        at = bisect_right(frames, time_utc_s, key=lambda frame: frame.time_utc_s) - 1
        return self._open(frames[max(at, 0)])

    def discard(self, clip: Clip) -> None:
        """Remove a clip; an unknown one is ignored."""
        for kept in [kept for kept in self._clips if kept.clip == clip]:
            self._clips.remove(kept)
            self._drop(kept)

    def discard_expired(self) -> int:
        """Remove expired clips; return their number."""
        now_s = self._clock.monotonic_s()
        expired = [kept.clip for kept in self._clips if kept.expires_s <= now_s]
        for clip in expired:
            self.discard(clip)
        return len(expired)

    def close(self) -> None:
        """Remove everything, starting with the key, which makes the rest unreadable; may be called again."""
        with self._lock:
            self._remove()
            self._clips.clear()
            self._used_bytes = 0
            self._file = None

    def __enter__(self) -> ClipStore:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _make_cipher(self) -> AESGCM:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(bytes(self._key))

    def _seal(self, frame: ClipFrame, cipher: AESGCM) -> _Sealed:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        content = nonce + cipher.encrypt(nonce, frame.jpeg, _describe(frame.time_utc_s, frame.size_wh))
        with self._lock:
            self._require_open()
            if self._used_bytes + len(content) > self._max_bytes:
                raise ClipError(
                    "The clips waiting to be labelled have reached the limit of {megabytes} MB.",
                    "Label some of them; labelled clips are removed.",
                    megabytes=self._max_bytes // 2**20,
                )
            sealed = _Sealed(frame.time_utc_s, frame.size_wh, self._put(content))
            self._used_bytes += len(content)
        return sealed

    def _put(self, content: bytes) -> bytes | tuple[int, int]:
        if self._file is None:
            return content
        try:
            place = self._file.seek(0, os.SEEK_END)
            self._file.write(content)
            self._file.flush()
        except OSError as error:
            raise convert_error(OutputError, error, file=self._path) from error
        return place, len(content)

    def _open(self, sealed: _Sealed) -> ClipFrame:
        from cryptography.exceptions import InvalidTag

        content = sealed.content
        try:
            with self._lock:
                self._require_open()
                cipher = self._make_cipher()
                if isinstance(content, tuple):
                    assert self._file is not None
                    self._file.seek(content[0])
                    content = self._file.read(content[1])
            aad = _describe(sealed.time_utc_s, sealed.size_wh)
            jpeg = cipher.decrypt(content[:_NONCE_BYTES], content[_NONCE_BYTES:], aad)
        except (InvalidTag, ValueError, OSError):
            raise ClipError(
                "A picture of the clip can no longer be read.", "Capture the clip again."
            ) from None
        return ClipFrame(sealed.time_utc_s, jpeg, sealed.size_wh)

    def _find(self, clip: Clip) -> _StoredClip:
        self._require_open()
        self.discard_expired()
        for kept in self._clips:
            if kept.clip == clip:
                return kept
        raise ClipError(
            "The clip of camera {camera} has been removed.",
            "Clips are kept for a few hours at most. Capture another one.",
            camera=clip.camera,
        )

    def _drop(self, kept: _StoredClip) -> None:
        with self._lock:
            if self.is_closed:
                return
            for frame in kept.frames:
                size = frame.content[1] if isinstance(frame.content, tuple) else len(frame.content)
                self._used_bytes -= size
                if isinstance(frame.content, tuple) and self._file is not None:
                    with contextlib.suppress(OSError):
                        self._file.seek(frame.content[0])
                        self._file.write(bytes(size))
            kept.frames.clear()
            # also what is being taken has its place in the file
            if self._file is not None and not self._used_bytes:
                with contextlib.suppress(OSError):
                    self._file.truncate(0)

    def _require_open(self) -> None:
        if self.is_closed:
            raise ClipError("The clips have been removed.", "Start the validation again to capture new ones.")


def _remove(key: bytearray, file: BinaryIO | None, path: Path | None) -> None:
    key[:] = bytes(len(key))
    key.clear()
    if file is None or path is None:
        return
    with contextlib.suppress(OSError):
        file.truncate(0)
    file.close()
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        _LOG.warning("%s could not be removed, but nobody can read it: %s", path.name, error.strerror)


def remove_leftover_clips(venue_folder: Path) -> tuple[str, ...]:
    """Remove the undecryptable clips of a killed process.

    Returns:
        The names of the files that were removed, for the person to be told.
    """
    removed = []
    for file in sorted((venue_folder / FOLDER).glob(f"*{SUFFIX}")):
        if _belongs_to_running(file):
            continue
        with contextlib.suppress(OSError):
            file.unlink()
            removed.append(file.name)
    return tuple(removed)


def _make_file(venue_folder: Path) -> tuple[Path, BinaryIO]:
    import psutil

    folder = venue_folder / FOLDER
    begun = int(psutil.Process().create_time())
    path = folder / f"{os.getpid()}-{begun}-{secrets.token_hex(4)}{SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), OWNER_ONLY)
    except OSError as error:
        raise convert_error(OutputError, error, file=path) from error
    return path, os.fdopen(handle, "w+b")


def _belongs_to_running(file: Path) -> bool:
    import psutil

    try:
        pid, begun = (int(part) for part in file.name.split("-")[:2])
        return bool(abs(psutil.Process(pid).create_time() - begun) < 2)
    except (ValueError, psutil.Error):
        return False


def _describe(time_utc_s: float, size_wh: tuple[int, int]) -> bytes:
    return f"{time_utc_s!r} {size_wh[0]}x{size_wh[1]}".encode()


def open_clip_store(folder: Path, given: Consent, *, in_file: bool, clock: Clock) -> ClipStore:
    """Open a store for the clips of a venue; checks permission and writes an audit entry with the consent.

    Args:
        in_file: keep the encrypted pictures in a file of the venue rather than in memory.

    Raises:
        AccessError: the signed-in user may not validate.
        ClipError: the store cannot be made.
    """
    what = {"agreed by": given.given_by, "kept in": "file" if in_file else "memory"}
    with doing(folder, Permission.VALIDATE, "clips for labelling allowed", what):
        return ClipStore(given, venue_folder=folder if in_file else None, clock=clock)
