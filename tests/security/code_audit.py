"""`make audit-code`: what bandit finds in our code, and what is known against the packages that it stands on.

A finding of bandit is explained where it stands, by the comment that explains the same rule to ruff
(``noqa: S608`` for B608), or for all of its kind in ``NOT_OURS``. Packages are looked up by pip-audit; where
it reaches no index, that is said, and the status tells it apart from a clean bill.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).parents[2]
FOLDERS = ("app", "vision", "analytics", "resources")
NOT_OURS = {
    "B101": "asserts state what must hold; nothing depends on their being run",
    "B105": "names of things that have to do with passwords; what is secret is in no source",
    "B311": "simulations and the jitter of retries; tokens and keys come from `secrets`",
    "B403": "PicklingError is named; what is unpickled comes from our own processes alone",
    "B404": "child processes are how crashes stay apart",
    "B405": "types of elements; whatever is parsed goes through defusedxml",
    "B406": "`escape` is what is imported",
    "B603": "children get lists of arguments, never a shell",
    "B604": "a keyword called 'shell' is the window's view-model; B602 is about real shells",
}
CLEAN, FOUND, NOT_LOOKED_UP = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that bandit found and nobody has explained."""

    place: str
    rule: str
    text: str


def find_unexplained(report: dict[str, list[dict[str, object]]], root: Path) -> list[Finding]:
    """What of bandit's report is explained nowhere.

    Args:
        root: paths in the report are relative to it.
    """
    found = []
    for issue in report["results"]:
        rule, file = str(issue["test_id"]), str(issue["filename"])
        if rule in NOT_OURS:
            continue
        lines = (root / file).read_text(encoding="utf-8").splitlines()
        spanned = issue["line_range"]
        assert isinstance(spanned, list)
        if not _is_explained(rule, (lines[number - 1] for number in spanned)):
            found.append(Finding(f"{file}:{issue['line_number']}", rule, str(issue["issue_text"])))
    return found


def _is_explained(rule: str, lines: Iterable[str]) -> bool:
    mark = re.compile(rf"#\s*noqa:.*\bS{rule[1:]}\b")
    return any(mark.search(line) for line in lines)


def run_bandit(root: Path, *folders: str) -> dict[str, list[dict[str, object]]]:
    """Bandit's report on folders, as it writes it for machines."""
    command = [sys.executable, "-m", "bandit", "--quiet", "--recursive", *folders, "--format", "json"]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    report: dict[str, list[dict[str, object]]] = json.loads(result.stdout)
    if report["errors"]:
        raise RuntimeError(f"bandit could not read all of it: {report['errors']}")
    return report


def judge_packages(report: dict[str, list[dict[str, object]]]) -> tuple[int, list[str]]:
    """Status and sentences about a report of pip-audit."""
    packages = [one for one in report["dependencies"] if one.get("name") != "expoflow"]
    looked_up = [one for one in packages if "skip_reason" not in one]
    sentences = [
        f"{one['name']} {one['version']}: {vulnerability['id']}, mended in {vulnerability['fix_versions']}"
        for one in looked_up
        for vulnerability in one["vulns"]  # type: ignore[attr-defined]
    ]
    status = FOUND if sentences else CLEAN
    sentences.append(f"{len(looked_up)} of {len(packages)} packages were looked up.")
    if not looked_up:
        sentences.append("The index of vulnerabilities was not reached: nothing is known of any package.")
        status = NOT_LOOKED_UP
    return status, sentences


def run_pip_audit() -> dict[str, list[dict[str, object]]]:
    """Pip-audit's report on what is installed here."""
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--skip-editable",
        "--progress-spinner",
        "off",
        "-f",
        "json",
    ]
    result = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    try:
        report: dict[str, list[dict[str, object]]] = json.loads(result.stdout)
    except ValueError:
        sys.stderr.write(f"{result.stderr.strip()[-300:] or 'pip-audit said nothing'}\n")
        return {"dependencies": []}
    return report


def main() -> int:
    """Audit code and packages; say what was found."""
    findings = find_unexplained(run_bandit(PROJECT, *FOLDERS), PROJECT)
    for finding in findings:
        sys.stdout.write(f"{finding.place}: {finding.rule} {finding.text}\n")
    sys.stdout.write(f"bandit: {len(findings)} findings that nobody has explained.\n")
    status, sentences = judge_packages(run_pip_audit())
    for sentence in sentences:
        sys.stdout.write(f"pip-audit: {sentence}\n")
    return FOUND if findings else status


if __name__ == "__main__":
    sys.exit(main())
