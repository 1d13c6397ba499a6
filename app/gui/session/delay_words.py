"""Why there are no figures of this moment while a recording runs."""

from __future__ import annotations

from app.facts.camera_outages import find_lateness, list_live
from app.gui.session.translation import tr
from vision.pipeline.pipeline_status import PipelineStatus


def describe_delay(status: PipelineStatus | None) -> str:
    """What keeps every camera from showing this moment; empty where one is analysed now, or none runs."""
    if status is None or list_live(status):
        return ""
    late_s = find_lateness(status)
    if late_s is None:
        return tr("The cameras are not analysed yet.")
    return tr(
        "The analysis is {seconds} s behind: this machine has too much to do. Figures of this moment wait.",
        seconds=round(late_s),
    )
