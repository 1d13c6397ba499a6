"""Runs commands under strace: what every one of their processes writes and whom it connects to."""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[3]
_CALLS = (
    "openat,open,creat,rename,renameat,renameat2,link,linkat,connect,sendto,sendmsg,sendmmsg,memfd_create"
)
_WRITING = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")
_OPENED = re.compile(
    r'\b(?:openat|open|creat)\((?:AT_FDCWD|\d+)?(?:<(?P<at>[^>]*)>)?,? ?"(?P<path>[^"]*)"(?P<rest>.*)'
)
_NAMED = re.compile(r'\b(?:rename|renameat|renameat2|link|linkat)\(.*"(?P<path>[^"]*)"[^"]*$')
_ADDRESS = re.compile(r'inet_addr\("(?P<four>[^"]+)"\)|inet_pton\(AF_INET6, "(?P<six>[^"]+)"')
_FAILED = re.compile(r"= -1 E(?!INPROGRESS|AGAIN|CONNREFUSED|NETUNREACH|HOSTUNREACH|TIMEDOUT|PERM)")


@dataclass(frozen=True, slots=True)
class WatchedCommand:
    """What a command and all that it started did.

    Attributes:
        written: files that were opened for writing or got their name, also those that are gone.
        memory_files: names of files that exist in memory alone.
        outward: addresses beyond this machine that were connected or sent to, or were tried.
    """

    output: str
    status: int
    written: frozenset[Path]
    memory_files: frozenset[str]
    outward: frozenset[str]


def can_watch() -> bool:
    """Whether strace is there and may look at processes."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-qq", "-o", os.devnull, "true"], check=False).returncode == 0


def watch_command(
    *command: object, log: Path, environment: dict[str, str], timeout_s: float = 150.0
) -> WatchedCommand:
    """Run a command to its end.

    Args:
        log: where strace writes, outside of what is looked at.
        environment: all of it.
    """
    result = subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-qq", "-y", "-s", "4096", "-e", f"trace={_CALLS}", "-o", str(log)]
        + [str(part) for part in command],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    lines = log.read_text(errors="replace").splitlines()
    log.unlink()
    return WatchedCommand(
        output=result.stdout + result.stderr,
        status=result.returncode,
        written=frozenset(path for path in map(_find_written, lines) if path is not None),
        memory_files=frozenset(
            match[1] for line in lines if (match := re.search(r'memfd_create\("([^"]*)"', line))
        ),
        outward=frozenset(address for line in lines for address in _find_outward(line)),
    )


def app_command(*arguments: object) -> tuple[object, ...]:
    """``python -m app`` with arguments."""
    return (sys.executable, "-m", "app", *arguments)


def _find_written(line: str) -> Path | None:
    if _FAILED.search(line):
        return None
    match = _OPENED.search(line)
    if match is not None:
        if "creat(" not in line and not _WRITING.search(match["rest"]):
            return None
        return Path(os.path.normpath(Path(match["at"] or PROJECT) / match["path"]))
    match = _NAMED.search(line)
    return None if match is None else Path(os.path.normpath(PROJECT / match["path"]))


def _find_outward(line: str) -> list[str]:
    return [
        address for match in _ADDRESS.finditer(line) if not _is_own(address := match["four"] or match["six"])
    ]


def _is_own(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback or parsed.is_unspecified
