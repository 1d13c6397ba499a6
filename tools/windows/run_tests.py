"""Run test folders by the Windows build of Python under Wine, each in a process: ``make test-windows``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

FOLDERS = (
    "tests/unit/resources",
    "tests/unit/vision",
    "tests/unit/analytics",
    "tests/unit/app",
    "tests/contract",
    "tests/properties",
    "tests/integration",
    "tests/end_to_end",
    "tests/reference",
    "tests/security",
)
_LIMIT_S = 3600.0
"""Of one folder."""
_KINDS = ("passed", "failed", "skipped", "errors")


@dataclass
class FolderResult:
    """What the tests of one folder did.

    Attributes:
        counts: by kind; see ``_KINDS``.
        reasons: of the skipped tests, with their numbers.
        status: of the process; 0 and 1 are usual, -1 says that it took too long.
    """

    folder: str
    status: int
    counts: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def run_folder(python: Path, folder: str, output: Path, arguments: list[str]) -> FolderResult:
    """Run the tests of a folder; the log and the JUnit file go to ``output``."""
    stem = folder.replace("/", "-")
    report = output / f"{stem}.xml"
    report.unlink(missing_ok=True)
    command = ["wine", str(python), "-X", "utf8=0", "-m", "pytest", folder, "-m", "not slow and not torch"]
    command += [f"--junitxml=Z:{report}", "-p", "no:cacheprovider", "-q", *arguments]
    with (output / f"{stem}.log").open("wb") as log:
        try:
            done = subprocess.run(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
                timeout=_LIMIT_S,
                env=_make_variables(python),
            )
            status = done.returncode
        except subprocess.TimeoutExpired:
            status = -1
    result = FolderResult(folder, status)
    if report.is_file():
        _read_report(report, result)
    return result


def _make_variables(python: Path) -> dict[str, str]:
    return {
        # Wine's own drive and registry, which lie beside the environment
        "WINEPREFIX": str(python.parent.with_name("prefix")),
        "WINEDEBUG": "-all",
        "QT_QPA_PLATFORM": "offscreen",
        # files that Linux's Python would take for its own stay out of the tree
        "PYTHONPYCACHEPREFIX": "C:\\pycache",
        **os.environ,
    }


def _read_report(report: Path, result: FolderResult) -> None:
    for case in ET.parse(report).iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        skipped = case.find("skipped")
        if case.find("error") is not None:
            result.counts["errors"] += 1
            result.wrong.append(f"error  {name}")
        elif case.find("failure") is not None:
            result.counts["failed"] += 1
            result.wrong.append(f"failed {name}")
        elif skipped is not None:
            result.counts["skipped"] += 1
            result.reasons[skipped.get("message", "")] += 1
        else:
            result.counts["passed"] += 1


def print_results(results: list[FolderResult]) -> None:
    """Print a table of the folders, the reasons of skipped tests, and the names of those that fail."""
    print(f"{'folder':28}" + "".join(f"{kind:>9}" for kind in _KINDS) + "   process")
    for result in results:
        print(
            f"{result.folder:28}" + "".join(f"{result.counts[kind]:9}" for kind in _KINDS),
            f"  {result.status}",
        )
    for reason, count in sum((result.reasons for result in results), Counter[str]()).most_common():
        print(f"skipped {count:4}: {reason}")
    for result in results:
        for line in result.wrong:
            print(line)


def main() -> int:
    """Run the folders of the command line, or all; return 1 unless all passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, required=True, help="python.exe of the environment")
    parser.add_argument("--output", type=Path, required=True, help="folder of logs and JUnit files")
    parser.add_argument("--keyword", help="as pytest's -k")
    parser.add_argument("folders", nargs="*", default=list(FOLDERS))
    arguments = parser.parse_args()
    output: Path = arguments.output.resolve()
    output.mkdir(parents=True, exist_ok=True)
    extra = ["-k", arguments.keyword] if arguments.keyword else []
    results = []
    for folder in arguments.folders:
        results.append(run_folder(arguments.python.resolve(), folder, output, extra))
        print_results(results[-1:])
    print_results(results)
    return 0 if all(result.status == 0 for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
