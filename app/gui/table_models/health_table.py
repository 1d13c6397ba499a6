"""Cameras of a recording as a table: how many pictures come, are analysed and lost, and how late."""

from __future__ import annotations

from collections.abc import Sequence

from app.gui.table_models.cell_text import ABSENT
from app.gui.table_models.record_table import RecordTable, TableColumn, make_name_column
from app.gui.translation import tr
from vision.pipeline.messages import CameraState
from vision.pipeline.pipeline_status import CameraStatus


def name_state(state: CameraState) -> str:
    """A camera's state in a word or two."""
    return {
        CameraState.CONNECTING: tr("connecting"),
        CameraState.STREAMING: tr("streaming"),
        CameraState.FROZEN: tr("frozen"),
        CameraState.DARK: tr("dark"),
        CameraState.LOST: tr("no connection"),
        CameraState.REFUSED: tr("login refused"),
        CameraState.ENDED: tr("ended"),
        CameraState.RESTARTING: tr("restarting"),
        CameraState.QUARANTINED: tr("quarantined"),
    }[state]


class HealthTable(RecordTable[CameraStatus]):
    """One row a camera."""

    def make_columns(self) -> Sequence[TableColumn[CameraStatus]]:
        """The columns in the window's language."""
        return (
            make_name_column(tr("Camera"), lambda camera: str(camera.camera)),
            TableColumn(
                tr("State"), lambda c: name_state(c.state), lambda c: name_state(c.state), is_number=False
            ),
            TableColumn(
                tr("Received"),
                lambda c: tr("{fps:.1f}/s", fps=c.fps_in),
                lambda c: c.fps_in,
                meaning=tr("Pictures a second that arrive from the camera."),
            ),
            TableColumn(
                tr("Analysed"),
                lambda c: tr("{fps:.1f}/s", fps=c.fps_analysed),
                lambda c: c.fps_analysed,
                meaning=tr("Pictures a second in which people are looked for."),
            ),
            TableColumn(
                tr("Not analysed"),
                lambda c: tr("{fps:.1f}/s", fps=c.fps_dropped),
                lambda c: c.fps_dropped,
                meaning=tr("Pictures a second that were due and not analysed: the machine is too slow."),
            ),
            TableColumn(
                tr("Delay"),
                lambda c: ABSENT if c.age_s is None else tr("{seconds:.1f} s", seconds=c.age_s),
                lambda c: c.age_s,
                meaning=tr("How old the newest analysed picture is."),
            ),
            TableColumn(tr("Reconnected"), lambda c: str(c.reconnects), lambda c: float(c.reconnects)),
            TableColumn(
                tr("Damaged"),
                lambda c: str(c.corrupt),
                lambda c: float(c.corrupt),
                meaning=tr("Pictures that arrived damaged since the recording began."),
            ),
        )
