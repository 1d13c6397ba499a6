"""What the wizard that adds a camera has been told, and what it shows at one moment."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.onvif.discovery import FoundDevice
from vision.sources.onvif.media_profiles import MediaProfile
from vision.sources.stream_probe import StreamReport
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
