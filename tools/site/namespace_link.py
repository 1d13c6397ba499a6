"""Connect a machine to the server from a network namespace, whose link can be cut; needs root."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess

NETWORK = "10.213.0.0/16"
_numbers = itertools.count()


def can_use_namespaces() -> bool:
    """Return whether this user may create network namespaces here."""
    return os.geteuid() == 0 and shutil.which("ip") is not None and shutil.which("tc") is not None


class NamespaceLink:
    """A pair of virtual network devices, one end of which is in a namespace.

    What is cut is dropped silently, so that neither end learns anything but that nothing comes.

    Attributes:
        host, port: server's address in the namespace.
        prefix: what to put before a command to run it there.
    """

    def __init__(self, port: int) -> None:
        # apart from those of another process
        number = (os.getpid() * 16 + next(_numbers)) % (1 << 14)
        network = f"10.213.{number >> 6}."
        first = (number & 63) * 4
        self._name = f"expoflow{number}"
        self._device = f"expoflow{number}"
        self.host = f"{network}{first + 1}"
        self.port = port
        self.prefix = ["ip", "netns", "exec", self._name]
        _run("ip", "netns", "add", self._name)
        _run("ip", "link", "add", self._device, "type", "veth", "peer", "name", "site", "netns", self._name)
        _run("ip", "addr", "add", f"{self.host}/30", "dev", self._device)
        _run("ip", "link", "set", self._device, "up")
        for device in ("lo", "site"):
            _run("ip", "-n", self._name, "link", "set", device, "up")
        _run("ip", "-n", self._name, "addr", "add", f"{network}{first + 2}/30", "dev", "site")

    def cut(self, *, to_server: bool = True, to_client: bool = True) -> None:
        """Let nothing pass in these directions."""
        # a queue in which no packet has room
        full = ("root", "bfifo", "limit", "1")
        if to_server:
            _run("tc", "-n", self._name, "qdisc", "replace", "dev", "site", *full)
        if to_client:
            _run("tc", "qdisc", "replace", "dev", self._device, *full)

    def mend(self) -> None:
        """Let everything pass."""
        _run("tc", "-n", self._name, "qdisc", "del", "dev", "site", "root", is_checked=False)
        _run("tc", "qdisc", "del", "dev", self._device, "root", is_checked=False)

    def close(self) -> None:
        """Remove the namespace and the devices."""
        _run("ip", "netns", "del", self._name, is_checked=False)


def _run(*command: str, is_checked: bool = True) -> None:
    subprocess.run(command, check=is_checked, capture_output=True)
