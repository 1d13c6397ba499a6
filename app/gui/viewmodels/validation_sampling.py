"""Which clips are wanted, and how they are taken: from the live cameras, or from a recording."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal

from analytics.domain.clock import Clock
from analytics.domain.identifiers import CameraId
from analytics.evaluation.clip_labels import Clip
from app.error_reporting import ErrorReport
from app.gui.job_runner import JobRunner
from app.gui.pipeline_monitor import PipelineMonitor
from app.gui.translation import tr
from app.gui.viewmodels.clip_collection import ClipCollection
from app.gui.viewmodels.validation_session import ValidationSession
from app.jobs.job import JobContext
from app.operations.validation_recorded import Recording, draw_recorded_clips, take_recorded_clips

if TYPE_CHECKING:
    from app.operations.validation_plan import ValidationPlan

T = TypeVar("T")

PLAN_KEY, RECORDING_KEY = "validation plan", "validation recording"


class ValidationSampling(QObject):
    """Draws by chance among what the plan still wants; ``busy`` says what is being read."""

    changed = Signal()
    taken = Signal()
    """There are clips to label."""
    failed = Signal(object)
    """An `ErrorReport`."""

    def __init__(
        self,
        session: ValidationSession,
        *,
        job_runner: JobRunner,
        monitor: PipelineMonitor,
        clock: Clock,
        chance: random.Random,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._job_runner = session, job_runner
        self._monitor, self._clock, self._chance = monitor, clock, chance
        self.collection = ClipCollection(monitor=monitor, clock=clock, parent=self)
        self._busy: Callable[[], str] | None = None
        self.collection.changed.connect(self.changed)
        self.collection.taken.connect(lambda _clip: self.taken.emit())
        self.collection.failed.connect(self._on_failed)
        session.forgotten.connect(self._on_forgotten)

    @property
    def busy(self) -> str:
        """What is being read, in the language in force; empty for nothing."""
        return "" if self._busy is None else self._busy()

    @property
    def is_recording(self) -> bool:
        """Whether live cameras give pictures."""
        return self._monitor.is_active and not self._monitor.is_stopping and self._monitor.status is not None

    @property
    def waiting(self) -> tuple[Clip, ...]:
        """Clips that are there or being taken, and not labelled."""
        clip = self.collection.clip
        return self._session.unlabelled if clip is None else (*self._session.unlabelled, clip)

    def plan(self, *, margin: float, clip_s: float) -> None:
        """Find out which clips are wanted for an interval of plus or minus ``margin``."""
        venue = self._session.venue
        if venue is None:
            return

        def work(context: JobContext) -> ValidationPlan:
            from app.operations.validation_plan import plan_validation

            return plan_validation(venue, clip_s=clip_s, margin=margin, context=context)

        self._run(PLAN_KEY, lambda: tr("Reading the history"), work, self._session.take_plan)

    def collect(self, is_on: bool) -> None:
        """Take clips from the live cameras as they are wanted, or no more."""
        store = self._session.store
        if is_on and store is not None and self._session.plan is not None:
            self.collection.start(store, self._draw)
        else:
            self.collection.stop()

    def take_from_recording(self, recording: Recording) -> None:
        """Take those clips of an analysed recording that are wanted."""
        session, waiting, chance = self._session, self.waiting, self._chance
        venue, plan, labels, store = session.venue, session.plan, session.labels, session.store
        if venue is None or plan is None or labels is None or store is None:
            return

        def work(context: JobContext) -> int:
            clips = draw_recorded_clips(
                venue, plan, labels, recording, waiting=waiting, draw=chance, context=context
            )
            camera = venue.camera(recording.camera).camera
            return take_recorded_clips(store, clips, recording, camera, context=context)

        file = recording.file.name
        self._run(
            RECORDING_KEY,
            lambda: tr("Taking clips of {file}", file=file),
            work,
            lambda _kept: self.taken.emit(),
        )

    def stop(self) -> None:
        """Leave what is being read; complete clips are kept."""
        for handle in self._job_runner.handles:
            if handle.key in (PLAN_KEY, RECORDING_KEY):
                handle.cancel()
        self._busy = None
        self.changed.emit()

    def _run(
        self,
        key: str,
        title: Callable[[], str],
        work: Callable[[JobContext], T],
        on_done: Callable[[T], object],
    ) -> None:
        self._busy = title

        def end(result: T) -> None:
            self._busy = None
            on_done(result)
            self.changed.emit()

        self._job_runner.run_latest(key, title, work, on_done=end, on_failed=self._on_failed)
        self.changed.emit()

    def _draw(self, people: Mapping[CameraId, float]) -> Clip | None:
        from app.operations.validation_plan import draw_next_clip

        session = self._session
        if session.venue is None or session.plan is None or session.labels is None:
            return None
        known = session.venue.camera_names
        return draw_next_clip(
            session.plan,
            session.labels,
            venue=session.venue,
            now_utc_s=self._clock.now_utc_s(),
            people={camera: count for camera, count in people.items() if camera in known},
            waiting=self.waiting,
            draw=self._chance,
        )

    def _on_forgotten(self) -> None:
        self.collection.stop()
        self.stop()

    def _on_failed(self, report: ErrorReport) -> None:
        self._busy = None
        self.failed.emit(report)
        self.changed.emit()
