"""Finding cameras: answers of every kind, on loopback and in a network of its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from analytics.domain.clock import SystemClock
from tests.support.servers.onvif_camera import DiscoveryResponder, describe_match, wrap
from vision.sources.onvif.discovery import Discovery, build_probe, find_devices, list_interfaces, read_matches

PROJECT = Path(__file__).parents[5]
URL = "http://127.0.0.1:8000/onvif/device_service"


def find(port: int, *, interfaces: tuple[str, ...] = ("127.0.0.1",), duration_s: float = 0.7) -> Discovery:
    return find_devices(
        duration_s=duration_s,
        clock=SystemClock(),
        checkpoint=lambda _done, _total: None,
        interfaces=interfaces,
        group="127.0.0.1",
        port=port,
    )


@pytest.mark.parametrize("is_wrapped", [True, False])
def test_a_camera_is_found_once_with_its_names(is_wrapped: bool) -> None:
    with DiscoveryResponder([wrap(describe_match(URL, is_wrapped=is_wrapped))] * 2) as responder:
        found = find(responder.port)
    (device,) = found.devices
    assert (device.name, device.hardware, device.place) == ("Hall 3 North", "CAM-1", "roof")
    assert (device.device_url, device.host, device.interface) == (URL, "127.0.0.1", "127.0.0.1")
    assert found.searched == ("127.0.0.1",)
    asked = {ElementTree.fromstring(probe).findtext(".//{*}Types") for probe in responder.probes}
    assert asked == {"dn:NetworkVideoTransmitter", "tds:Device"}
    assert len(responder.probes) >= 4, "a datagram may be lost"


def test_the_probe_is_that_of_the_standard() -> None:
    text = build_probe("dn:NetworkVideoTransmitter").decode()
    root = ElementTree.fromstring(text)
    assert root.findtext(".//{http://schemas.xmlsoap.org/ws/2004/08/addressing}Action") == (
        "http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe"
    )
    assert re.search(r"MessageID>uuid:[0-9a-f-]{36}<", text)
    assert root.find(".//{http://schemas.xmlsoap.org/ws/2005/04/discovery}Probe") is not None


def test_what_is_no_camera_or_no_answer_is_passed_over() -> None:
    printer = describe_match(URL).replace("net:NetworkVideoTransmitter dev:Device", "wsdp:Device")
    printer = re.sub(r"onvif://\S+", "", printer)
    bomb = b'<!DOCTYPE a [<!ENTITY b "c">]>' + wrap(describe_match(URL))[21:]
    answers = [b"", b"\xff", b"<a>", wrap(""), wrap(printer), bomb, wrap(describe_match("ftp://127.0.0.1/x"))]
    with DiscoveryResponder(answers) as responder:
        assert find(responder.port).devices == ()
        assert responder.probes


def test_the_address_is_that_of_the_sender_whatever_the_answer_claims() -> None:
    claims = (
        "http://169.254.1.1/onvif/a https://203.0.113.9:8443/b http://192.0.2.7:80/onvif/c ftp://192.0.2.7/d"
    )
    (inner,) = read_matches(wrap(describe_match(claims)), sender="192.0.2.7", interface="192.0.2.1")
    assert inner.device_url == "http://192.0.2.7:80/onvif/c"
    (translated,) = read_matches(wrap(describe_match(claims)), sender="198.51.100.4", interface="192.0.2.1")
    assert translated.device_url == "http://198.51.100.4/onvif/a"


def test_names_of_strangers_cannot_write_on_the_terminal() -> None:
    spoiled = describe_match(URL).replace("Hall%203%20North", "a%1B%5B31mb%0Ac")
    (device,) = read_matches(wrap(spoiled), sender="127.0.0.1", interface="127.0.0.1")
    assert device.name == "a [31mb c"


def test_an_interface_that_cannot_be_searched_is_named_and_costs_nothing_else() -> None:
    with DiscoveryResponder([wrap(describe_match(URL))]) as responder:
        found = find(responder.port, interfaces=("192.0.2.55", "127.0.0.1"))
    assert found.unsearchable == ("192.0.2.55",)
    assert found.searched == ("127.0.0.1",)
    assert len(found.devices) == 1


def test_without_any_interface_the_search_ends_at_once() -> None:
    began_s = time.monotonic()
    assert find(9, interfaces=("192.0.2.55",), duration_s=20.0).devices == ()
    assert time.monotonic() - began_s < 5.0


def test_whoever_waits_can_stop_it() -> None:
    def stop(done: float, total: float) -> None:
        assert total == 20.0
        if done > 0.2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        find_devices(
            duration_s=20.0,
            clock=SystemClock(),
            checkpoint=stop,
            interfaces=("127.0.0.1",),
            group="127.0.0.1",
            port=9,
        )


def test_every_interface_of_this_machine_is_listed_the_loopback_last() -> None:
    interfaces = list_interfaces()
    assert "127.0.0.1" in interfaces
    assert all(address.startswith("127.") for address in interfaces[interfaces.index("127.0.0.1") :])


CAN_MAKE_NETWORKS = (
    sys.platform == "linux"
    and os.geteuid() == 0
    and all(shutil.which(tool) for tool in ("unshare", "ip"))
    and Path("/dev/net/tun").exists()
    and subprocess.run(["unshare", "-n", "true"], check=False, capture_output=True).returncode == 0
)


@pytest.mark.skipif(not CAN_MAKE_NETWORKS, reason="needs root, unshare and ip to make a network of its own")
def test_multicast_reaches_the_cameras_of_every_network() -> None:
    done = subprocess.run(
        ["unshare", "-n", sys.executable, "-m", "tests.support.servers.onvif_network"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["searched"] == ["10.77.0.1", "127.0.0.1"]
    assert told["unsearchable"] == []
    assert told["said"] == ["Hall 3 North", "Hall 3 North"]
    assert told["found"] == [["10.77.0.1", "10.77.0.1"], ["127.0.0.1", "127.0.0.1"]]
    assert told["skews_s"] == pytest.approx([7200, 7200], abs=1.5)
    assert told["streams"] == [
        f"rtsp://{host}:8554/{name}" for host in ("10.77.0.1", "127.0.0.1") for name in ("main", "sub")
    ]
