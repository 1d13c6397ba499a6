"""What is wrong with cameras that are being recorded, by what the pipeline says of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from analytics.domain.errors import Phrase, SourceError
from analytics.domain.history_condition import HistoryMode
from app.core.check_results import NO_WORDS, CheckResult, Fix, Topic, Verdict
from vision.alignment.view_report import ViewVerdict
from vision.pipeline.camera_lane import NOT_CALIBRATED
from vision.pipeline.messages import MASK_DOES_NOT_FIT, CameraState
from vision.pipeline.pipeline_status import CameraStatus, PipelineStatus
from vision.sources.source_faults import SourceFault, fault_of

MUCH_DROPPED = 0.05
"""Of the frames that were due: of fewer, a stay's length says nothing else."""
_MENDS = {
    SourceFault.WRONG_PASSWORD: Fix.ENTER_PASSWORD,
    SourceFault.UNREACHABLE: Fix.CONNECT_AGAIN,
    SourceFault.NO_ANSWER: Fix.CONNECT_AGAIN,
    SourceFault.SILENT: Fix.CONNECT_AGAIN,
    SourceFault.LOST: Fix.CONNECT_AGAIN,
    SourceFault.TOO_MANY_VIEWERS: Fix.CONNECT_AGAIN,
}
"""Where the address is right and the camera may be back by now."""
WELL = (CameraState.STREAMING, CameraState.CONNECTING, CameraState.ENDED)


def check_recording(status: PipelineStatus, *, calibrated: Collection[str]) -> Iterator[CheckResult]:
    """Each camera's picture, view and calibration, what was dropped and restarted so far, and the disk.

    Args:
        calibrated: names of the venue's cameras that are calibrated now.
    """
    for camera in status.cameras:
        yield from _check_camera(camera, is_calibrated=camera.camera in calibrated)
    told = status.history.describe()
    if told is not None:
        is_paused = status.history.mode is HistoryMode.PAUSED or status.history.problem is not None
        verdict = Verdict.FAILED if is_paused else Verdict.WARNING
        yield CheckResult("history-condition", Topic.DISK, verdict, Phrase("recording"), told)
    for process in status.processes:
        if process.restarts:
            yield CheckResult(
                "process-restarted",
                Topic.MACHINE,
                Verdict.WARNING,
                Phrase("recording"),
                Phrase(
                    "the process {name} was started again {count} times",
                    {"name": process.name, "count": process.restarts},
                ),
                Phrase("What was counted is kept. If it goes on, send the log files to the developers."),
            )


def _check_camera(camera: CameraStatus, *, is_calibrated: bool) -> Iterator[CheckResult]:
    yield _check_picture(camera)
    yield from _check_view(camera)
    if camera.detail == NOT_CALIBRATED and is_calibrated:
        # one that has no calibration at all is told with the plan
        yield _tell(
            "calibrated-since",
            camera,
            Verdict.WARNING,
            Phrase("nobody is counted here: it was calibrated after the recording started"),
            Phrase("Restart the recording."),
            fix=Fix.RESTART_RECORDING,
        )
    if camera.detail == MASK_DOES_NOT_FIT:
        remedy = Phrase("Restore the camera's previous aspect ratio, or redraw its privacy mask.")
        detail = Phrase(MASK_DOES_NOT_FIT)
        yield _tell("mask-does-not-fit", camera, Verdict.FAILED, detail, remedy, fix=Fix.DRAW_MASK)
    due = camera.analysed + camera.dropped
    if due and camera.dropped / due >= MUCH_DROPPED:
        yield _tell(
            "frames-dropped",
            camera,
            Verdict.WARNING,
            Phrase(
                "{dropped} of {due} frames were dropped since the recording started",
                {"dropped": camera.dropped, "due": due},
            ),
            Phrase("Analyse fewer frames a second, use a sub-stream, or a faster machine."),
        )
    if camera.reconnects:
        yield _tell(
            "reconnected",
            camera,
            Verdict.WARNING,
            Phrase("connected again {count} times since the recording started", {"count": camera.reconnects}),
            Phrase("Check its cable, its power and the network; what is missed is recorded as a gap."),
        )


def _check_picture(camera: CameraStatus) -> CheckResult:
    if camera.state in WELL:
        width, height = camera.size_wh or (0, 0)
        fields = {"width": width, "height": height, "fps": camera.fps_analysed}
        detail = Phrase("{width}x{height}, {fps:.1f} frames a second are analysed", fields)
        return _tell("picture", camera, Verdict.OK, detail)
    error = camera.error
    if error is not None:
        fault = fault_of(error) if isinstance(error, SourceError) else SourceFault.UNKNOWN
        return _tell(
            fault.value.replace("_", "-"),
            camera,
            Verdict.FAILED,
            Phrase(error.problem_template, error.details),
            Phrase(error.remedy_template, error.details),
            fix=_MENDS.get(fault, Fix.CHANGE_CAMERA),
        )
    if camera.state is CameraState.FROZEN:
        remedy = Phrase("Check the camera; some freeze until they are restarted.")
        detail = Phrase("The picture is frozen.")
        return _tell("frozen", camera, Verdict.FAILED, detail, remedy, fix=Fix.CONNECT_AGAIN)
    if camera.state is CameraState.DARK:
        return _tell(
            "dark",
            camera,
            Verdict.FAILED,
            Phrase("The picture is black."),
            Phrase(
                "This is recorded as a gap. Check lens and light; if darkness is normal here, "
                "say so in the picture's window."
            ),
        )
    if camera.state is CameraState.QUARANTINED:
        return _tell(
            "camera-quarantined",
            camera,
            Verdict.FAILED,
            Phrase("What it sends makes the program that reads it crash; it is left alone for ten minutes."),
            Phrase("Restart the camera, update its firmware, or choose another of its streams."),
            fix=Fix.CONNECT_AGAIN,
        )
    return _tell(
        f"camera-{camera.state.value}",
        camera,
        Verdict.FAILED,
        Phrase("The camera sends no pictures."),
        Phrase("Check the network cable and the camera's power; the connection is retried automatically."),
        fix=Fix.CONNECT_AGAIN,
    )


def _check_view(camera: CameraStatus) -> Iterator[CheckResult]:
    if camera.view.verdict is ViewVerdict.MOVED:
        yield _tell(
            "view-moved",
            camera,
            Verdict.FAILED,
            Phrase("The camera was moved."),
            Phrase("Its positions are doubtful. Turn it back, or accept the re-alignment that is proposed."),
            fix=Fix.SHOW_VIEW,
        )
    elif camera.view.verdict is ViewVerdict.BLINDED:
        yield _tell(
            "view-blind",
            camera,
            Verdict.FAILED,
            Phrase("The camera sees nothing."),
            Phrase("This time is recorded as a gap, not as an empty hall. Clean or free the lens."),
            fix=Fix.SHOW_VIEW,
        )


def _tell(
    rule: str,
    camera: CameraStatus,
    verdict: Verdict,
    detail: Phrase,
    remedy: Phrase = NO_WORDS,
    *,
    fix: Fix = Fix.NOTHING,
) -> CheckResult:
    subject = Phrase("camera {name}", {"name": str(camera.camera)})
    return CheckResult(rule, Topic.CAMERAS, verdict, subject, detail, remedy, fix, str(camera.camera))
