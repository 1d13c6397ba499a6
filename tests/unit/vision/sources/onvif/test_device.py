"""Asking a camera by ONVIF, against one of our own that was written apart from the client."""

from __future__ import annotations

import socket
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from analytics.domain.clock import SystemClock
from analytics.domain.errors import SourceError
from tests.support.reports.certificates import write_certificate
from tests.support.servers.onvif_camera import MAIN_AND_SUB, OnvifCamera, Stream, fault, wrap
from vision.sources.onvif.device import OnvifReport, parse_device_address, read_device
from vision.sources.onvif.http_exchange import MAX_ANSWER_BYTES
from vision.sources.onvif.media_profiles import StreamRole
from vision.sources.onvif.session import OnvifLogin
from vision.sources.source_faults import SourceFault, fault_of

LOGIN = OnvifLogin("viewer", "p@ss:<&>")
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>&b;</s:Body></s:Envelope>'
)
EXTERNAL = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>&f;</s:Body></s:Envelope>'
)


def ask(
    camera: OnvifCamera | str, login: OnvifLogin | None = LOGIN, *, answer_limit_s: float = 5.0
) -> OnvifReport:
    url, _ = parse_device_address(camera if isinstance(camera, str) else camera.address)
    return read_device(
        url, login, clock=SystemClock(), checkpoint=lambda _done, _total: None, answer_limit_s=answer_limit_s
    )


def test_it_tells_its_make_and_its_streams() -> None:
    with OnvifCamera() as camera:
        report = ask(camera)
    assert (report.manufacturer, report.model, report.firmware) == ("Loop & Back", "CAM 1", "1.2")
    main, sub = report.profiles
    assert (main.token, main.name, main.role, main.is_recommended) == ("main", "main stream", "main", False)
    assert (main.codec, main.size_wh, main.fps, main.bitrate_kbit_s) == ("H264", (1920, 1080), 25, 4096)
    assert (sub.role, sub.is_recommended, sub.size_wh) == (StreamRole.SUB, True, (640, 360))
    assert sub.location == "rtsp://127.0.0.1:8554/sub"
    assert set(camera.actions) == {
        "GetSystemDateAndTime",
        "GetServices",
        "GetProfiles",
        "GetStreamUri",
        "GetDeviceInformation",
    }, "nothing that changes the camera"


@pytest.mark.parametrize("auth", ["token", "digest"])
@pytest.mark.parametrize("clock_needs_user", [False, True])
@pytest.mark.parametrize("skew_s", [7200.0, -7200.0])
def test_a_clock_that_is_hours_off_is_told_and_the_password_accepted(
    auth: str, clock_needs_user: bool, skew_s: float
) -> None:
    with OnvifCamera(auth=auth, clock_needs_user=clock_needs_user, skew_s=skew_s) as camera:
        report = ask(camera)
    assert report.clock_skew_s == pytest.approx(skew_s, abs=1.5)
    assert len(report.profiles) == 2
    assert not set(camera.refusals) - {"no token", "no digest"}, "no attempt with a wrong password"


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
def test_a_camera_that_wants_http_digest_is_asked_so_from_then_on(algorithm: str) -> None:
    with OnvifCamera(auth="digest", algorithm=algorithm) as camera:
        assert len(ask(camera).profiles) == 2
    assert camera.refusals == ["no digest"]


@pytest.mark.parametrize(("auth", "attempts"), [("token", 1), ("digest", 1)])
def test_a_wrong_password_is_sent_once_and_never_shown(auth: str, attempts: int) -> None:
    with OnvifCamera(auth=auth) as camera, pytest.raises(SourceError) as caught:
        ask(camera, OnvifLogin("viewer", "geheim"))
    assert fault_of(caught.value) is SourceFault.WRONG_PASSWORD
    assert camera.refusals.count("wrong password") == attempts
    assert "geheim" not in f"{caught.value!r} {caught.value.__cause__!r} {OnvifLogin('viewer', 'geheim')!r}"


def test_a_camera_that_wants_a_user_says_so_where_none_was_given() -> None:
    with (
        OnvifCamera() as camera,
        pytest.raises(SourceError, match="requires a user name and password") as caught,
    ):
        ask(camera, None)
    assert fault_of(caught.value) is SourceFault.WRONG_PASSWORD
    with OnvifCamera(auth="none") as camera:
        assert len(ask(camera, None).profiles) == 2


def test_h265_is_named_by_the_newer_media_service_alone() -> None:
    streams = (replace(MAIN_AND_SUB[0], codec="H265"), MAIN_AND_SUB[1])
    with OnvifCamera(streams=streams) as camera:
        assert [profile.codec for profile in ask(camera).profiles] == ["H264"]
    with OnvifCamera(streams=streams, media_2=True) as camera:
        profiles = ask(camera).profiles
    assert [(profile.codec, profile.role) for profile in profiles] == [("H265", "main"), ("H264", "sub")]
    assert profiles[0].source == "lens0"


def test_a_camera_without_the_newer_questions_is_asked_the_older_ones() -> None:
    with OnvifCamera(lacking=frozenset({"GetServices", "GetDeviceInformation"})) as camera:
        report = ask(camera)
    assert "GetCapabilities" in camera.actions
    assert (report.model, len(report.profiles)) == ("", 2)


def test_a_camera_that_is_speechless_at_newer_questions_is_asked_the_older_ones() -> None:
    with OnvifCamera(speechless=frozenset({"GetServices"})) as camera:
        assert len(ask(camera).profiles) == 2
    with OnvifCamera(speechless=frozenset({"GetProfiles"})) as camera, pytest.raises(SourceError):
        ask(camera)


def test_nothing_is_sent_to_a_host_that_the_camera_names() -> None:
    streams = (replace(MAIN_AND_SUB[0], uri="rtsp://admin:geheim@203.0.113.9:1554/main?a=b"),)
    with OnvifCamera(streams=streams, claimed_host="203.0.113.9", media_2=True) as camera:
        report = ask(camera)
    assert [profile.location for profile in report.profiles] == ["rtsp://127.0.0.1:1554/main?a=b"]


@pytest.mark.parametrize("uri", ["", "http://127.0.0.1/x", "rtsp://", "rtsp://127.0.0.1:99999/x", "nonsense"])
def test_an_address_that_is_no_stream_is_left_out(uri: str) -> None:
    with (
        OnvifCamera(streams=(replace(MAIN_AND_SUB[0], uri=uri),)) as camera,
        pytest.raises(SourceError) as caught,
    ):
        ask(camera)
    assert fault_of(caught.value) is SourceFault.NO_VIDEO


@pytest.mark.parametrize(
    ("answer", "status", "expected", "words"),
    [
        (b"<html><p>Hello<br></html>", 200, SourceFault.UNKNOWN, "not XML"),
        (b"<html><body/></html>", 200, SourceFault.NOT_FOUND, "not as an ONVIF camera"),
        (b"not here", 404, SourceFault.NOT_FOUND, "HTTP status 404"),
        (b"", 302, SourceFault.NOT_FOUND, "HTTP status 302"),
        (b"\xff\xfe\x00", 200, SourceFault.UNKNOWN, "not XML"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', 200, SourceFault.UNKNOWN, "not XML"),
        (ENTITIES, 200, SourceFault.UNKNOWN, "unsafe to parse"),
        (EXTERNAL, 200, SourceFault.UNKNOWN, "unsafe to parse"),
        (b"<a>" * 100_000, 200, SourceFault.UNKNOWN, "not XML"),
        (b" " * (MAX_ANSWER_BYTES + 1), 200, SourceFault.UNKNOWN, "too long"),
        (wrap(""), 200, SourceFault.NO_VIDEO, "offers no video stream"),
        (fault("err:Busy", "try \x07later"), 500, SourceFault.UNKNOWN, "later"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_an_answer_that_cannot_be_used_says_why(
    answer: bytes, status: int, expected: SourceFault, words: str
) -> None:
    if b"\x07" in answer:
        answer = answer.replace(b"\x07", b"")
    with OnvifCamera(answer=answer, status=status) as camera, pytest.raises(SourceError) as caught:
        ask(camera)
    assert fault_of(caught.value) is expected
    assert words in caught.value.problem
    assert "root:" not in str(caught.value)


@pytest.mark.parametrize("behaviour", ["deaf", "drip"])
def test_a_camera_that_never_ends_its_answer_is_given_up_in_time(behaviour: str) -> None:
    began_s = time.monotonic()
    with OnvifCamera(behaviour=behaviour) as camera, pytest.raises(SourceError, match="within 1 s") as caught:
        ask(camera, answer_limit_s=0.6)
    assert fault_of(caught.value) is SourceFault.NO_ANSWER
    assert time.monotonic() - began_s < 3.0


def test_whoever_waits_can_stop_it_at_once() -> None:
    began_s = time.monotonic()

    def stop(_done: float, _total: float) -> None:
        if time.monotonic() - began_s > 0.3:
            raise InterruptedError

    with OnvifCamera(behaviour="deaf") as camera, pytest.raises(InterruptedError):
        read_device(f"http://{camera.address}/x", LOGIN, clock=SystemClock(), checkpoint=stop)
    assert time.monotonic() - began_s < 2.0


def test_progress_counts_the_questions() -> None:
    seen: list[tuple[float, float]] = []
    with OnvifCamera() as camera:
        url, _ = parse_device_address(camera.address)
        read_device(url, LOGIN, clock=SystemClock(), checkpoint=lambda *step: seen.append(step))
    assert seen[0] == (0, 4)
    assert seen == sorted(seen)
    assert all(done <= total for done, total in seen)


def test_a_closed_port_is_refused_an_unknown_host_unreachable_and_another_protocol_told() -> None:
    with OnvifCamera() as camera:
        address = camera.address
    with pytest.raises(SourceError) as refused:
        ask(address)
    with pytest.raises(SourceError) as unreachable:
        ask("no-such-host.invalid")
    assert fault_of(refused.value) is SourceFault.REFUSED
    assert fault_of(unreachable.value) is SourceFault.UNREACHABLE
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(SourceError) as silent:
        ask(f"127.0.0.1:{server.getsockname()[1]}", answer_limit_s=0.3)
    assert fault_of(silent.value) is SourceFault.NO_ANSWER


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Signed by itself and long over, as cameras have them."""
    folder = tmp_path_factory.mktemp("certificate")
    signed, key = write_certificate(folder, "camera", begins=datetime(2000, 1, 1, tzinfo=UTC))
    file = folder / "both.pem"
    file.write_bytes(key.read_bytes() + signed.read_bytes())
    return file


def test_a_camera_that_wants_https_is_followed_there(certificate: Path) -> None:
    with OnvifCamera(certificate=certificate, auth="digest") as secure:
        there = f"https://{secure.address}/onvif/device_service"
        assert len(ask(there).profiles) == 2
        with OnvifCamera(answer=b"", status=301, more=[("Location", there)]) as plain:
            assert len(ask(plain).profiles) == 2


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1/x", "https://203.0.113.9/x", "https://127.0.0.1:0/x", "//", "", "https://[/"],
)
def test_no_other_redirect_is_followed(location: str) -> None:
    with (
        OnvifCamera(answer=b"", status=302, more=[("Location", location)]) as camera,
        pytest.raises(SourceError, match="HTTP status 302"),
    ):
        ask(camera)


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with OnvifCamera() as camera:
        assert len(ask(camera).profiles) == 2


def test_many_streams_of_a_recorder_keep_their_sources() -> None:
    streams = [
        Stream(f"{lens}-{name}", "H264", width, width * 9 // 16, "rtsp://127.0.0.1/x", source=f"lens{lens}")
        for lens in range(4)
        for name, width in (("main", 1920), ("sub", 704))
    ]
    with OnvifCamera(streams=streams) as camera:
        profiles = ask(camera).profiles
    assert [profile.token for profile in profiles if profile.role is StreamRole.MAIN] == [
        f"{lens}-main" for lens in range(4)
    ]
    assert sum(profile.is_recommended for profile in profiles) == 4


@pytest.mark.parametrize(
    ("text", "url", "login"),
    [
        ("192.0.2.10", "http://192.0.2.10/onvif/device_service", None),
        (" 192.0.2.10:8080/ ", "http://192.0.2.10:8080/onvif/device_service", None),
        ("https://cam.local/x?y=1", "https://cam.local/x?y=1", None),
        ("u:p@192.0.2.10", "http://192.0.2.10/onvif/device_service", OnvifLogin("u", "p")),
        ("[2001:db8::1]:80", "http://[2001:db8::1]:80/onvif/device_service", None),
    ],
)
def test_an_address_may_be_short(text: str, url: str, login: OnvifLogin | None) -> None:
    assert parse_device_address(text) == (url, login)


@pytest.mark.parametrize("text", ["", "rtsp://192.0.2.10/x", "http://", "192.0.2.10:99999", "usb:0"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse_device_address(text)
    assert fault_of(caught.value) is SourceFault.BAD_ADDRESS
