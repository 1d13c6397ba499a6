"""Entry point of the inference process: slots, detector, trackers, floor projection, sink."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import BusyStoreError, ExpoFlowError, FullDiskError, PipelineError
from analytics.domain.history_condition import (
    HEALTHY_HISTORY,
    HistoryCondition,
    HistoryMode,
    describe_pending_writes,
)
from vision.detection.detector import Detector
from vision.detection.detector_choice import DetectorChoice
from vision.pipeline.capture_process import SWITCH_INTERVAL_S
from vision.pipeline.child_link import ChildLink, follow_parent
from vision.pipeline.heartbeat import LifeLimits
from vision.pipeline.messages import Failed, Finished, InferenceBeat
from vision.pipeline.pipeline_parts import InferenceAssignment, PipelineSink
from vision.pipeline.shared_segment import remove_all_segments

_LOG = logging.getLogger(__name__)

SPACE_CHECK_INTERVAL_S = 2.0
_LAST_WORDS_S = 2.0
_SINK_CHECK_INTERVAL_S = 0.02


def run_inference(connection: Connection, assignment: InferenceAssignment) -> None:
    """Run the process: analyse until every recording ends, a stop is requested, or the supervisor is gone."""
    link = ChildLink(connection)
    follow_parent(link, is_abrupt=False)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    start = _Start()
    loaded = start.loaded
    threading.Thread(
        target=_beat_while_loading, args=(link, start, assignment.limits), name="beats", daemon=True
    ).start()
    try:
        _run(link, start, assignment, SystemClock())
        link.outbox.post(Finished(is_complete=not link.stop.is_set()))
    except ExpoFlowError as error:
        has_ever_run = loaded.is_set() or assignment.is_restart
        is_full = isinstance(error, FullDiskError)
        link.outbox.post(Failed(error, is_permanent=not has_ever_run and not is_full))
    except Exception as error:
        _LOG.exception("the inference process stops")
        link.outbox.post(
            Failed(
                PipelineError(
                    "The analysis stopped on an unexpected {kind}: {text}",
                    "It restarts automatically where possible; report this if it happens again.",
                    kind=type(error).__name__,
                    text=str(error),
                ),
                is_permanent=False,
            )
        )
    finally:
        loaded.set()
        link.outbox.close(within_s=_LAST_WORDS_S)
        if link.has_lost_parent():
            # also those of cameras that were added later
            remove_all_segments(assignment.slot_names[0])


class _Start:
    """Reports sent until the analysis begins."""

    def __init__(self) -> None:
        self.loaded = threading.Event()
        self.history = HEALTHY_HISTORY
        self.is_waiting = False


def _beat_while_loading(link: ChildLink, start: _Start, limits: LifeLimits) -> None:
    while not start.loaded.is_set():
        link.outbox.post(InferenceBeat(is_loading=True, is_waiting=start.is_waiting, history=start.history))
        start.loaded.wait(limits.beat_every_s)


def _run(link: ChildLink, start: _Start, assignment: InferenceAssignment, clock: Clock) -> None:
    import cv2

    from vision.pipeline.inference_loop import InferenceLoop

    cv2.setNumThreads(1)
    parts = assignment.parts
    sink: PipelineSink | None = None
    with ThreadPoolExecutor(1, thread_name_prefix="load detector") as pool:
        loading = pool.submit(_load_detectors, assignment)
        waits_for_writer = parts.takes_over and not assignment.is_restart
        if not waits_for_writer:
            sink = _open_sink(link, start, assignment)  # while the previous recording continues
    if waits_for_writer:
        # the previous recording continues until everything is ready here
        loading.result()
        start.is_waiting = True
        sink = _open_sink(link, start, assignment)
        start.is_waiting = False
    if sink is None:
        _close(loading.result())
        return
    try:
        detectors = loading.result()
        try:
            InferenceLoop(assignment, link=link, sink=sink, detectors=detectors, clock=clock).run(
                start.loaded
            )
        finally:
            _close(detectors)
    finally:
        sink.close()


def _load_detectors(assignment: InferenceAssignment) -> dict[DetectorChoice, Detector]:
    """Load each detector once, however many feeds use it.

    After a restart, one that cannot be loaded stops the analysis of its own cameras alone, as that of a
    camera that was added while others were analysed.
    """
    detectors: dict[DetectorChoice, Detector] = {}
    failure: ExpoFlowError | None = None
    try:
        for choice in dict.fromkeys(assignment.plan.detectors):
            try:
                detectors[choice] = assignment.parts.load_detector(choice)
            except ExpoFlowError as error:
                if not assignment.is_restart:
                    raise
                failure = error
        if failure is not None and not detectors:
            raise failure
    except BaseException:
        _close(detectors)
        raise
    return detectors


def _close(detectors: Mapping[DetectorChoice, Detector]) -> None:
    for detector in tuple(detectors.values()):
        detector.close()


def _open_sink(link: ChildLink, start: _Start, assignment: InferenceAssignment) -> PipelineSink | None:
    """Open the sink; wait for free space and for the previous writer to finish.

    Returns None if a stop is requested meanwhile.
    """
    is_live = any(not feed.is_lossless for feed in assignment.plan.feeds)
    while True:
        pause_s = SPACE_CHECK_INTERVAL_S
        try:
            sink = assignment.parts.open_sink()
        except BusyStoreError:
            if not start.is_waiting:
                raise
            pause_s = _SINK_CHECK_INTERVAL_S
        except FullDiskError as error:
            if not is_live:
                raise
            if start.history.problem is None:
                _LOG.warning("%s The recording begins as soon as there is room.", error.problem)
            start.history = HistoryCondition(HistoryMode.PAUSED, problem=describe_pending_writes(error))
        else:
            start.history = HEALTHY_HISTORY
            return sink
        if link.stop.wait(pause_s):
            return None
