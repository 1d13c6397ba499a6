"""Texts of the camera wizard, with its drafts and state."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from app.error_reporting import ErrorReport
from app.gui.session.translation import join_sentences, tr
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.onvif.discovery import Discovery, FoundDevice
from vision.sources.onvif.media_profiles import MediaProfile, StreamRole
from vision.sources.source_faults import SourceFault
from vision.sources.stream_probe import ProbeStage, StreamReport
from vision.sources.usb_devices import UsbDevice
from vision.sources.vendor_paths import DEFAULT_PORT, TEMPLATES, VendorTemplate


class WizardStep(IntEnum):
    """The wizard's steps in order."""

    WHERE = 0
    LOGIN = 1
    STREAM = 2
    TRIAL = 3
    NAME = 4


class Origin(StrEnum):
    """The source of a camera's pictures."""

    NETWORK = "network"
    """A camera found by ONVIF."""
    ADDRESS = "address"
    USB = "usb"
    FILE = "file"


class LoginKind(StrEnum):
    OWN = "own"
    """The camera's own login; both fields are empty for a camera without one."""
    NEW_SHARED = "new_shared"
    """A new login that other cameras can share."""
    SHARED = "shared"


WHOLE_ADDRESS = ""
QUERY_CAMERA = "onvif"
"""Choice in place of a make, for a stream address or a camera with ONVIF."""


@dataclass(frozen=True, slots=True)
class CameraDraft:
    """The user's input so far; neither the password nor an address that may contain one is shown.

    Attributes:
        device_url: of the chosen found camera.
        make: `WHOLE_ADDRESS`, `QUERY_CAMERA`, or the name of a template.
        address: of a stream or of a camera, depending on ``make``.
        port, channel: of a template.
        usb: address or name of a USB camera.
        file: a video file, or a folder of pictures.
        shared_name: of an existing or new shared login.
        transport: ``tcp`` or ``udp``.
    """

    origin: Origin = Origin.NETWORK
    device_url: str = ""
    make: str = WHOLE_ADDRESS
    address: str = field(default="", repr=False)
    port: int = DEFAULT_PORT
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
        return next((template for template in TEMPLATES if template.vendor == self.make), None)

    @property
    def queries_camera(self) -> bool:
        return self.origin is Origin.NETWORK or (self.origin is Origin.ADDRESS and self.make == QUERY_CAMERA)

    @property
    def steps(self) -> tuple[WizardStep, ...]:
        """Steps that such a camera needs, in order."""
        if self.origin in (Origin.USB, Origin.FILE):
            return (WizardStep.WHERE, WizardStep.TRIAL, WizardStep.NAME)
        if self.origin is Origin.ADDRESS and self.make == WHOLE_ADDRESS:
            return (WizardStep.WHERE, WizardStep.LOGIN, WizardStep.TRIAL, WizardStep.NAME)
        return tuple(WizardStep)

    @property
    def has_location(self) -> bool:
        answers = {
            Origin.NETWORK: self.device_url,
            Origin.ADDRESS: self.address,
            Origin.USB: self.usb,
            Origin.FILE: self.file,
        }
        return bool(answers[self.origin].strip())

    @property
    def has_login(self) -> bool:
        match self.login:
            case LoginKind.OWN:
                return bool(self.user.strip()) or not self.password
            case LoginKind.NEW_SHARED:
                return bool(self.user.strip() and self.shared_name.strip())
            case LoginKind.SHARED:
                return bool(self.shared_name)


@dataclass(frozen=True, slots=True)
class WizardFailure:
    """The reason why a step failed, translated.

    Attributes:
        fix_step: step where it can be fixed, if another one; ``fix_label`` is its button.
    """

    problem: str
    remedy: str
    fix_step: WizardStep | None = None
    fix_label: str = ""


@dataclass(frozen=True, slots=True)
class CameraWizardState:
    """The state of the wizard; its texts are translated.

    Attributes:
        is_saving: cancelling is no longer possible.
        progress: (done, total) in any unit; (0, 0) while unknown.
        found, found_texts: found cameras, and their descriptions.
        search_text: result of the search; empty before it.
        usb_devices: None if the system cannot list them.
        streams, stream_texts: streams of the camera, and their descriptions.
        source: address to test and save, without a password.
        report: result of the test; ``figures`` are its values by name, ``advice`` its sentences.
        summary: what will be saved, as ``figures``.
        used_names: of the venue's cameras.
        has_venue: False while a camera is only tried.
    """

    step: WizardStep = WizardStep.WHERE
    draft: CameraDraft = CameraDraft()
    busy: str = ""
    is_saving: bool = False
    progress: tuple[float, float] = (0.0, 0.0)
    failure: WizardFailure | None = None
    found: tuple[FoundDevice, ...] = ()
    found_texts: tuple[str, ...] = ()
    search_text: str = ""
    usb_devices: tuple[UsbDevice, ...] | None = None
    shared_names: tuple[str, ...] = ()
    streams: tuple[MediaProfile, ...] = ()
    stream_texts: tuple[str, ...] = ()
    source: SourceAddress | None = None
    report: StreamReport | None = None
    figures: tuple[tuple[str, str], ...] = ()
    advice: tuple[str, ...] = ()
    summary: tuple[tuple[str, str], ...] = ()
    used_names: tuple[str, ...] = ()
    has_venue: bool = True

    @property
    def position(self) -> tuple[int, int]:
        """Number of the step, counted from 1, and the number of steps."""
        steps = self.draft.steps
        return steps.index(self.step) + 1, len(steps)

    @property
    def is_first(self) -> bool:
        return self.step is WizardStep.WHERE

    @property
    def is_busy(self) -> bool:
        return bool(self.busy)

    @property
    def can_go_on(self) -> bool:
        """Return whether this step's input is complete."""
        if self.is_busy:
            return False
        match self.step:
            case WizardStep.WHERE:
                return self.draft.has_location
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
        return self.draft.name.strip() in self.used_names

    @property
    def can_skip(self) -> bool:
        """Return whether the test can be skipped, for example for a camera that is switched off."""
        return self.step is WizardStep.TRIAL and self.report is None and self.has_venue

    @property
    def has_transport(self) -> bool:
        return self.source is not None and self.source.kind is SourceKind.RTSP


Figures = tuple[tuple[str, str], ...]
"""Values by name, in display order."""

_CODEC_TITLES = {"H264": "H.264", "H265": "H.265", "JPEG": "MJPEG", "MPEG4": "MPEG-4"}
"""ONVIF codec names and their usual spellings."""
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
    rendered = report.render(tr)
    fault = None if report.words is None else report.words.details.get("fault")
    fix_step, fix_label = None, ""
    if fault == SourceFault.WRONG_PASSWORD:
        fix_step, fix_label = WizardStep.LOGIN, tr("Change the login")
    elif fault in _STREAM_FAULTS and WizardStep.STREAM in draft.steps:
        fix_step, fix_label = WizardStep.STREAM, tr("Choose another stream")
    elif fault in _PLACE_FAULTS:
        fix_step, fix_label = WizardStep.WHERE, tr("Change the address")
    if fix_step == step or fix_step not in draft.steps:
        fix_step, fix_label = None, ""
    return WizardFailure(rendered.problem, rendered.remedy, fix_step, fix_label)


def describe_found(device: FoundDevice) -> str:
    parts = (device.name or tr("Camera"), device.hardware, device.host, device.place)
    return _SEPARATOR.join(part for part in parts if part)


def describe_search(found: Discovery) -> str:
    networks = ", ".join(found.searched) or tr("any network")
    sentences = []
    if not found.devices:
        sentences.append(tr("No cameras found on {networks}.", networks=networks))
        sentences.append(
            tr(
                "Check that ONVIF and its discovery are enabled in the cameras, and that they are in "
                "the same network as this machine; cameras behind a router are not found. You can "
                "also enter their addresses."
            )
        )
    if found.unsearchable:
        sentences.append(tr("Could not search: {networks}.", networks=", ".join(found.unsearchable)))
    return join_sentences(sentences) or tr("Choose one of the cameras.")


def describe_stream(stream: MediaProfile, *, has_sources: bool) -> str:
    """Describe a stream in one line.

    Args:
        has_sources: the camera has several lenses, or is a recorder, and each stream must say whose it is.
    """
    roles = {
        StreamRole.MAIN: tr("Main stream"),
        StreamRole.SUB: tr("Sub-stream"),
        StreamRole.OTHER: tr("Other stream"),
    }
    parts = [
        roles[stream.role],
        stream.source if has_sources else "",
        _CODEC_TITLES.get(stream.codec, stream.codec),
    ]
    if stream.size_wh is not None:
        parts.append("{} × {}".format(*stream.size_wh))
    if stream.fps is not None:
        parts.append(tr("{fps:.0f} frames per second", fps=stream.fps))
    if not stream.codec:
        parts.append(stream.location)
    if stream.is_recommended:
        parts.append(tr("recommended"))
    return _SEPARATOR.join(part for part in parts if part)


def describe_stage(done: float) -> str:
    words = {
        ProbeStage.CONNECTING: tr("Connecting"),
        ProbeStage.WAITING_FOR_PICTURE: tr("Waiting for the first picture"),
    }
    return words.get(ProbeStage(int(done)), tr("Measuring"))


def describe_report(report: StreamReport, *, clock_skew_s: float | None) -> Figures:
    """Describe the measurements of a test.

    Args:
        clock_skew_s: how far the camera's clock is ahead, if known from outside of the stream.
    """
    unknown = tr("unknown")
    rows = [] if report.people is None else [(tr("People in this picture"), str(len(report.people)))]
    rows += [
        (
            tr("Resolution"),
            tr("{width} × {height} pixels", width=report.size_wh[0], height=report.size_wh[1]),
        ),
        (tr("Codec"), " ".join(part for part in (report.codec, report.profile) if part) or unknown),
        (
            tr("Frame rate"),
            unknown if report.measured_fps is None else tr("{fps:.1f} per second", fps=report.measured_fps),
        ),
        (tr("First picture"), tr("after {seconds:.1f} s", seconds=report.first_picture_after_s)),
    ]
    if report.decode_ms is not None and report.core_share is not None:
        cost = tr(
            "{milliseconds:.1f} ms per frame, {percent:.0f} % of a processor core",
            milliseconds=report.decode_ms,
            percent=100 * report.core_share,
        )
        rows.append((tr("Decode cost"), cost))
    skew_s = report.clock_skew_s if report.clock_skew_s is not None else clock_skew_s
    if skew_s is None:
        clock = tr("not reported by the camera")
    else:
        # adding nothing makes a negative zero positive
        clock = tr("differs by {seconds:+.1f} s", seconds=round(skew_s, 1) + 0.0)
    rows.append((tr("Camera's clock"), clock))
    return tuple(rows)


def describe_summary(draft: CameraDraft, source: SourceAddress, report: StreamReport | None) -> Figures:
    """Describe what will be saved; a password is mentioned but not shown."""
    rows = [(tr("Address"), source.location)]
    if source.kind in (SourceKind.RTSP, SourceKind.HTTP):
        rows.append((tr("Login"), _describe_login(draft)))
    rows.append((tr("Picture"), tr("not seen yet") if report is None else _describe_size(report.size_wh)))
    return tuple(rows)


def name_step(step: WizardStep) -> str:
    names = {
        WizardStep.WHERE: tr("Where is the camera?"),
        WizardStep.LOGIN: tr("User name and password"),
        WizardStep.STREAM: tr("Which stream?"),
        WizardStep.TRIAL: tr("Test the camera"),
        WizardStep.NAME: tr("Name the camera"),
    }
    return names[step]


def name_origin(origin: Origin) -> str:
    names = {
        Origin.NETWORK: tr("Found on the network"),
        Origin.ADDRESS: tr("By address"),
        Origin.USB: tr("USB camera"),
        Origin.FILE: tr("File or folder"),
    }
    return names[origin]


def explain_origin(origin: Origin) -> str:
    match origin:
        case Origin.NETWORK:
            return tr("ONVIF cameras respond within seconds. Their settings are not changed.")
        case Origin.ADDRESS:
            return tr("Choose a make to fill in its path, or enter the full address of the stream.")
        case Origin.USB:
            return tr("Choose a camera connected to this machine.")
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
