"""Entry point of a capture process: up to four cameras, one thread each, read into their slots."""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass
from multiprocessing.connection import Connection

from analytics.domain.clock import SystemClock
from analytics.domain.identifiers import CameraId
from vision.pipeline.child_link import ChildLink, follow_parent
from vision.pipeline.heartbeat import LIVE_LIMITS, LifeLimits
from vision.pipeline.messages import (
    CameraAdded,
    CameraChanged,
    CameraRemoved,
    CaptureBeat,
    ConnectAgain,
    Finished,
)
from vision.pipeline.pipeline_parts import SourceOpener
from vision.pipeline.plan import CameraFeed
from vision.pipeline.wake_signal import WakeSignal

CAMERAS_PER_PROCESS = 4
SWITCH_INTERVAL_S = 0.0005
"""Interval in seconds; at the default of 5 ms a busy Python thread slows decoding up to 12 times."""

_LAST_WORDS_S = 0.5


@dataclass(frozen=True, slots=True)
class CaptureAssignment:
    """Task of one capture process, sent through the pipe when the process starts.

    Attributes:
        slot_names: names of the feeds' control segments.
        published: wakes the inference process.
        released: signals of the feeds that wake this process when a slot is free; None for live cameras.
    """

    feeds: tuple[CameraFeed, ...]
    slot_names: tuple[str, ...]
    open_source: SourceOpener
    published: WakeSignal
    released: tuple[WakeSignal | None, ...]
    limits: LifeLimits = LIVE_LIMITS


def run_capture(connection: Connection, assignment: CaptureAssignment) -> None:
    """Run the process: read until every recording ends, a stop is requested, or the supervisor is gone."""
    link = ChildLink(connection)
    follow_parent(link, is_abrupt=True)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    link.outbox.post(CaptureBeat(()))
    import cv2

    from vision.pipeline.camera_capture import CaptureThread
    from vision.pipeline.frame_slots import FrameWriter

    # the cores belong to the network; a second OpenCV thread would only wait for it
    cv2.setNumThreads(1)
    threads: list[CaptureThread] = []
    leaving: list[CaptureThread] = []
    gone: set[CameraId] = set()
    """Removed before they were begun; the command that says so is still on its way."""

    def start(feed: CameraFeed, slots: str, released: WakeSignal | None = None) -> None:
        try:
            writer = FrameWriter(slots, is_lossless=feed.is_lossless)
        except FileNotFoundError:
            gone.add(feed.camera.name)
            return
        threads.append(
            CaptureThread(
                feed,
                writer,
                open_source=assignment.open_source,
                clock=SystemClock(),
                stop=threading.Event(),
                post=link.outbox.post,
                published=assignment.published,
                released=released,
            )
        )
        threads[-1].start()

    for task in zip(assignment.feeds, assignment.slot_names, assignment.released, strict=True):
        start(*task)
    while not link.stop.is_set() and (gone or any(thread.is_alive() for thread in threads)):
        for command in link.take_commands():
            if isinstance(command, CameraAdded):
                start(command.feed, command.slots)
            elif isinstance(command, CameraRemoved):
                gone.discard(command.camera)
            for thread in tuple(threads):
                if isinstance(command, CameraChanged) and thread.camera == command.camera.name:
                    thread.change_camera(command.camera)
                elif isinstance(command, ConnectAgain) and thread.camera == command.camera:
                    thread.connect_again()
                elif isinstance(command, CameraRemoved) and thread.camera == command.camera:
                    threads.remove(thread)
                    leaving.append(thread)
                    thread.request_stop()
        # one that has left would keep its pictures in memory
        leaving[:] = [thread for thread in leaving if thread.is_alive()]
        link.outbox.post(CaptureBeat(tuple(t.snapshot() for t in threads)))
        link.stop.wait(assignment.limits.beat_every_s)
    for thread in (*threads, *leaving):
        thread.request_stop()
    for thread in (*threads, *leaving):
        thread.join(_LAST_WORDS_S)
    link.outbox.post(CaptureBeat(tuple(t.snapshot() for t in threads)))
    link.outbox.post(Finished(is_complete=not link.stop.is_set()))
    link.outbox.close(within_s=_LAST_WORDS_S)
    if any(thread.is_alive() for thread in (*threads, *leaving)):
        os._exit(0)  # a thread is still in native code, which may crash when the interpreter ends
