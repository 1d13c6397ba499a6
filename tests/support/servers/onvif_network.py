"""Two networks with a camera each, clocks two hours off: finds both by multicast and reads their streams.

``unshare -n python -m tests.support.servers.onvif_network`` prints what was found, as JSON.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import struct
import subprocess
import sys

from analytics.domain.clock import SystemClock
from tests.support.servers.onvif_camera import DiscoveryResponder, OnvifCamera, describe_match, wrap
from vision.sources.onvif.device import read_device
from vision.sources.onvif.discovery import GROUP, PORT, find_devices
from vision.sources.onvif.session import OnvifLogin

SKEW_S = 7200.0
COMMANDS = (
    "link set lo up",
    "link set lo multicast on",
    "address add 10.77.0.1/24 dev hall",
    "link set hall up",
)
_TAP = 0x0002 | 0x1000
"""IFF_TAP and IFF_NO_PI of linux/if_tun.h."""
_MAKE_INTERFACE = 0x400454CA
"""TUNSETIFF of the same."""


def main() -> None:
    with open("/dev/net/tun", "r+b", buffering=0) as tap:  # the interface is there as long as this is open
        fcntl.ioctl(tap, _MAKE_INTERFACE, struct.pack("16sH22x", b"hall", _TAP))
        for command in COMMANDS:
            subprocess.run(["ip", *command.split()], check=True)
        sys.stdout.write(json.dumps(find_and_read()))


def find_and_read() -> dict[str, object]:
    with contextlib.ExitStack() as running:
        cameras = []
        for host in ("127.0.0.1", "10.77.0.1"):
            camera = running.enter_context(OnvifCamera(skew_s=SKEW_S, host=host))
            answer = wrap(describe_match(camera.claim("device_service"), identity=f"urn:uuid:{host}"))
            running.enter_context(DiscoveryResponder([answer], port=PORT, group=GROUP, host=host))
            cameras.append(camera)
        found = find_devices(duration_s=1.0, clock=SystemClock(), checkpoint=lambda _done, _total: None)
        reports = [
            read_device(
                device.device_url,
                OnvifLogin(cameras[0].user, cameras[0].password),
                clock=SystemClock(),
                checkpoint=lambda _done, _total: None,
            )
            for device in found.devices
        ]
        command = [sys.executable, "-m", "app", "cameras", "find", "--timeout", "1", "--json"]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {
        "said": [device["name"] for device in json.loads(said)["devices"]],
        "searched": found.searched,
        "unsearchable": found.unsearchable,
        "found": [(device.host, device.interface) for device in found.devices],
        "skews_s": [report.clock_skew_s for report in reports],
        "streams": [profile.location for report in reports for profile in report.profiles],
    }


if __name__ == "__main__":
    main()
