"""The newest snapshot, where many threads and coroutines look for it."""

from __future__ import annotations

import threading

from app.integrations.hall_snapshot import HallSnapshot


class SnapshotShelf:
    """One place; a snapshot that is put there replaces the one before."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number = 0
        self._newest: HallSnapshot | None = None

    def put(self, snapshot: HallSnapshot) -> None:
        """Replace what is there."""
        with self._lock:
            self._number += 1
            self._newest = snapshot

    def take(self) -> tuple[int, HallSnapshot | None]:
        """What is there, and how many were put there so far."""
        with self._lock:
            return self._number, self._newest
