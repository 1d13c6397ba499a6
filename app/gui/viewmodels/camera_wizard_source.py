"""What a draft of the wizard means: which source, which login, which streams, and what to call it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from app.gui.viewmodels.camera_wizard_state import (
    WHOLE_ADDRESS,
    CameraDraft,
    LoginKind,
    Origin,
    WizardStep,
)
from app.operations.new_camera import CameraLogin, list_template_streams
from app.operations.probe_camera import name_source
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.onvif.device import parse_device_address
from vision.sources.onvif.discovery import FoundDevice
from vision.sources.onvif.media_profiles import MediaProfile
from vision.sources.source_address import parse_source
from vision.sources.usb_devices import UsbDevice


def make_source(draft: CameraDraft) -> SourceAddress:
    """What to open, without user and password unless they stand in a whole address.

    Raises:
        SourceError: it is no address, or there is no such file.
    """
    match draft.origin:
        case Origin.USB:
            typed = draft.usb.strip()
            text = typed if typed.lower().startswith(("usb:", "/dev/")) else f"usb:{typed}"
        case Origin.FILE:
            text = draft.file
        case Origin.ADDRESS if draft.make == WHOLE_ADDRESS:
            text = draft.address
        case _:
            text = draft.stream
    return replace(parse_source(text), transport=draft.transport)


def describe_address(draft: CameraDraft, address: SourceAddress) -> CameraDraft:
    """The draft of a camera whose address is known; its password is never shown again."""
    match address.kind:
        case SourceKind.DEVICE:
            return replace(draft, origin=Origin.USB, usb=address.location)
        case SourceKind.VIDEO | SourceKind.IMAGES:
            return replace(draft, origin=Origin.FILE, file=address.location)
        case SourceKind.RENDERED:
            return draft
        case SourceKind.RTSP | SourceKind.HTTP:
            return replace(
                draft,
                origin=Origin.ADDRESS,
                make=WHOLE_ADDRESS,
                address=address.location,
                user=address.user or "",
                transport=address.transport,
            )


def make_login(draft: CameraDraft) -> CameraLogin:
    """The login that was chosen; a shared one is still to be looked up."""
    user, name = draft.user.strip(), draft.shared_name.strip()
    if WizardStep.LOGIN not in draft.steps:
        return CameraLogin()
    if draft.login is LoginKind.SHARED:
        return CameraLogin(shared_name=name)
    if draft.login is LoginKind.NEW_SHARED:
        return CameraLogin(user, draft.password, name, is_new=True)
    return CameraLogin(user, draft.password)


def locate_camera(draft: CameraDraft) -> tuple[CameraDraft, tuple[MediaProfile, ...]]:
    """The draft with its place checked, and the streams that are known of it without asking it.

    A user and password that were typed within an address are taken out of it, to where they are not shown.

    Raises:
        SourceError: the address cannot be used, or there is no such file.
    """
    if draft.origin is Origin.ADDRESS and draft.template is not None:
        return _locate_by_template(draft)
    if draft.origin is Origin.ADDRESS:
        return _take_login_out(draft), ()
    if draft.origin is not Origin.NETWORK:
        make_source(draft)
    return draft, ()


def find_name(
    draft: CameraDraft,
    source: SourceAddress,
    *,
    found: Sequence[FoundDevice],
    usb_devices: Sequence[UsbDevice],
) -> str:
    """What the camera calls itself, or else what it is."""
    match draft.origin:
        case Origin.NETWORK:
            device = next((device for device in found if device.device_url == draft.device_url), None)
            return (device.name if device is not None else "") or name_source(source)
        case Origin.USB:
            names = (device.name for device in usb_devices if device.address == source.location)
            return next(names, source.location)
        case Origin.FILE:
            return Path(source.location).stem
        case Origin.ADDRESS:
            return name_source(source)


def _locate_by_template(draft: CameraDraft) -> tuple[CameraDraft, tuple[MediaProfile, ...]]:
    assert draft.template is not None
    streams = list_template_streams(draft.template, draft.address, port=draft.port, channel=draft.channel)
    if draft.stream not in [stream.location for stream in streams]:
        recommended = next(stream.location for stream in streams if stream.is_recommended)
        draft = replace(draft, stream=recommended)
    return draft, streams


def _take_login_out(draft: CameraDraft) -> CameraDraft:
    if draft.make == WHOLE_ADDRESS:
        source = make_source(draft)
        address, user, password = source.location, source.user, source.password
    else:
        address, login = parse_device_address(draft.address)
        user, password = (None, None) if login is None else (login.user, login.password)
    draft = replace(draft, address=address)
    if user is None:
        return draft
    return replace(draft, login=LoginKind.OWN, user=user, password=password or "")
