"""Starts programs as forks of one process that has already loaded the libraries, which takes a second or two.

Of our own modules the command line alone is loaded, which loads nothing heavy: what a command imports is
still its own affair, as are its environment, its streams and its exit status.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[3]
IS_POSSIBLE = hasattr(os, "fork")
LIBRARIES = (
    "numpy", "scipy.linalg", "scipy.ndimage", "scipy.optimize", "scipy.sparse", "scipy.spatial",
    "scipy.special", "scipy.stats", "pandas", "pyarrow.parquet",
    "sqlalchemy.dialects.sqlite", "shapely", "pydantic", "tomli_w", "typer", "rich.console", "rich.progress",
    "rich.table", "filelock", "platformdirs", "cryptography.fernet", "argon2", "keyring", "psutil", "yaml",
    "av", "cv2", "app.cli.program",
)  # fmt: skip
"""What most commands load; OpenVINO is not among them, as it starts a process when it is imported."""


def run_warm(
    arguments: Sequence[str], *, environment: Mapping[str, str], answer: str, timeout_s: float
) -> subprocess.CompletedProcess[str]:
    """``python -m`` with its arguments, the module first, to its end in the project's folder.

    Raises:
        subprocess.TimeoutExpired: it has been killed.
    """
    with tempfile.TemporaryDirectory() as folder:
        streams = {name: str(Path(folder) / name) for name in ("stdin", "stdout", "stderr")}
        Path(streams["stdin"]).write_text(answer, encoding="utf-8")
        order = {
            "arguments": list(arguments),
            "environment": dict(environment),
            "streams": streams,
            "timeout_s": timeout_s,
        }
        status = _find_starter().run(order)
        stdout, stderr = (Path(streams[name]).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
    command = [sys.executable, "-m", *arguments]
    if status is None:
        raise subprocess.TimeoutExpired(command, timeout_s, stdout, stderr)
    return subprocess.CompletedProcess(command, status, stdout, stderr)


class Starter:
    """The process that forks, as its parent sees it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.windows.warm_start"],
            cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def run(self, order: Mapping[str, object]) -> int | None:
        """The exit status of the fork; none of one that took too long."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the process that starts programs has ended"
        status = json.loads(answer)
        assert status is None or isinstance(status, int)
        return status

    def close(self) -> None:
        """Let it end."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10.0)
        self._process.stdout.close()


_starters: list[Starter] = []


def _find_starter() -> Starter:
    """One for all tests of this process."""
    if not _starters:
        _starters.append(Starter())
        atexit.register(_starters[0].close)
    return _starters[0]


def _serve() -> None:
    """Fork for every line of standard input; answer with the status."""
    for name in LIBRARIES:
        importlib.import_module(name)
    # the forks share what is loaded for as long as nobody writes on it
    gc.collect()
    gc.freeze()
    while line := sys.stdin.readline():
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(**order)
        sys.stdout.write(json.dumps(_wait(child, order["timeout_s"])) + "\n")
        sys.stdout.flush()


def _wait(child: int, timeout_s: float) -> int | None:
    """The status as ``subprocess`` tells it."""
    ends_s = time.monotonic() + timeout_s
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > ends_s:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return None
        time.sleep(0.005)


def _become(
    *, arguments: list[str], environment: dict[str, str], streams: dict[str, str], timeout_s: float
) -> None:
    """Be the program, and end as it ends."""
    os.setpgid(0, 0)
    # appended: what a child of its own writes is not written over
    for number, (name, flags) in enumerate(
        (("stdin", os.O_RDONLY), ("stdout", os.O_WRONLY | os.O_CREAT | os.O_APPEND),
         ("stderr", os.O_WRONLY | os.O_CREAT | os.O_APPEND))
    ):  # fmt: skip
        opened = os.open(streams[name], flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    sys.argv = arguments
    status = 0
    try:
        runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
    except SystemExit as ending:
        status = ending.code if isinstance(ending.code, int) else 0 if ending.code is None else 1
        if isinstance(ending.code, str):
            sys.stderr.write(f"{ending.code}\n")
    except BaseException:
        traceback.print_exc()
        status = 1
    # what a program does at its end: threads are waited for, and what is registered runs
    sys.exit(status)


if __name__ == "__main__":
    _serve()
