"""Check cameras that are being recorded, by the status of the pipeline."""

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

MAX_DROPPED_SHARE = 0.05
"""Share of due frames whose loss makes dwell times unreliable."""
_FIXES = {
    SourceFault.WRONG_PASSWORD: Fix.ENTER_PASSWORD,
    SourceFault.UNREACHABLE: Fix.CONNECT_AGAIN,
    SourceFault.NO_ANSWER: Fix.CONNECT_AGAIN,
    SourceFault.SILENT: Fix.CONNECT_AGAIN,
    SourceFault.LOST: Fix.CONNECT_AGAIN,
    SourceFault.TOO_MANY_VIEWERS: Fix.CONNECT_AGAIN,
}
"""Fixes of faults where the address is correct and the camera may be reachable again."""
WORKING_STATES = (CameraState.STREAMING, CameraState.CONNECTING, CameraState.ENDED)


def check_recording(status: PipelineStatus, *, calibrated: Collection[str]) -> Iterator[CheckResult]:
    """Check each camera's picture, view and calibration, dropped frames, restarts and the disk.

    Args:
        calibrated: names of the cameras that are calibrated now.
    """
    for camera in status.cameras:
        yield from _check_camera(camera, is_calibrated=camera.camera in calibrated)
    problem = status.history.describe()
    if problem is not None:
        is_paused = status.history.mode is HistoryMode.PAUSED or status.history.problem is not None
        verdict = Verdict.FAILED if is_paused else Verdict.WARNING
        yield CheckResult("history-condition", Topic.DISK, verdict, Phrase("recording"), problem)
    for process in status.processes:
        if process.restarts:
            yield CheckResult(
                "process-restarted",
                Topic.MACHINE,
                Verdict.WARNING,
                Phrase("recording"),
                Phrase(
                    "the process {name} was restarted {count} times",
                    {"name": process.name, "count": process.restarts},
                ),
                Phrase("No data was lost. If this continues, send the log files to the developers."),
            )


def _check_camera(camera: CameraStatus, *, is_calibrated: bool) -> Iterator[CheckResult]:
    yield _check_picture(camera)
    yield from _check_view(camera)
    if camera.detail == NOT_CALIBRATED and is_calibrated:
        # a camera without any calibration is reported with the plan
        yield _make_result(
            "calibrated-since",
            camera,
            Verdict.WARNING,
            Phrase("not counting: it was calibrated after the recording started"),
            Phrase("Restart the recording."),
            fix=Fix.RESTART_RECORDING,
        )
    if camera.detail == MASK_DOES_NOT_FIT:
        remedy = Phrase("Restore the camera's previous aspect ratio, or redraw its privacy mask.")
        detail = Phrase(MASK_DOES_NOT_FIT)
        yield _make_result("mask-does-not-fit", camera, Verdict.FAILED, detail, remedy, fix=Fix.DRAW_MASK)
    due = camera.analysed + camera.dropped
    if due and camera.dropped / due >= MAX_DROPPED_SHARE:
        yield _make_result(
            "frames-dropped",
            camera,
            Verdict.WARNING,
            Phrase(
                "{dropped} of {due} frames were dropped since the recording started",
                {"dropped": camera.dropped, "due": due},
            ),
            Phrase("Analyse fewer frames per second, use a sub-stream, or use a faster machine."),
        )
    if camera.reconnects:
        yield _make_result(
            "reconnected",
            camera,
            Verdict.WARNING,
            Phrase("reconnected {count} times since the recording started", {"count": camera.reconnects}),
            Phrase("Check its cable, power and network; missed time is recorded as a gap."),
        )


def _check_picture(camera: CameraStatus) -> CheckResult:
    if camera.state in WORKING_STATES:
        width, height = camera.size_wh or (0, 0)
        fields = {"width": width, "height": height, "fps": camera.fps_analysed}
        detail = Phrase("{width}x{height}, {fps:.1f} frames per second analysed", fields)
        return _make_result("picture", camera, Verdict.OK, detail)
    error = camera.error
    if error is not None:
        fault = fault_of(error) if isinstance(error, SourceError) else SourceFault.UNKNOWN
        return _make_result(
            fault.value.replace("_", "-"),
            camera,
            Verdict.FAILED,
            Phrase(error.problem_template, error.details),
            Phrase(error.remedy_template, error.details),
            fix=_FIXES.get(fault, Fix.CHANGE_CAMERA),
        )
    if camera.state is CameraState.FROZEN:
        remedy = Phrase("Check the camera; some freeze until they are restarted.")
        detail = Phrase("The picture is frozen.")
        return _make_result("frozen", camera, Verdict.FAILED, detail, remedy, fix=Fix.CONNECT_AGAIN)
    if camera.state is CameraState.DARK:
        return _make_result(
            "dark",
            camera,
            Verdict.FAILED,
            Phrase("The picture is black."),
            Phrase(
                "This is recorded as a gap. Check lens and light; if darkness is normal here, allow "
                "it in the picture's window."
            ),
        )
    if camera.state is CameraState.QUARANTINED:
        return _make_result(
            "camera-quarantined",
            camera,
            Verdict.FAILED,
            Phrase("Its video crashes the reader; the camera is paused for ten minutes."),
            Phrase("Restart the camera, update its firmware, or choose another stream."),
            fix=Fix.CONNECT_AGAIN,
        )
    return _make_result(
        f"camera-{camera.state.value}",
        camera,
        Verdict.FAILED,
        Phrase("The camera sends no pictures."),
        Phrase("Check the network cable and the camera's power; the connection is retried automatically."),
        fix=Fix.CONNECT_AGAIN,
    )


def _check_view(camera: CameraStatus) -> Iterator[CheckResult]:
    if camera.view.verdict is ViewVerdict.MOVED:
        yield _make_result(
            "view-moved",
            camera,
            Verdict.FAILED,
            Phrase("The camera was moved."),
            Phrase("Its positions are unreliable. Turn it back, or accept the proposed realignment."),
            fix=Fix.SHOW_VIEW,
        )
    elif camera.view.verdict is ViewVerdict.BLINDED:
        yield _make_result(
            "view-blind",
            camera,
            Verdict.FAILED,
            Phrase("The camera's view is blocked."),
            Phrase("This time is recorded as a gap, not as an empty hall. Clean or uncover the lens."),
            fix=Fix.SHOW_VIEW,
        )


def _make_result(
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
