"""How whoever records a venue does: from the recorder's own board, or else from what it wrote."""

from __future__ import annotations

import dataclasses

from app.operations.stored_status import StoredStatus
from app.recorder.announcement import Announcement, find_recorder
from app.recorder.status_board import BoardReader
from app.venue.document import Venue
from vision.pipeline.pipeline_status import PipelineStatus


class RecorderStatus:
    """Follows the recorders of one venue, windows too, as they come and go; for one thread at a time.

    A recorder on another machine, in a container, or of an account that does not share its board is followed
    by what it writes into the history, which is up to two seconds old.
    """

    def __init__(self, venue: Venue) -> None:
        self._venue, self._stored = venue, StoredStatus(venue)
        self._recorder: Announcement | None = None
        self._board: BoardReader | None = None

    def look(self, now_utc_s: float) -> PipelineStatus | None:
        """As a look at the pipeline itself gives it; None while nothing is recorded.

        Raises:
            StoreError: there is no board, and the history cannot be read.
        """
        recorder = find_recorder(self._venue.folder)
        if recorder != self._recorder or (recorder is not None and self._board is None):
            self._attach(recorder)
        shown = None if self._board is None else self._board.read()
        if shown is None:
            return self._stored.look(now_utc_s)
        status, written_utc_s = shown
        # a recorder that hangs shows what was long ago
        late_s = max(0.0, now_utc_s - written_utc_s)
        cameras = tuple(
            camera if camera.age_s is None else dataclasses.replace(camera, age_s=camera.age_s + late_s)
            for camera in status.cameras
        )
        return dataclasses.replace(status, cameras=cameras)

    def close(self) -> None:
        """Let go of the board and of the history."""
        self._attach(None)
        self._stored.close()

    def _attach(self, recorder: Announcement | None) -> None:
        if self._board is not None:
            self._board.close()
            self._board = None
        self._recorder = recorder
        if recorder is not None:
            try:
                self._board = BoardReader(recorder.board)
            except (FileNotFoundError, PermissionError):
                # it has ended this moment, or is not for this account
                self._board = None
