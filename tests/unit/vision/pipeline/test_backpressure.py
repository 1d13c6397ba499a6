"""The outbox never makes its owner wait, and counts what it loses."""

from __future__ import annotations

import multiprocessing
import time

from vision.pipeline.backpressure import Outbox


def test_messages_arrive_in_their_order() -> None:
    ours, theirs = multiprocessing.Pipe()
    outbox = Outbox(theirs)
    for number in range(100):
        outbox.post(number)
    outbox.close(within_s=5.0)
    assert [ours.recv() for _ in range(100)] == list(range(100))
    assert outbox.dropped == 0
    ours.close()
    theirs.close()


def test_a_reader_that_does_not_read_costs_the_oldest_messages_and_no_time() -> None:
    ours, theirs = multiprocessing.Pipe()
    outbox = Outbox(theirs, limit=4)
    message = bytes(1 << 20)  # more than a pipe holds
    began_s = time.monotonic()
    for number in range(20):
        outbox.post((number, message))
    assert time.monotonic() - began_s < 1.0
    assert outbox.dropped >= 15
    received = [ours.recv()[0] for _ in range(20 - outbox.dropped)]
    assert received[-4:] == [16, 17, 18, 19]
    outbox.close(within_s=5.0)
    ours.close()
    theirs.close()


def test_a_broken_pipe_is_silent() -> None:
    ours, theirs = multiprocessing.Pipe()
    outbox = Outbox(theirs)
    ours.close()
    outbox.post("nobody hears it")
    outbox.close(within_s=5.0)
    outbox.post("nor this")
    theirs.close()
    assert outbox.dropped == 0


def test_a_message_that_cannot_be_pickled_is_counted_and_the_next_goes_on() -> None:
    ours, theirs = multiprocessing.Pipe()
    outbox = Outbox(theirs)
    outbox.post(lambda: None)
    outbox.post("fine")
    outbox.close(within_s=5.0)
    assert ours.recv() == "fine"
    assert outbox.dropped == 1
    ours.close()
    theirs.close()
