"""Whether a child process still lives, judged by when it last said so. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LifeLimits:
    """How long a process may be silent.

    Attributes:
        beat_every_s: how often a child reports.
        silent_s: a running process that says nothing for so long is killed.
        loading_silent_s: the same while it loads; compiling a model may hold the interpreter for seconds.
        loading_s: a process that has not begun to work after so long is killed.
        camera_silent_s: a camera's thread that is stuck in native code for so long takes its process along;
            longer than any time limit of a connection, because looking up a host name has none.
    """

    beat_every_s: float = 0.5
    silent_s: float = 5.0
    loading_silent_s: float = 30.0
    loading_s: float = 180.0
    camera_silent_s: float = 45.0


USUAL_LIMITS = LifeLimits()

RECORDING_LIMITS = LifeLimits(silent_s=120.0, loading_silent_s=120.0, loading_s=900.0)
"""Of recordings: nothing is lost by waiting for a machine that is busy, and a kill would end the analysis."""


def choose_limits(*, is_live: bool) -> LifeLimits:
    """How long processes may be silent that read cameras, or recordings alone."""
    return USUAL_LIMITS if is_live else RECORDING_LIMITS


def find_reason_to_kill(
    *,
    since_start_s: float,
    since_beat_s: float | None,
    is_loading: bool,
    max_camera_silence_s: float = 0.0,
    limits: LifeLimits,
) -> str | None:
    """What is wrong with a process that has to be killed; None for one that lives.

    Args:
        since_beat_s: seconds since its last report, None before the first.
    """
    if is_loading and since_start_s > limits.loading_s:
        return f"did not begin to work within {limits.loading_s:.0f} s"
    silent_s = since_start_s if since_beat_s is None else since_beat_s
    if silent_s > (limits.loading_silent_s if is_loading else limits.silent_s):
        return f"said nothing for {silent_s:.0f} s"
    if max_camera_silence_s > limits.camera_silent_s:
        return f"was stuck in a camera's connection for {max_camera_silence_s:.0f} s"
    return None
