"""The supervisor's account of each camera, put together from what its two processes report."""

from __future__ import annotations

from dataclasses import replace

from vision.alignment.view_report import ViewPictures
from vision.pipeline.messages import CameraAnalysis, CameraCapture, CameraState, CameraTracks
from vision.pipeline.pipeline_status import CameraStatus, Tally
from vision.pipeline.plan import CameraFeed

_CAPTURE_COUNTS = ("decoded", "corrupt", "reconnects")
_ANALYSIS_COUNTS = ("analysed", "dropped", "points")


class CameraAccount:
    """One camera's counts and state, through restarts of the processes that report them."""

    def __init__(self, feed: CameraFeed) -> None:
        self._feed = feed
        self._tallies = {name: Tally() for name in (*_CAPTURE_COUNTS, *_ANALYSIS_COUNTS)}
        self._capture = CameraCapture(feed.camera.name, CameraState.CONNECTING)
        self._analysis = CameraAnalysis(feed.camera.name)
        self._tracks: CameraTracks | None = None
        self._view_pictures: ViewPictures | None = None
        self._first_time_s: float | None = None

    def restart_capture(self, state: CameraState, detail: str) -> None:
        """The process that reads the camera has ended."""
        self._capture = CameraCapture(
            self._feed.camera.name, state, detail, duration_s=self._capture.duration_s
        )
        for name in _CAPTURE_COUNTS:
            self._tallies[name].restart()

    def restart_analysis(self) -> None:
        """The inference process has ended."""
        self._analysis = CameraAnalysis(
            self._feed.camera.name, last_time_s=self._analysis.last_time_s, view=self._analysis.view
        )
        self._tracks = None
        for name in _ANALYSIS_COUNTS:
            self._tallies[name].restart()

    def take_capture(self, report: CameraCapture, now_s: float) -> None:
        """A report of the capture process."""
        self._capture = report
        for name in _CAPTURE_COUNTS:
            self._tallies[name].update(getattr(report, name), now_s)

    def take_analysis(self, report: CameraAnalysis, now_s: float) -> None:
        """A report of the inference process."""
        if self._first_time_s is None:
            self._first_time_s = report.first_time_s
        if report.last_time_s is None:
            report = replace(report, last_time_s=self._analysis.last_time_s)
        self._analysis = report
        for name in _ANALYSIS_COUNTS:
            self._tallies[name].update(getattr(report, name), now_s)

    def take_tracks(self, tracks: CameraTracks) -> None:
        """Who is in the newest analysed picture."""
        self._tracks = tracks

    def take_view(self, pictures: ViewPictures) -> None:
        """The empty floor before and after the view changed."""
        self._view_pictures = pictures

    def forget_tracks(self) -> None:
        """Nobody is seen any more: the pipeline has stopped."""
        self._tracks = None

    def status(self, *, now_s: float, now_utc_s: float) -> CameraStatus:
        """The camera at this moment."""
        times_s = (self._analysis.last_time_s, None if self._tracks is None else self._tracks.time_s)
        last_s = max((time_s for time_s in times_s if time_s is not None), default=None)
        total = {name: tally.total for name, tally in self._tallies.items()}
        is_streaming = self._capture.state is CameraState.STREAMING
        tracks = self._tracks if is_streaming else None
        people = self._analysis.people if tracks is None else len(tracks.tracks)
        return CameraStatus(
            camera=self._feed.camera.name,
            state=self._capture.state,
            detail=self._capture.detail or self._analysis.detail,
            fps_in=self._tallies["decoded"].rate(now_s),
            fps_analysed=self._tallies["analysed"].rate(now_s),
            fps_dropped=self._tallies["dropped"].rate(now_s),
            decoded=total["decoded"],
            analysed=total["analysed"],
            dropped=total["dropped"],
            corrupt=total["corrupt"],
            points=total["points"],
            reconnects=total["reconnects"],
            age_s=None if last_s is None or self._feed.is_lossless else max(0.0, now_utc_s - last_s),
            people=people if is_streaming else 0,
            media_s=0.0 if last_s is None or self._first_time_s is None else last_s - self._first_time_s,
            duration_s=self._capture.duration_s,
            size_wh=self._capture.size_wh,
            error=self._capture.error,
            tracks=() if tracks is None else tracks.tracks,
            tracks_time_s=None if tracks is None else tracks.time_s,
            found_xyxy=() if tracks is None else tracks.found_xyxy,
            view=self._analysis.view,
            view_pictures=self._view_pictures,
        )
