"""Pass check results from the command ``doctor`` to its parent process as JSON lines."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.core.check_results import CheckResult, Fix, Topic, Verdict
from app.core.child_command import run_child_command
from app.core.job import JobContext
from app.error_reporting import pack_phrase, unpack_phrase


def pack_finding(finding: CheckResult) -> dict[str, object]:
    """Return a check result as a JSON object, in English and as templates, without passwords."""
    return {
        "what": str(unpack_phrase(pack_phrase(finding.subject))),
        "verdict": finding.verdict.value,
        "detail": str(unpack_phrase(pack_phrase(finding.detail))),
        "remedy": str(unpack_phrase(pack_phrase(finding.remedy))),
        "rule": finding.rule,
        "topic": finding.topic.value,
        "mend": finding.fix.value,
        "name": finding.name,
        "part": finding.part,
        "words": {
            "subject": pack_phrase(finding.subject),
            "detail": pack_phrase(finding.detail),
            "remedy": pack_phrase(finding.remedy),
        },
    }


def unpack_finding(packed: dict[str, Any]) -> CheckResult:
    """Return the check result of a JSON object.

    Raises:
        KeyError, TypeError, ValueError: the object is no check result.
    """
    words = packed["words"]
    return CheckResult(
        rule=str(packed["rule"]),
        topic=Topic(packed["topic"]),
        verdict=Verdict(packed["verdict"]),
        subject=unpack_phrase(words["subject"]),
        detail=unpack_phrase(words["detail"]),
        remedy=unpack_phrase(words["remedy"]),
        fix=Fix(packed["mend"]),
        name=str(packed["name"]),
        part=str(packed["part"]),
    )


def diagnose_in_child(
    context: JobContext,
    *,
    venue: Path | None,
    opens_cameras: bool,
    view_s: float,
    camera_timeout_s: float,
    on_finding: Callable[[CheckResult], None],
) -> None:
    """Run ``doctor`` in a child process, which loads decoders and networks.

    Args:
        on_finding: called with each check result as soon as it is known, in the waiting thread.

    Raises:
        OutputError: the command failed.
        JobCancelled: the job was cancelled and the process was ended.
    """
    arguments = ["doctor", "--json-lines", "--camera-timeout-s", f"{camera_timeout_s:g}"]
    if venue is not None:
        arguments += ["--venue", str(venue), "--view-s", f"{view_s:g}"]
        if not opens_cameras:
            arguments.append("--no-cameras")
    run_child_command(arguments, context, on_line=lambda line: on_finding(unpack_finding(json.loads(line))))
