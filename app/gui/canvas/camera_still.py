"""A still picture of one camera for a window: fetched in the background, kept in memory alone."""

from __future__ import annotations

from collections.abc import Callable

from app.core.credentials import CredentialStore
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport
from app.gui.session.calibration_picture import (
    Box,
    CameraPicture,
    ProbeCamera,
    fetch_camera_picture,
)
from app.gui.session.job_runner import JobHandle, JobRunner
from app.gui.session.pipeline_monitor import PipelineMonitor
from app.gui.session.translation import display_name, tr


class CameraStill:
    """People in it are made unrecognisable.

    Attributes:
        picture: the newest one; None while there is none.
        busy: what is being done, in words; empty for nothing.
        failure: why there is no newer one.
    """

    def __init__(
        self,
        camera: str,
        *,
        job_runner: JobRunner,
        monitor: PipelineMonitor,
        open_credentials: Callable[[], CredentialStore],
        probe: ProbeCamera,
        on_changed: Callable[[], None],
    ) -> None:
        self._name, self._job_runner, self._monitor = camera, job_runner, monitor
        self._open_credentials, self._probe = open_credentials, probe
        self._on_changed = on_changed
        self._work: JobHandle | None = None
        self.picture: CameraPicture | None = None
        self.busy = ""
        self.failure: ErrorReport | None = None

    def fetch(self, venue: Venue) -> None:
        """Take the newest picture of the recording, or ask the camera for one."""
        self.stop()
        recorded, people_xyxy = self._monitor.preview(self._name), self._list_people()

        def work(context: JobContext) -> CameraPicture:
            return fetch_camera_picture(
                self._name,
                venue=venue,
                recorded=recorded,
                people_xyxy=people_xyxy,
                open_credentials=self._open_credentials,
                context=context,
                probe=self._probe,
            )

        self.busy = tr("Fetching a picture of {camera}", camera=display_name(self._name))
        self.failure = None
        self._on_changed()
        handle = self._job_runner.run(self.busy, work, on_done=self._take, on_failed=self._fail)
        if not handle.is_finished:
            self._work = handle

    def stop(self) -> None:
        """Leave what is being fetched."""
        if self._work is not None:
            self._work.cancel()
            self._work, self.busy = None, ""
            self._on_changed()

    def forget(self) -> None:
        """Fetch and keep nothing any longer."""
        self._on_changed = _ignore
        self.stop()
        self.picture = None

    def _take(self, picture: CameraPicture) -> None:
        self._work, self.busy, self.picture = None, "", picture
        self._on_changed()

    def _fail(self, report: ErrorReport) -> None:
        self._work, self.busy, self.failure = None, "", report
        self._on_changed()

    def _list_people(self) -> list[Box]:
        """Everybody who was just found in the recording's picture, counted or not."""
        status = self._monitor.status
        found = None if status is None else next((c for c in status.cameras if c.camera == self._name), None)
        return [] if found is None else [*(track.xyxy for track in found.tracks), *found.found_xyxy]


def _ignore() -> None:
    pass
