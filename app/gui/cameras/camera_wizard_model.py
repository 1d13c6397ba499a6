"""View-model of the camera wizard: location, login, stream, test, name. Saved at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, Unpack

from PySide6.QtCore import Signal

from analytics.domain.errors import ExpoFlowError
from app.cameras.new_camera import (
    CameraLogin,
    apply_login,
    choose_stream,
    complete_login,
    find_masked_camera,
    list_shared_logins,
    list_template_streams,
    save_camera,
    suggest_name,
)
from app.cameras.probe_camera import find_cameras, list_advice, name_source, probe_camera, read_streams
from app.core.change_set import ChangeSet
from app.core.credentials import CredentialStore, open_credential_store
from app.core.document import Venue
from app.core.job import JobContext
from app.error_reporting import ErrorReport, describe_error
from app.gui.cameras.camera_wizard_text import (
    WHOLE_ADDRESS,
    CameraDraft,
    CameraWizardState,
    LoginKind,
    Origin,
    WizardStep,
    describe_failure,
    describe_found,
    describe_report,
    describe_search,
    describe_stage,
    describe_stream,
    describe_summary,
)
from app.gui.session.job_runner import JobHandle
from app.gui.session.translation import tr, translate_phrase
from app.gui.session.view_model import VenueParts, VenueViewModel
from vision.detection.model_catalogue import SHIPPED_MODEL
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.onvif.device import OnvifReport, parse_device_address
from vision.sources.onvif.discovery import Discovery, FoundDevice
from vision.sources.onvif.media_profiles import MediaProfile
from vision.sources.source_address import parse_source
from vision.sources.stream_probe import StreamReport
from vision.sources.usb_devices import UsbDevice, list_usb_devices


def make_source(draft: CameraDraft) -> SourceAddress:
    """Return the address to open, without user and password unless they are part of a whole address.

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
    """Return the draft of a camera with a known address; its password is never shown again."""
    if address.kind.is_recording:
        return replace(draft, origin=Origin.FILE, file=address.location)
    match address.kind:
        case SourceKind.DEVICE:
            return replace(draft, origin=Origin.USB, usb=address.location)
        case SourceKind.RTSP | SourceKind.HTTP:
            return replace(
                draft,
                origin=Origin.ADDRESS,
                make=WHOLE_ADDRESS,
                address=address.location,
                user=address.user or "",
                transport=address.transport,
            )
        case _:
            return draft


def make_login(draft: CameraDraft) -> CameraLogin:
    """Return the chosen login; a shared one is not looked up yet."""
    user, name = draft.user.strip(), draft.shared_name.strip()
    if WizardStep.LOGIN not in draft.steps:
        return CameraLogin()
    if draft.login is LoginKind.SHARED:
        return CameraLogin(shared_name=name)
    if draft.login is LoginKind.NEW_SHARED:
        return CameraLogin(user, draft.password, name, is_new=True)
    return CameraLogin(user, draft.password)


def locate_camera(draft: CameraDraft) -> tuple[CameraDraft, tuple[MediaProfile, ...]]:
    """Return the checked draft, and the streams that are known without querying the camera.

    A user and password that were typed within an address are taken out of it, to where they are not shown.

    Raises:
        SourceError: the address cannot be used, or there is no such file.
    """
    if draft.origin is Origin.ADDRESS and draft.template is not None:
        return _locate_by_template(draft)
    if draft.origin is Origin.ADDRESS:
        return _split_login(draft), ()
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


def _split_login(draft: CameraDraft) -> CameraDraft:
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


T = TypeVar("T")


FindCameras = Callable[..., Discovery]
"""Searches the network, as `find_cameras` does."""
ProbeCamera = Callable[..., StreamReport]
"""Tries a camera, as `probe_camera` does."""


class CameraWizardViewModel(VenueViewModel[CameraWizardState]):
    """The wizard for one camera; nothing is written before its last step."""

    added = Signal(str)
    """Name of the added camera."""
    changed = Signal(str)
    """Name of the camera with a new address or login."""
    venue_needed = Signal()
    """A camera was tried before there is a venue, and is to be added to one."""
    _pictured = Signal(object)

    def __init__(
        self,
        *,
        open_credentials: Callable[[], CredentialStore] | None = None,
        find: FindCameras = find_cameras,
        probe: ProbeCamera = probe_camera,
        list_usb: Callable[[], tuple[UsbDevice, ...] | None] = list_usb_devices,
        **parts: Unpack[VenueParts],
    ) -> None:
        super().__init__(CameraWizardState(), **parts)
        self._show(has_venue=self._app_state.venue is not None)
        self._app_state.venue_opened.connect(self._on_venue_opened)
        self._pictured.connect(self._on_pictured)
        self._open_credentials = open_credentials or open_credential_store
        self._find = find
        self._probe = probe
        self._list_usb = list_usb
        self._work: JobHandle | None = None
        self._listing: JobHandle | None = None
        self._clock_skew_s: float | None = None
        self._suggested = ""
        self.refresh_usb()

    def enter(self, draft: CameraDraft) -> None:
        """Store the user's input; another camera, login or stream has to be tested again."""
        former = self._state.draft
        if draft == former:
            return
        if replace(draft, name=former.name) == former:
            self._show(draft=draft, failure=None)
        else:
            self._show(draft=draft, failure=None, report=None, figures=(), advice=())

    def begin_with(self, name: str, *, starts_at_login: bool = False) -> None:
        """Start with the known settings of a camera.

        Args:
            starts_at_login: begin with user and password, where the camera's address is known.
        """
        venue = self._app_state.venue
        address = venue.address_of(name) if venue is not None and name in venue.camera_names else None
        draft = replace(self._state.draft, name=name)
        self.enter(draft if address is None else describe_address(draft, address))
        if starts_at_login and address is not None:
            self.go_next()

    def search(self) -> None:
        self._show(found=(), found_texts=(), search_text="")
        self._begin(tr("Searching for cameras"), lambda context: self._find(context=context), self._on_found)

    def refresh_usb(self) -> None:
        devices, draft = self._list_usb(), self._state.draft
        if devices and not draft.usb:
            draft = replace(draft, usb=devices[0].address)
        self._show(usb_devices=devices, draft=draft)

    def stop(self) -> None:
        if self._work is not None and not self._state.is_saving:
            self._work.cancel()
            self._work = None
            self._show(busy="", progress=(0.0, 0.0))

    def close(self) -> None:
        """Close the wizard without saving."""
        self.stop()
        if self._listing is not None:
            self._listing.cancel()
            self._listing = None

    def go_next(self) -> None:
        state = self._state
        if not state.can_go_on:
            return
        if state.step is WizardStep.WHERE:
            self._submit_location()
        elif state.step is WizardStep.LOGIN and state.draft.queries_camera:
            self._read_streams()
        elif state.step is WizardStep.NAME:
            self._save()
        else:
            self._enter_next()

    def skip_trial(self) -> None:
        if self._state.can_skip:
            self.stop()
            self._enter_next()

    def go_back(self) -> None:
        """Go back one step; the input is kept."""
        steps = self._state.draft.steps
        place = steps.index(self._state.step)
        if place > 0:
            self.go_back_to(steps[place - 1])

    def go_back_to(self, step: WizardStep) -> None:
        """Go back to an earlier step, to correct a problem found by a later one."""
        if step < self._state.step and step in self._state.draft.steps and not self._state.is_saving:
            self.stop()
            self._show(step=step, failure=None)

    def choose_transport(self, transport: str) -> None:
        """Test the stream over ``tcp`` or ``udp``."""
        if transport != self._state.draft.transport:
            self.enter(replace(self._state.draft, transport=transport))
            self.try_camera()

    def try_camera(self) -> None:
        try:
            source = make_source(self._state.draft)
        except ExpoFlowError as error:
            self._fail(describe_error(error))
            return
        login = make_login(self._state.draft)
        venue = self._app_state.venue
        masked = None if venue is None else find_masked_camera(venue, source)
        self._show(source=source, report=None, figures=(), advice=())

        def work(context: JobContext) -> StreamReport:
            full = apply_login(source, self._complete(login))
            return self._probe(
                full,
                context=context,
                masked=masked,
                model_name=SHIPPED_MODEL if venue is None else venue.settings.model_name,
                on_picture=self._pictured.emit,
            )

        self._begin(describe_stage(0.0), work, self._on_tried, describe=describe_stage)

    def _submit_location(self) -> None:
        self._clock_skew_s = None
        try:
            draft, streams = locate_camera(self._state.draft)
        except ExpoFlowError as error:
            self._fail(describe_error(error))
            return
        self._show(draft=draft)
        self._show_streams(streams)
        self._enter_next()

    def _read_streams(self) -> None:
        draft, login = self._state.draft, make_login(self._state.draft)
        address = draft.device_url if draft.origin is Origin.NETWORK else draft.address

        def work(context: JobContext) -> OnvifReport:
            full = self._complete(login)
            return read_streams(address, context=context, user=full.user or None, password=full.password)

        self._begin(tr("Querying the camera's streams"), work, self._on_streams_read)

    def _enter_next(self) -> None:
        steps = self._state.draft.steps
        step = steps[steps.index(self._state.step) + 1]
        if step is WizardStep.NAME and self._app_state.venue is None:
            self.venue_needed.emit()
        elif step is WizardStep.NAME:
            self._prepare_name(step)
        else:
            self._show(step=step, failure=None)
            if step is WizardStep.LOGIN:
                self._list_shared()
            elif step is WizardStep.TRIAL and self._state.report is None:
                self.try_camera()

    def _on_venue_opened(self) -> None:
        """Go on with the camera that was tried before there was a venue."""
        self._show(has_venue=self._app_state.venue is not None)
        if self._state.has_venue and self._state.step is WizardStep.TRIAL and self._state.can_go_on:
            self._enter_next()

    def _prepare_name(self, step: WizardStep) -> None:
        state, draft = self._state, self._state.draft
        if state.source is None:
            return
        venue = self._app_state.venue
        taken = () if venue is None else tuple(map(str, venue.camera_names))
        if draft.name.strip() in ("", self._suggested):
            proposed = find_name(draft, state.source, found=state.found, usb_devices=state.usb_devices or ())
            self._suggested = suggest_name(proposed, taken)
            draft = replace(draft, name=self._suggested)
        summary = describe_summary(draft, state.source, state.report)
        self._show(step=step, failure=None, draft=draft, summary=summary, used_names=taken)

    def _list_shared(self) -> None:
        venue = self._app_state.venue
        if venue is None or self._listing is not None:
            return
        self._listing = self._job_runner.run(
            tr("Looking for shared logins"),
            lambda _context: list_shared_logins(venue, store=self._open_credentials()),
            on_done=lambda names: self._show(shared_names=names),
            # without the list a login can still be entered; what is wrong with the store is said on saving
            on_failed=lambda _report: None,
        )

    def _save(self) -> None:
        venue, state, login = self._app_state.venue, self._state, make_login(self._state.draft)
        source = state.source
        if venue is None or source is None:
            return
        name = state.draft.name.strip()

        def work(_context: JobContext) -> tuple[Venue, ChangeSet]:
            return save_camera(
                venue.folder,
                name=name,
                address=source,
                login=login,
                frame_size_wh=None if state.report is None else state.report.size_wh,
                store=self._open_credentials(),
                is_change=state.is_change,
            )

        def finish(result: tuple[Venue, ChangeSet]) -> None:
            self.close()
            changed, changes = result
            shown = self._app_state.venue
            if shown is not None and shown.folder == changed.folder:
                self._app_state.replace_venue(changed, changes, initiator=self)
            (self.changed if state.is_change else self.added).emit(name)

        self._show(is_saving=True)
        words = (
            tr("Changing {camera}", camera=name) if state.is_change else tr("Adding {camera}", camera=name)
        )
        self._begin(words, work, finish)

    def _complete(self, login: CameraLogin) -> CameraLogin:
        """Complete the login in a worker thread, as a keyring may be slow."""
        if not login.shared_name or login.is_new:
            return login
        return complete_login(login, store=self._open_credentials())

    def _show_streams(self, streams: tuple[MediaProfile, ...]) -> None:
        has_sources = len({stream.source for stream in streams}) > 1
        words = tuple(describe_stream(stream, has_sources=has_sources) for stream in streams)
        self._show(streams=streams, stream_texts=words)

    def _begin(
        self,
        words: str,
        work: Callable[[JobContext], T],
        on_done: Callable[[T], None],
        *,
        describe: Callable[[float], str] | None = None,
    ) -> None:
        """Run work in place of other work; ``describe`` turns its progress into text."""
        if self._work is not None:
            self._work.cancel()
        self._show(busy=words, progress=(0.0, 0.0), failure=None)

        def finish(result: T) -> None:
            self._work = None
            # the end is shown together with the result
            self._state = replace(self._state, busy="", is_saving=False, progress=(0.0, 0.0))
            on_done(result)
            self.state_changed.emit()

        def report(done: float, total: float) -> None:
            if self._work is handle:
                self._show(busy=words if describe is None else describe(done), progress=(done, total))

        handle = self._job_runner.run(words, work, on_done=finish, on_failed=self._fail)
        if not handle.is_finished:
            self._work = handle
            handle.progress.connect(report)

    def _on_found(self, found: Discovery) -> None:
        draft = self._state.draft
        urls = [device.device_url for device in found.devices]
        if draft.device_url not in urls:
            draft = replace(draft, device_url=urls[0] if urls else "")
        self._show(
            draft=draft,
            found=found.devices,
            found_texts=tuple(map(describe_found, found.devices)),
            search_text=describe_search(found),
        )

    def _on_streams_read(self, report: OnvifReport) -> None:
        self._clock_skew_s = report.clock_skew_s
        chosen = self._state.draft.stream
        if chosen not in [profile.location for profile in report.profiles]:
            chosen = choose_stream(report)
        self.enter(replace(self._state.draft, stream=chosen))
        self._show_streams(report.profiles)
        self._enter_next()

    def _on_pictured(self, report: StreamReport) -> None:
        # not of a test that was stopped
        if self._state.is_busy and self._state.step is WizardStep.TRIAL:
            # what is measured later is not called unknown
            known = 1 if report.people is None else 2
            self._show(report=report, figures=describe_report(report, clock_skew_s=None)[:known])

    def _on_tried(self, report: StreamReport) -> None:
        self._show(
            report=report,
            figures=describe_report(report, clock_skew_s=self._clock_skew_s),
            advice=tuple(map(translate_phrase, list_advice(report, clock_skew_s=self._clock_skew_s))),
        )

    def _fail(self, report: ErrorReport) -> None:
        self._work = None
        failure = describe_failure(report, step=self._state.step, draft=self._state.draft)
        self._show(busy="", is_saving=False, progress=(0.0, 0.0), failure=failure)

    def _show(self, **changes: Any) -> None:
        self._set_state(replace(self._state, **changes))
