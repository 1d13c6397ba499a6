"""The words of the wizard that adds a camera: what was found, offered, measured, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from app.error_reporting import ErrorReport
from app.gui.session.translation import tr
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.onvif.discovery import Discovery, FoundDevice
from vision.sources.onvif.media_profiles import MediaProfile, StreamRole
from vision.sources.source_faults import SourceFault
from vision.sources.stream_probe import ProbeStage, StreamReport
from vision.sources.usb_devices import UsbDevice
from vision.sources.vendor_paths import TEMPLATES, USUAL_PORT, VendorTemplate


class WizardStep(IntEnum):
    """The steps in their order."""

    WHERE = 0
    LOGIN = 1
    STREAM = 2
    TRIAL = 3
    NAME = 4


class Origin(StrEnum):
    """Where a camera's pictures come from."""

    NETWORK = "network"
    """A camera that was found by ONVIF."""
    ADDRESS = "address"
    USB = "usb"
    FILE = "file"


class LoginKind(StrEnum):
    """Whose user and password open the camera."""

    OWN = "own"
    """Its own; both are empty for a camera that asks for none."""
    NEW_SHARED = "new_shared"
    """They are entered here and kept for other cameras too."""
    SHARED = "shared"


WHOLE_ADDRESS = ""
ASK_CAMERA = "onvif"
"""In place of a make: the address is a stream's, or that of a camera that is asked by ONVIF."""


@dataclass(frozen=True, slots=True)
class CameraDraft:
    """What a person has entered so far; neither the password is shown, nor an address that may hold one.

    Attributes:
        device_url: of the chosen camera among those that were found.
        make: `WHOLE_ADDRESS`, `ASK_CAMERA`, or the name of a template.
        address: of a stream or of a camera, as ``make`` says.
        port, channel: of a template.
        usb: address or name of a USB camera.
        file: a video file, or a folder of pictures.
        shared_name: of the shared login that is chosen, or that is to be.
        stream: location of the chosen stream.
        transport: ``tcp`` or ``udp``.
    """

    origin: Origin = Origin.NETWORK
    device_url: str = ""
    make: str = WHOLE_ADDRESS
    address: str = field(default="", repr=False)
    port: int = USUAL_PORT
    channel: int = 1
    usb: str = ""
    file: str = ""
    login: LoginKind = LoginKind.OWN
    user: str = ""
    password: str = field(default="", repr=False)
    shared_name: str = ""
    stream: str = ""
    transport: str = "tcp"
    name: str = ""

    @property
    def template(self) -> VendorTemplate | None:
        """The template of the chosen make."""
        return next((template for template in TEMPLATES if template.vendor == self.make), None)

    @property
    def asks_camera(self) -> bool:
        """Whether the camera itself tells its streams."""
        return self.origin is Origin.NETWORK or (self.origin is Origin.ADDRESS and self.make == ASK_CAMERA)

    @property
    def steps(self) -> tuple[WizardStep, ...]:
        """Those that such a camera needs, in their order."""
        if self.origin in (Origin.USB, Origin.FILE):
            return (WizardStep.WHERE, WizardStep.TRIAL, WizardStep.NAME)
        if self.origin is Origin.ADDRESS and self.make == WHOLE_ADDRESS:
            return (WizardStep.WHERE, WizardStep.LOGIN, WizardStep.TRIAL, WizardStep.NAME)
        return tuple(WizardStep)

    @property
    def has_place(self) -> bool:
        """Whether it is said where the camera is."""
        told = {
            Origin.NETWORK: self.device_url,
            Origin.ADDRESS: self.address,
            Origin.USB: self.usb,
            Origin.FILE: self.file,
        }
        return bool(told[self.origin].strip())

    @property
    def has_login(self) -> bool:
        """Whether the login is complete."""
        match self.login:
            case LoginKind.OWN:
                return bool(self.user.strip()) or not self.password
            case LoginKind.NEW_SHARED:
                return bool(self.user.strip() and self.shared_name.strip())
            case LoginKind.SHARED:
                return bool(self.shared_name)


@dataclass(frozen=True, slots=True)
class WizardFailure:
    """Why a step could not be made, translated.

    Attributes:
        mend_step: where it is mended, if that is not here; ``mend`` says so on a button.
    """

    problem: str
    remedy: str
    mend_step: WizardStep | None = None
    mend: str = ""


@dataclass(frozen=True, slots=True)
class CameraWizardState:
    """The wizard at one moment; its texts are translated.

    Attributes:
        busy: what is being done; empty if nothing is.
        is_saving: it is too late to leave it.
        progress: how much of how much of it, in any unit; (0, 0) while it is unknown.
        found, found_words: the cameras that answered, and each in words.
        search_words: what came of the search; empty before it.
        usb_devices: None where the system is not asked.
        streams, stream_words: those that the camera offers, and each in words.
        source: what is tried and saved, without a password.
        report: what the trial gave; ``figures`` are its values by their names, ``advice`` its sentences.
        summary: what will be saved, as ``figures``.
        taken_names: of the cameras that the venue has.
    """

    step: WizardStep = WizardStep.WHERE
    draft: CameraDraft = CameraDraft()
    busy: str = ""
    is_saving: bool = False
    progress: tuple[float, float] = (0.0, 0.0)
    failure: WizardFailure | None = None
    found: tuple[FoundDevice, ...] = ()
    found_words: tuple[str, ...] = ()
    search_words: str = ""
    usb_devices: tuple[UsbDevice, ...] | None = None
    shared_names: tuple[str, ...] = ()
    streams: tuple[MediaProfile, ...] = ()
    stream_words: tuple[str, ...] = ()
    source: SourceAddress | None = None
    report: StreamReport | None = None
    figures: tuple[tuple[str, str], ...] = ()
    advice: tuple[str, ...] = ()
    summary: tuple[tuple[str, str], ...] = ()
    taken_names: tuple[str, ...] = ()

    @property
    def position(self) -> tuple[int, int]:
        """Which step, counted from 1, of how many."""
        steps = self.draft.steps
        return steps.index(self.step) + 1, len(steps)

    @property
    def is_first(self) -> bool:
        """Whether there is no step to go back to."""
        return self.step is WizardStep.WHERE

    @property
    def is_busy(self) -> bool:
        """Whether something is being done."""
        return bool(self.busy)

    @property
    def can_go_on(self) -> bool:
        """Whether what this step asks for is there."""
        if self.is_busy:
            return False
        match self.step:
            case WizardStep.WHERE:
                return self.draft.has_place
            case WizardStep.LOGIN:
                return self.draft.has_login
            case WizardStep.STREAM:
                return bool(self.draft.stream)
            case WizardStep.TRIAL:
                return self.report is not None
            case WizardStep.NAME:
                return bool(self.draft.name.strip())

    @property
    def is_change(self) -> bool:
        """Whether a camera that the venue has gets another address, in place of a new one."""
        return self.draft.name.strip() in self.taken_names

    @property
    def can_skip(self) -> bool:
        """Whether to save it though nobody has seen its picture: it may be switched off today."""
        return self.step is WizardStep.TRIAL and self.report is None

    @property
    def has_transport(self) -> bool:
        """Whether the stream comes over a transport that can be chosen."""
        return self.source is not None and self.source.kind is SourceKind.RTSP


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
    told = report.render(tr)
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
