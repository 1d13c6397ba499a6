"""Transfer of frames from a capture process to its readers, by shared memory and without locks.

A camera has a control segment, created by the supervisor and kept through every restart, and a data segment
of a few slots, created by the writer and recreated when the pictures become larger. A live camera has three
slots: only the newest frame matters, the writer never waits, and the reader pins the slot that it reads. A
recording has a ring, in which the writer waits for a slot that the reader has released. A killed process
leaves no lock behind; its successor continues with the counters as they are.
"""

from __future__ import annotations

import contextlib
import mmap
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from vision.pipeline.shared_segment import (
    PAGE_BYTES,
    attach_segment,
    create_segment,
    has_segment,
    remove_segments,
)
from vision.pixel_types import DARK, FROZEN, Frame, Picture, PictureDoubt

LIVE_SLOTS = 3
LOSSLESS_SLOTS = 6
"""Enough to keep the detector busy while a key frame is decoded, yet small enough for a GPU's cache."""

_MAGIC = 0x45585046_4C4F5753
_MAGIC_AT, _SLOTS, _PUBLISHED, _RELEASED, _PINNED, _GENERATION, _CAPACITY, _ENDED, _EPOCH, _LINK, _STATE = (
    range(11)
)
_SLOT_FIELDS = 10
_FIRST_SLOT = 16
_BEGUN, _DONE, _WIDTH, _HEIGHT, _NUMBER, _TIME, _SLOT_GENERATION, _SLOT_LINK, _DOUBT, _DOUBT_SINCE = range(
    _SLOT_FIELDS
)
_SLOT_BITS = 8
_DOUBTS = tuple((cause, is_certain) for cause in (FROZEN, DARK) for is_certain in (False, True))
"""Picture doubts, stored as numbers from 1; 0 means none."""

_fence = threading.Lock()


def _order_memory() -> None:
    """Complete earlier writes before later ones, also on processors that reorder them (ARM)."""
    for _ in range(2):
        with _fence:
            pass


class LinkState(IntEnum):
    """State of a camera's connection, as set by the writer."""

    CONNECTING = 0
    STREAMING = 1
    LOST = 2


@dataclass(frozen=True, slots=True, eq=False)
class SlotFrame:
    """A frame in a slot; ``picture`` is valid only until the frame is released.

    Attributes:
        sequence: counts the published frames from 1; missing numbers were overwritten unread.
        link: a number that changes with every capture process (upper 32 bits) and connection (lower 32).
        doubt: see ``Frame``.
    """

    picture: Picture
    time_s: float
    number: int
    sequence: int
    link: int
    slot: int
    doubt: PictureDoubt | None = None


def create_frame_slots(name: str, *, is_lossless: bool) -> mmap.mmap:
    """Create the control segment of one camera; keep it as long as the name is in use.

    Raises:
        PipelineError: there is not enough shared memory.
    """
    control = create_segment(name, PAGE_BYTES)
    fields = memoryview(control).cast("q")
    fields[_SLOTS] = LOSSLESS_SLOTS if is_lossless else LIVE_SLOTS
    fields[_MAGIC_AT] = _MAGIC
    fields.release()
    return control


def remove_frame_slots(name: str) -> None:
    """Remove the segments of one camera; processes that still map them are not disturbed."""
    remove_segments(name)
    # what a writer made meanwhile; from now on it sees that the control segment is gone
    remove_segments(name)


class _Mapping:
    """The fields and slots of one camera, as mapped by every process."""

    def __init__(self, name: str, *, is_lossless: bool) -> None:
        self.name = name
        self.is_lossless = is_lossless
        control = attach_segment(name, PAGE_BYTES)
        self.fields = memoryview(control).cast("q")
        self.reals = memoryview(control).cast("d")
        if self.fields[_MAGIC_AT] != _MAGIC:
            raise FileNotFoundError(f"{name} holds no frame slots")
        self.slots = self.fields[_SLOTS]
        self.generation = 0
        self.capacity = 0
        self.data: mmap.mmap | None = None

    def attach_data(self, generation: int) -> bool:
        if generation != self.generation or self.data is None:
            capacity = self.fields[_CAPACITY]
            try:
                self.data = attach_segment(f"{self.name}-g{generation}", capacity * self.slots)
            except FileNotFoundError:
                return False
            self.generation, self.capacity = generation, capacity
        return True

    def view(self, slot: int, width: int, height: int) -> Picture:
        assert self.data is not None
        return np.ndarray((height, width, 3), np.uint8, buffer=self.data, offset=slot * self.capacity)


class FrameWriter:
    """The capture side of one camera's slots; one writer at a time.

    Raises:
        FileNotFoundError: the camera was removed meanwhile.
    """

    def __init__(self, name: str, *, is_lossless: bool) -> None:
        self.name = name
        self._mapping = _Mapping(name, is_lossless=is_lossless)
        fields = self._mapping.fields
        fields[_EPOCH] += 1
        fields[_STATE] = LinkState.CONNECTING
        fields[_ENDED] = 0
        if fields[_GENERATION]:
            self._mapping.attach_data(fields[_GENERATION])

    def begin_link(self) -> None:
        """Mark the beginning of a new connection, to which all frames from here on belong."""
        self._mapping.fields[_LINK] += 1

    def set_state(self, state: LinkState) -> None:
        """Set the state of the connection for readers."""
        self._mapping.fields[_STATE] = state

    def publish(self, frame: Frame, *, wait: Callable[[], bool]) -> bool:
        """Copy a frame into a slot and make it the newest.

        Args:
            wait: called while a ring is full; pauses briefly and returns whether to continue waiting.

        Returns:
            False if the frame was discarded because ``wait`` returned False, or the camera was removed.

        Raises:
            PipelineError: there is not enough shared memory for pictures of this size.
        """
        mapping, fields = self._mapping, self._mapping.fields
        width, height = frame.size_wh
        if mapping.data is None or width * height * 3 > mapping.capacity:
            if mapping.is_lossless and not self._wait_until_unread(0, wait):
                return False
            if not self._make_data(width * height * 3):
                return False
        if mapping.is_lossless and not self._wait_until_unread(mapping.slots - 1, wait):
            return False
        sequence = (fields[_PUBLISHED] >> _SLOT_BITS) + 1
        slot = sequence % mapping.slots if mapping.is_lossless else self._choose_slot()
        at = _FIRST_SLOT + slot * _SLOT_FIELDS
        fields[at + _BEGUN] = sequence
        _order_memory()
        np.copyto(mapping.view(slot, width, height), frame.picture)
        fields[at + _WIDTH], fields[at + _HEIGHT], fields[at + _NUMBER] = width, height, frame.number
        mapping.reals[at + _TIME] = frame.time_s
        doubt = frame.doubt
        fields[at + _DOUBT] = 0 if doubt is None else 1 + _DOUBTS.index((doubt.cause, doubt.is_certain))
        mapping.reals[at + _DOUBT_SINCE] = 0.0 if doubt is None else doubt.since_s
        fields[at + _SLOT_GENERATION] = mapping.generation
        fields[at + _SLOT_LINK] = (fields[_EPOCH] << 32) | fields[_LINK]
        _order_memory()
        fields[at + _DONE] = sequence
        _order_memory()
        fields[_PUBLISHED] = (sequence << _SLOT_BITS) | slot
        return True

    def end(self) -> None:
        """Mark the end of the recording; no frame follows those already published."""
        _order_memory()
        self._mapping.fields[_ENDED] = 1

    def _choose_slot(self) -> int:
        _order_memory()
        taken = (self._mapping.fields[_PUBLISHED] & 0xFF, self._mapping.fields[_PINNED] - 1)
        return next(slot for slot in range(self._mapping.slots) if slot not in taken)

    def _wait_until_unread(self, limit: int, wait: Callable[[], bool]) -> bool:
        fields = self._mapping.fields
        while (fields[_PUBLISHED] >> _SLOT_BITS) - fields[_RELEASED] > limit:
            if not wait():
                return False
        return True

    def _make_data(self, picture_bytes: int) -> bool:
        mapping, fields = self._mapping, self._mapping.fields
        capacity = -(-picture_bytes // PAGE_BYTES) * PAGE_BYTES
        generation = fields[_GENERATION] + 1
        remove_segments(f"{mapping.name}-g")
        mapping.data = create_segment(f"{mapping.name}-g{generation}", capacity * mapping.slots)
        if not has_segment(mapping.name):
            remove_segments(f"{mapping.name}-g")
            return False
        mapping.generation, mapping.capacity = generation, capacity
        fields[_CAPACITY] = capacity
        _order_memory()
        fields[_GENERATION] = generation
        return True


class FrameReader:
    """The reading side of one camera's slots: one reader that takes frames, any number that copy previews.

    Raises:
        FileNotFoundError: the camera was removed meanwhile.
    """

    def __init__(self, name: str, *, is_lossless: bool) -> None:
        self.name = name
        self._mapping = _Mapping(name, is_lossless=is_lossless)
        fields = self._mapping.fields
        fields[_PINNED] = 0
        published = fields[_PUBLISHED] >> _SLOT_BITS
        self._last = fields[_RELEASED] if is_lossless else published

    @property
    def state(self) -> LinkState:
        """Return the state of the connection, as set by the writer."""
        return LinkState(self._mapping.fields[_STATE])

    @property
    def is_ended(self) -> bool:
        """Return whether the recording is over and every frame of it has been taken."""
        fields = self._mapping.fields
        return bool(fields[_ENDED]) and self._last >= fields[_PUBLISHED] >> _SLOT_BITS

    @property
    def is_half_empty(self) -> bool:
        """Return whether a ring has enough free slots to wake its writer."""
        fields = self._mapping.fields
        return 2 * ((fields[_PUBLISHED] >> _SLOT_BITS) - fields[_RELEASED]) <= self._mapping.slots

    def take(self) -> SlotFrame | None:
        """Return the next frame of a recording or a camera's newest; None if it was taken already.

        Release it before taking the next.
        """
        fields = self._mapping.fields
        published = fields[_PUBLISHED]
        if published >> _SLOT_BITS <= self._last:
            return None
        if self._mapping.is_lossless:
            frame = self._read(self._last + 1, (self._last + 1) % self._mapping.slots)
            if frame is not None:
                self._last = frame.sequence
            return frame
        while True:
            slot = published & 0xFF
            fields[_PINNED] = slot + 1
            _order_memory()
            newest = fields[_PUBLISHED]
            if newest == published:
                break
            published = newest
        frame = self._read(published >> _SLOT_BITS, slot)
        if frame is None:
            fields[_PINNED] = 0
        else:
            self._last = frame.sequence
        return frame

    def release(self, frame: SlotFrame) -> bool:
        """Return the slot to the writer; return whether the picture stayed intact until now."""
        fields = self._mapping.fields
        _order_memory()
        is_intact = fields[_FIRST_SLOT + frame.slot * _SLOT_FIELDS + _BEGUN] == frame.sequence
        if self._mapping.is_lossless:
            fields[_RELEASED] = frame.sequence
        else:
            fields[_PINNED] = 0
        return is_intact

    def _read(self, sequence: int, slot: int) -> SlotFrame | None:
        mapping, fields = self._mapping, self._mapping.fields
        at = _FIRST_SLOT + slot * _SLOT_FIELDS
        if fields[at + _DONE] != sequence or fields[at + _BEGUN] != sequence:
            return None
        if not mapping.attach_data(fields[at + _SLOT_GENERATION]):
            return None
        width, height = fields[at + _WIDTH], fields[at + _HEIGHT]
        if width * height * 3 > mapping.capacity:
            return None
        picture = mapping.view(slot, width, height)
        picture.flags.writeable = False
        doubt = None
        if fields[at + _DOUBT]:
            cause, is_certain = _DOUBTS[fields[at + _DOUBT] - 1]
            doubt = PictureDoubt(cause, mapping.reals[at + _DOUBT_SINCE], is_certain)
        time_s, number, link = mapping.reals[at + _TIME], fields[at + _NUMBER], fields[at + _SLOT_LINK]
        return SlotFrame(picture, time_s, number, sequence, link, slot, doubt)


@dataclass(frozen=True, slots=True, eq=False)
class PreviewRows:
    """A reduced copy of a frame that holds only every nth row.

    Attributes:
        rows: shape (rows, width, 3), BGR, contiguous.
        frame_wh: size of the whole frame.
    """

    rows: Picture
    frame_wh: tuple[int, int]
    time_s: float


class FramePreview:
    """Copies of a camera's newest frame for a live wall; never delays other readers."""

    def __init__(self, name: str, *, is_lossless: bool) -> None:
        self.name = name
        self._mapping = _Mapping(name, is_lossless=is_lossless)

    def copy_newest(self) -> tuple[Picture, float] | None:
        """Return the newest picture and its capture time in seconds; None if no intact copy is available."""
        copied = self.copy_rows(None, known_time_s=None)
        return None if copied is None else (copied.rows, copied.time_s)

    def copy_rows(self, fit_height_px: int | None, *, known_time_s: float | None) -> PreviewRows | None:
        """Return the same as `copy_newest`, at lower cost for a picture that is shown small.

        Args:
            fit_height_px: rows are left out so that at least about this many remain; None keeps all.
            known_time_s: capture time of a picture that the caller already has, for which None is returned.
        """
        mapping, fields = self._mapping, self._mapping.fields
        for _attempt in range(3):
            published = fields[_PUBLISHED]
            sequence, at = published >> _SLOT_BITS, _FIRST_SLOT + (published & 0xFF) * _SLOT_FIELDS
            if not sequence or fields[at + _DONE] != sequence:
                return None
            with contextlib.suppress(ValueError, TypeError):
                if not mapping.attach_data(fields[at + _SLOT_GENERATION]):
                    continue
                time_s = mapping.reals[at + _TIME]
                if time_s == known_time_s:
                    return None
                width, height = fields[at + _WIDTH], fields[at + _HEIGHT]
                row_step = 1 if fit_height_px is None else max(1, height // max(1, fit_height_px))
                rows = mapping.view(published & 0xFF, width, height)[::row_step].copy()
                _order_memory()
                if fields[at + _BEGUN] == sequence:
                    return PreviewRows(rows, (width, height), time_s)
        return None
