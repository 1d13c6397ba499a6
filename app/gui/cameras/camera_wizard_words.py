"""The words of the wizard that adds a camera: what was found, offered, measured, and what went wrong."""

from __future__ import annotations

from app.error_reporting import ErrorReport
from app.gui.cameras.camera_wizard_state import (
    CameraDraft,
    LoginKind,
    Origin,
    WizardFailure,
    WizardStep,
)
from app.gui.session.translation import tr
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.onvif.discovery import Discovery, FoundDevice
from vision.sources.onvif.media_profiles import MediaProfile, StreamRole
from vision.sources.source_faults import SourceFault
from vision.sources.stream_probe import ProbeStage, StreamReport

Figures = tuple[tuple[str, str], ...]
"""Values by their names, in the order in which they are shown."""

_CODEC_TITLES = {"H264": "H.264", "H265": "H.265", "JPEG": "MJPEG", "MPEG4": "MPEG-4"}
"""What ONVIF calls a codec, and what people and a trial call it."""
_SEPARATOR = "  ·  "
_PLACE_FAULTS = {
    SourceFault.NOT_FOUND,
    SourceFault.REFUSED,
    SourceFault.UNREACHABLE,
    SourceFault.NO_ANSWER,
    SourceFault.LOST,
    SourceFault.NO_VIDEO,
    SourceFault.NO_DEVICE,
    SourceFault.UNREADABLE_FILE,
    SourceFault.NO_PERMISSION,
    SourceFault.BAD_ADDRESS,
}
_STREAM_FAULTS = {SourceFault.TOO_MANY_VIEWERS, SourceFault.UNDECODABLE}


def describe_failure(report: ErrorReport, *, step: WizardStep, draft: CameraDraft) -> WizardFailure:
    """An error in the window's language, with the step where it is mended."""
    told = report.tell_again(tr)
    fault = None if report.words is None else report.words.details.get("fault")
    mend_step, mend = None, ""
    if fault == SourceFault.WRONG_PASSWORD:
        mend_step, mend = WizardStep.LOGIN, tr("Change the login")
    elif fault in _STREAM_FAULTS and WizardStep.STREAM in draft.steps:
        mend_step, mend = WizardStep.STREAM, tr("Choose another stream")
    elif fault in _PLACE_FAULTS:
        mend_step, mend = WizardStep.WHERE, tr("Change the address")
    if mend_step == step or mend_step not in draft.steps:
        mend_step, mend = None, ""
    return WizardFailure(told.problem, told.remedy, mend_step, mend)


def describe_found(device: FoundDevice) -> str:
    """A camera that answered, in one line."""
    parts = (device.name or tr("Camera"), device.hardware, device.host, device.place)
    return _SEPARATOR.join(part for part in parts if part)


def describe_search(found: Discovery) -> str:
    """What came of a search."""
    networks = ", ".join(found.searched) or tr("any network")
    sentences = []
    if not found.devices:
        sentences.append(tr("No camera answered on {networks}.", networks=networks))
        sentences.append(
            tr(
                "Check that ONVIF and its discovery are switched on in the cameras, and that they are in the "
                "same network as this machine; beyond a router they are not found. Their addresses can be "
                "entered as well."
            )
        )
    if found.unsearchable:
        sentences.append(tr("Could not search: {networks}.", networks=", ".join(found.unsearchable)))
    return " ".join(sentences) or tr("Choose one of the cameras.")


def describe_stream(stream: MediaProfile, *, has_sources: bool) -> str:
    """A stream that is offered, in one line.

    Args:
        has_sources: the camera has several lenses, or is a recorder, and each stream must say whose it is.
    """
    roles = {
        StreamRole.MAIN: tr("Main stream"),
        StreamRole.SUB: tr("Sub-stream"),
        StreamRole.OTHER: tr("Further stream"),
    }
    parts = [
        roles[stream.role],
        stream.source if has_sources else "",
        _CODEC_TITLES.get(stream.codec, stream.codec),
    ]
    if stream.size_wh is not None:
        parts.append("{} × {}".format(*stream.size_wh))
    if stream.fps is not None:
        parts.append(tr("{fps:.0f} frames a second", fps=stream.fps))
    if not stream.codec:
        parts.append(stream.location)
    if stream.is_recommended:
        parts.append(tr("recommended"))
    return _SEPARATOR.join(part for part in parts if part)


def describe_stage(done: float) -> str:
    """How far a trial has come."""
    words = {
        ProbeStage.CONNECTING: tr("Connecting"),
        ProbeStage.WAITING_FOR_PICTURE: tr("Waiting for the first picture"),
    }
    return words.get(ProbeStage(int(done)), tr("Measuring"))


def describe_report(report: StreamReport, *, clock_skew_s: float | None) -> Figures:
    """What a trial measured.

    Args:
        clock_skew_s: how far the camera's clock is ahead, if it was told otherwise than within the stream.
    """
    unknown = tr("unknown")
    rows = [
        (
            tr("Resolution"),
            tr("{width} × {height} pixels", width=report.size_wh[0], height=report.size_wh[1]),
        ),
        (tr("Codec"), " ".join(part for part in (report.codec, report.profile) if part) or unknown),
        (
            tr("Frame rate"),
            unknown if report.measured_fps is None else tr("{fps:.1f} a second", fps=report.measured_fps),
        ),
        (tr("First picture"), tr("after {seconds:.1f} s", seconds=report.first_picture_after_s)),
    ]
    if report.decode_ms is not None and report.core_share is not None:
        cost = tr(
            "{milliseconds:.1f} ms a frame, {percent:.0f} % of a processor core",
            milliseconds=report.decode_ms,
            percent=100 * report.core_share,
        )
        rows.append((tr("Decode cost"), cost))
    skew_s = report.clock_skew_s if report.clock_skew_s is not None else clock_skew_s
    if skew_s is None:
        clock = tr("not told by the camera")
    else:
        # adding nothing makes a negative zero positive
        clock = tr("{seconds:+.1f} s off ours", seconds=round(skew_s, 1) + 0.0)
    rows.append((tr("Camera's clock"), clock))
    return tuple(rows)


def describe_summary(draft: CameraDraft, source: SourceAddress, report: StreamReport | None) -> Figures:
    """What will be saved; a password is only said to be there."""
    rows = [(tr("Address"), source.location)]
    if source.kind in (SourceKind.RTSP, SourceKind.HTTP):
        rows.append((tr("Login"), _describe_login(draft)))
    rows.append(
        (
            tr("Picture"),
            tr("not seen yet") if report is None else _describe_size(report.size_wh),
        )
    )
    return tuple(rows)


def name_step(step: WizardStep) -> str:
    """What a step is about."""
    names = {
        WizardStep.WHERE: tr("Where is the camera?"),
        WizardStep.LOGIN: tr("User name and password"),
        WizardStep.STREAM: tr("Which of its streams?"),
        WizardStep.TRIAL: tr("Try the camera"),
        WizardStep.NAME: tr("Name it"),
    }
    return names[step]


def name_origin(origin: Origin) -> str:
    """A place where cameras are."""
    names = {
        Origin.NETWORK: tr("Found on the network"),
        Origin.ADDRESS: tr("By its address"),
        Origin.USB: tr("USB camera"),
        Origin.FILE: tr("File or folder"),
    }
    return names[origin]


def explain_origin(origin: Origin) -> str:
    """What to do on the first step."""
    match origin:
        case Origin.NETWORK:
            return tr("Cameras that speak ONVIF answer within seconds. Nothing in them is changed.")
        case Origin.ADDRESS:
            return tr("Choose the make to have its path filled in, or write the whole address of the stream.")
        case Origin.USB:
            return tr("Choose a camera that is plugged into this machine.")
        case Origin.FILE:
            return tr("A video file, or a folder with a sequence of pictures.")


def _describe_size(size_wh: tuple[int, int]) -> str:
    width, height = size_wh
    return tr("{width} × {height} pixels", width=width, height=height)


def _describe_login(draft: CameraDraft) -> str:
    match draft.login:
        case LoginKind.OWN:
            return tr("{user}, password ●●●●●●", user=draft.user) if draft.user.strip() else tr("none")
        case LoginKind.NEW_SHARED | LoginKind.SHARED:
            return tr("shared: {name}", name=draft.shared_name)
