"""The steps of adding a camera, without widgets and without a network."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analytics.domain.camera import Camera
from analytics.domain.errors import CredentialError, SourceError
from app.cameras.new_camera import CameraLogin, save_camera
from app.core.credentials import MemoryCredentialStore
from app.core.file_format import read_venue
from app.core.job import JobContext
from app.error_reporting import describe_error
from app.gui.cameras.camera_wizard_model import CameraWizardViewModel
from app.gui.cameras.camera_wizard_text import (
    QUERY_CAMERA,
    CameraDraft,
    LoginKind,
    Origin,
    WizardStep,
    describe_failure,
    describe_report,
)
from app.gui.session.app_state import AppState
from tests.support.windows.inline_job_runner import InlineJobRunner
from tests.support.windows.wizard_venue import make_venue_on_disk
from vision.sources.frame_source import SourceAddress, SourceKind
from vision.sources.onvif.discovery import Discovery, FoundDevice
from vision.sources.source_faults import SourceFault, make_source_error
from vision.sources.stream_probe import StreamReport
from vision.sources.usb_devices import UsbDevice

DEVICE = FoundDevice(
    "urn:uuid:1", "http://192.0.2.10/onvif/device_service", "Hall 3", "CAM-1", "", "192.0.2.1"
)
SEEN = StreamReport(
    size_wh=(640, 360),
    codec="H.264",
    profile="Main",
    announced_fps=25.0,
    measured_fps=25.0,
    connected_after_s=0.1,
    first_picture_after_s=0.4,
    decode_ms=2.0,
    core_share=0.05,
    clock_skew_s=None,
    frames=75,
    damaged=0,
    preview_wh=(2, 1),
    preview_rgb=b"\x00\x01\x02\xfd\xfe\xff",
)
WHOLE = CameraDraft(origin=Origin.ADDRESS, address="rtsp://192.0.2.10/main")


class Wizard:
    """The view-model over a venue on disk; what it tries is scripted."""

    def __init__(self, folder: Path) -> None:
        self.venue = make_venue_on_disk(folder, 1)
        self.store = MemoryCredentialStore()
        self.app_state = AppState()
        self.app_state.show_venue(self.venue)
        self.tried: list[SourceAddress] = []
        self.passwords: list[str | None] = []
        self.masked: Camera | None = None
        self.failure: SourceError | None = None
        self.is_locked = False
        self.model = CameraWizardViewModel(
            app_state=self.app_state,
            job_runner=InlineJobRunner(),
            open_credentials=self.open_store,
            find=lambda *, context: Discovery((DEVICE,), ("192.0.2.1",), ("10.0.0.1",)),
            probe=self.probe,
            list_usb=lambda: (UsbDevice("usb:2", "Webcam C920"),),
        )

    def open_store(self) -> MemoryCredentialStore:
        if self.is_locked:
            raise CredentialError("The keyring is locked.", "Unlock it.")
        return self.store

    def probe(
        self, address: SourceAddress, *, context: JobContext, masked: Camera | None, **_options: object
    ) -> StreamReport:
        context.checkpoint(1.0, 3.0)
        self.tried.append(address)
        self.masked = masked
        self.passwords.append(address.password)
        if self.failure is not None:
            raise self.failure
        return SEEN

    def go(self, draft: CameraDraft, steps: int) -> None:
        self.model.enter(draft)
        for _ in range(steps):
            self.model.go_next()


@pytest.fixture
def wizard(tmp_path: Path) -> Wizard:
    return Wizard(tmp_path)


def test_a_camera_is_tried_before_there_is_a_venue_and_then_added_to_it(wizard: Wizard) -> None:
    wizard.app_state.close_venue()
    needed: list[bool] = []
    wizard.model.venue_needed.connect(lambda: needed.append(True))
    wizard.go(WHOLE, 3)
    assert (wizard.model.state.step, wizard.model.state.report) == (WizardStep.TRIAL, SEEN)
    assert needed == [True]
    assert not wizard.model.state.has_venue
    wizard.app_state.show_venue(wizard.venue)
    assert wizard.model.state.step is WizardStep.NAME


@pytest.mark.parametrize(
    ("draft", "steps"),
    [
        (CameraDraft(), 5),
        (CameraDraft(origin=Origin.ADDRESS), 4),
        (CameraDraft(origin=Origin.ADDRESS, make=QUERY_CAMERA), 5),
        (CameraDraft(origin=Origin.ADDRESS, make="Milesight"), 5),
        (CameraDraft(origin=Origin.USB), 3),
        (CameraDraft(origin=Origin.FILE), 3),
    ],
)
def test_each_kind_of_camera_has_the_steps_that_it_needs(draft: CameraDraft, steps: int) -> None:
    assert len(draft.steps) == steps
    assert draft.steps[0] is WizardStep.WHERE
    assert draft.steps[-1] is WizardStep.NAME


def test_a_password_typed_within_an_address_is_taken_out_of_it(wizard: Wizard) -> None:
    wizard.go(replace(WHOLE, address="rtsp://viewer:ge@heim@192.0.2.10/main"), 1)
    draft = wizard.model.state.draft
    assert wizard.model.state.step is WizardStep.LOGIN
    assert (draft.address, draft.user, draft.password) == ("rtsp://192.0.2.10/main", "viewer", "ge@heim")
    assert "heim" not in repr(wizard.model.state)
    wizard.model.go_next()
    assert wizard.passwords == ["ge@heim"]
    wizard.model.go_next()
    assert "heim" not in str(wizard.model.state.summary)


def test_another_stream_of_a_camera_with_a_privacy_mask_is_tried_under_its_mask(wizard: Wizard) -> None:
    (entry,) = wizard.venue.cameras
    camera = replace(entry.camera, frame_size_wh=(640, 360), privacy_mask=(((0, 0), (9, 0), (0, 9)),))
    assert entry.address is not None
    wizard.app_state.show_venue(wizard.venue.with_camera(replace(entry, camera=camera)))
    wizard.go(replace(WHOLE, address="rtsp://192.0.2.99/other"), 2)
    assert wizard.masked is None
    wizard.model.go_back_to(WizardStep.WHERE)
    wizard.go(replace(WHOLE, address=f"{entry.address.location}-second"), 2)
    assert wizard.masked == camera


def test_an_address_that_cannot_be_used_is_said_where_it_was_entered(wizard: Wizard) -> None:
    wizard.go(replace(WHOLE, address="gopher://there"), 1)
    state = wizard.model.state
    assert state.step is WizardStep.WHERE
    assert state.failure is not None
    assert "gopher" in state.failure.problem
    wizard.model.enter(WHOLE)
    assert wizard.model.state.failure is None


def test_the_first_camera_that_was_found_is_chosen(wizard: Wizard) -> None:
    wizard.model.search()
    state = wizard.model.state
    assert state.draft.device_url == DEVICE.device_url
    assert state.found_texts == ("Hall 3  ·  CAM-1  ·  192.0.2.10",)
    assert state.search_text == "Could not search: 10.0.0.1."
    assert state.can_go_on


def test_another_transport_is_tried_and_saved(wizard: Wizard) -> None:
    wizard.go(WHOLE, 2)
    wizard.model.choose_transport("udp")
    assert [address.transport for address in wizard.tried] == ["tcp", "udp"]
    wizard.go(wizard.model.state.draft, 2)
    address = read_venue(wizard.venue.folder).cameras[-1].address
    assert address is not None
    assert address.transport == "udp"


def test_a_change_makes_the_trial_void_and_a_name_does_not(wizard: Wizard) -> None:
    wizard.go(WHOLE, 2)
    assert wizard.model.state.report is SEEN
    wizard.model.enter(replace(wizard.model.state.draft, name="door"))
    assert wizard.model.state.report is SEEN
    wizard.model.enter(replace(wizard.model.state.draft, password="other"))
    assert wizard.model.state.report is None
    assert not wizard.model.state.figures


def test_a_camera_that_is_off_today_is_saved_without_its_picture(wizard: Wizard) -> None:
    wizard.failure = make_source_error(
        SourceFault.UNREACHABLE, camera="192.0.2.10", location="rtsp://192.0.2.10"
    )
    wizard.go(WHOLE, 2)
    assert not wizard.model.state.can_go_on
    wizard.model.skip_trial()
    wizard.model.go_next()
    added = read_venue(wizard.venue.folder).cameras[-1]
    assert (added.name, added.camera.frame_size_wh) == ("192.0.2.10", None)


def test_a_known_camera_is_changed_only_under_its_name(wizard: Wizard) -> None:
    told: list[tuple[str, str]] = []
    wizard.model.added.connect(lambda name: told.append(("added", name)))
    wizard.model.changed.connect(lambda name: told.append(("changed", name)))
    wizard.go(WHOLE, 3)
    assert not wizard.model.state.is_change
    wizard.model.enter(replace(wizard.model.state.draft, name="camera 1 "))
    assert wizard.model.state.is_change
    wizard.model.go_next()
    (entry,) = read_venue(wizard.venue.folder).cameras
    assert entry.address is not None
    assert (entry.name, entry.address.location) == ("camera 1", "rtsp://192.0.2.10/main")
    assert told == [("changed", "camera 1")]


def test_a_locked_keyring_is_said_and_the_camera_is_saved_once_it_is_open(wizard: Wizard) -> None:
    wizard.is_locked = True
    wizard.go(replace(WHOLE, user="viewer", password="geheim"), 4)
    state = wizard.model.state
    assert state.failure is not None
    assert (state.failure.problem, state.failure.remedy) == ("The keyring is locked.", "Unlock it.")
    assert read_venue(wizard.venue.folder) == wizard.venue
    wizard.is_locked = False
    wizard.model.go_next()
    assert read_venue(wizard.venue.folder).camera_names == ("camera 1", "192.0.2.10")


def test_a_shared_login_is_offered_and_looked_up(wizard: Wizard) -> None:
    venue, _changes = save_camera(
        wizard.venue.folder,
        name="north",
        address=SourceAddress(SourceKind.RTSP, "rtsp://192.0.2.9/main"),
        login=CameraLogin("viewer", "geheim", "hall 3", is_new=True),
        frame_size_wh=None,
        store=wizard.store,
    )
    wizard.app_state.show_venue(venue)
    wizard.go(WHOLE, 1)
    assert wizard.model.state.shared_names == ("hall 3",)
    wizard.go(replace(wizard.model.state.draft, login=LoginKind.SHARED, shared_name="hall 3"), 1)
    assert (wizard.tried[-1].user, wizard.passwords[-1]) == ("viewer", "geheim")
    wizard.go(wizard.model.state.draft, 2)
    address = read_venue(venue.folder).cameras[-1].address
    assert address is not None
    assert address.user is None


def test_a_suggested_name_follows_the_camera_and_a_given_one_stays(wizard: Wizard) -> None:
    wizard.go(WHOLE, 3)
    assert wizard.model.state.draft.name == "192.0.2.10"
    wizard.model.go_back_to(WizardStep.WHERE)
    wizard.go(replace(wizard.model.state.draft, address="rtsp://192.0.2.11/main"), 3)
    assert wizard.model.state.draft.name == "192.0.2.11"
    wizard.model.enter(replace(wizard.model.state.draft, name="door"))
    wizard.model.go_back_to(WizardStep.WHERE)
    wizard.go(replace(wizard.model.state.draft, address="rtsp://192.0.2.12/main"), 3)
    assert wizard.model.state.draft.name == "door"


def test_back_leads_through_the_same_steps(wizard: Wizard) -> None:
    wizard.go(WHOLE, 3)
    seen = []
    for _ in range(4):
        seen.append(wizard.model.state.step)
        wizard.model.go_back()
    assert seen == [WizardStep.NAME, WizardStep.TRIAL, WizardStep.LOGIN, WizardStep.WHERE]
    assert wizard.model.state.draft.address == WHOLE.address


@pytest.mark.parametrize(
    ("fault", "draft", "expected"),
    [
        (SourceFault.WRONG_PASSWORD, WHOLE, WizardStep.LOGIN),
        (SourceFault.NOT_FOUND, WHOLE, WizardStep.WHERE),
        (SourceFault.TOO_MANY_VIEWERS, WHOLE, None),
        (SourceFault.TOO_MANY_VIEWERS, CameraDraft(), WizardStep.STREAM),
        (SourceFault.UNDECODABLE, CameraDraft(), WizardStep.STREAM),
        (SourceFault.DEVICE_BUSY, CameraDraft(origin=Origin.USB), None),
    ],
)
def test_a_failure_leads_to_where_it_is_mended(
    wizard: Wizard, fault: SourceFault, draft: CameraDraft, expected: WizardStep | None
) -> None:
    wizard.failure = make_source_error(fault, camera="c", location="rtsp://192.0.2.10/x")
    wizard.go(WHOLE, 2)
    failure = wizard.model.state.failure
    assert failure is not None
    report = describe_error(wizard.failure)
    told = describe_failure(report, step=WizardStep.TRIAL, draft=draft)
    assert (told.problem, told.remedy) == (failure.problem, failure.remedy)
    assert (told.fix_step, bool(told.fix_label)) == (expected, expected is not None)


def test_what_was_measured_is_said_with_its_unit() -> None:
    told = dict(describe_report(SEEN, clock_skew_s=-12.25))
    assert told["Resolution"] == "640 × 360 pixels"
    assert told["Codec"] == "H.264 Main"
    assert told["Decode cost"] == "2.0 ms per frame, 5 % of a processor core"
    assert told["Camera's clock"] == "differs by -12.2 s"
    assert dict(describe_report(SEEN, clock_skew_s=-0.01))["Camera's clock"] == "differs by +0.0 s"
    unknown = dict(describe_report(replace(SEEN, measured_fps=None, decode_ms=None), clock_skew_s=None))
    assert unknown["Frame rate"] == "unknown"
    assert unknown["Camera's clock"] == "not reported by the camera"
    assert "Decode cost" not in unknown
