"""Opt-out from telemetry of OpenVINO and NNCF; call it before the first import of either."""

from __future__ import annotations

import sys


def refuse_openvino_telemetry() -> None:
    """Hide the package ``openvino_telemetry`` from this process.

    OpenVINO reports its own import and every conversion to an analytics service if that package is installed
    and the home folder contains no opt-out. Both libraries treat it as optional: without it they use an empty
    stand-in, so nothing is sent and nothing is written.
    """
    for name in [name for name in list(sys.modules) if name.partition(".")[0] == "openvino_telemetry"]:
        del sys.modules[name]
    # None marks a module as not importable
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
