"""Entry of the inference process: slots to detector to trackers to the floor, and into the sink."""

from __future__ import annotations

import logging
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import BusyStoreError, ExpoFlowError, PipelineError
from vision.pipeline.capture_process import SWITCH_INTERVAL_S
from vision.pipeline.child_link import ChildLink, follow_parent
from vision.pipeline.frame_slots import remove_frame_slots
from vision.pipeline.heartbeat import USUAL_LIMITS, LifeLimits
from vision.pipeline.messages import Failed, Finished, InferenceBeat
from vision.pipeline.pipeline_parts import PipelineParts, PipelineSink
from vision.pipeline.plan import PipelinePlan

_LOG = logging.getLogger(__name__)

_LAST_WORDS_S = 2.0
_LOOK_FOR_SINK_EVERY_S = 0.02


@dataclass(frozen=True, slots=True)
class InferenceAssignment:
    """What the inference process is to do; travels through the pipe by which the process is started.

    Attributes:
        plan: without any user name or password, which only the capture processes need.
        slot_names: of the control segment of each feed.
        is_restart: another process did this before, and died.
    """

    plan: PipelinePlan
    slot_names: tuple[str, ...]
    parts: PipelineParts
    is_restart: bool = False
    limits: LifeLimits = USUAL_LIMITS


def run_inference(connection: Connection, assignment: InferenceAssignment) -> None:
    """Body of the process: analyse until every recording is over, or the supervisor says stop, or is gone."""
    link = ChildLink(connection)
    follow_parent(link, is_abrupt=False)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    loaded, waiting = threading.Event(), threading.Event()
    threading.Thread(
        target=_beat_while_loading, args=(link, loaded, waiting, assignment.limits), name="beats", daemon=True
    ).start()
    try:
        _run(link, loaded, waiting, assignment, SystemClock())
        link.outbox.post(Finished(is_complete=not link.stop.is_set()))
    except ExpoFlowError as error:
        has_ever_run = loaded.is_set() or assignment.is_restart
        link.outbox.post(Failed(error, is_permanent=not has_ever_run))
    except Exception as error:
        _LOG.exception("the inference process stops")
        link.outbox.post(
            Failed(
                PipelineError(
                    "The analysis stopped by an unexpected {kind}: {text}",
                    "It is started again by itself where that can help; report it if it happens again.",
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
            for name in assignment.slot_names:
                remove_frame_slots(name)


def _beat_while_loading(
    link: ChildLink, loaded: threading.Event, waiting: threading.Event, limits: LifeLimits
) -> None:
    while not loaded.is_set():
        link.outbox.post(InferenceBeat(is_loading=True, is_waiting=waiting.is_set()))
        loaded.wait(limits.beat_every_s)


def _run(
    link: ChildLink,
    loaded: threading.Event,
    waiting: threading.Event,
    assignment: InferenceAssignment,
    clock: Clock,
) -> None:
    from vision.pipeline.inference_loop import InferenceLoop

    parts = assignment.parts
    sink: PipelineSink | None = None
    with ThreadPoolExecutor(1, thread_name_prefix="load detector") as pool:
        loading = pool.submit(parts.load_detector, assignment.plan.detector)
        if not parts.takes_over or assignment.is_restart:
            sink = parts.open_sink()  # meanwhile
    if sink is None:
        loading.result()
        waiting.set()
        sink = _wait_for_sink(link, parts)
        waiting.clear()
        if sink is None:
            return
    try:
        detector = loading.result()
        try:
            InferenceLoop(assignment, link=link, sink=sink, detector=detector, clock=clock).run(loaded)
        finally:
            detector.close()
    finally:
        sink.close()


def _wait_for_sink(link: ChildLink, parts: PipelineParts) -> PipelineSink | None:
    """Open the sink the moment that its writer lets go; None if this process is to stop before."""
    while not link.stop.is_set():
        try:
            return parts.open_sink()
        except BusyStoreError:
            link.stop.wait(_LOOK_FOR_SINK_EVERY_S)
    return None
