"""Liveness of child processes, judged by their last report. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LifeLimits:
    """Limits on how long a process may be silent.

    Attributes:
        beat_every_s: interval of a child's reports.
        silent_s: a running process that is silent for this long is killed.
        loading_silent_s: the same while it loads; compiling a model may hold the interpreter for seconds.
        loading_s: a process that has not started work after this time is killed.
        camera_silent_s: a camera's thread stuck in native code for this long gets its process killed;
            longer than any time limit of a connection, because looking up a host name has none.
    """

    beat_every_s: float = 0.5
    silent_s: float = 5.0
    loading_silent_s: float = 30.0
    loading_s: float = 180.0
    camera_silent_s: float = 45.0


LIVE_LIMITS = LifeLimits()

RECORDING_LIMITS = LifeLimits(silent_s=120.0, loading_silent_s=120.0, loading_s=900.0)
"""Limits for recordings: waiting for a busy machine loses nothing, a kill would end the analysis."""


def choose_limits(*, is_live: bool) -> LifeLimits:
    """Return the limits for processes that read cameras, or only recordings."""
    return LIVE_LIMITS if is_live else RECORDING_LIMITS


def find_reason_to_kill(
    *,
    since_start_s: float,
    since_beat_s: float | None,
    is_loading: bool,
    max_camera_silence_s: float = 0.0,
    limits: LifeLimits,
) -> str | None:
    """Return why a process has to be killed; None for a healthy one.

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
