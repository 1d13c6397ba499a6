"""Format check results as plain text for support, without user names and passwords."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from analytics.domain.clock import format_utc
from analytics.domain.errors import OutputError, Phrase, fill_template
from app.core.check_results import CheckResult, Topic, Verdict, sort_results
from app.core.versions import collect_versions
from app.error_reporting import convert_error
from resources.atomic_file import write_text_atomically
from vision.sources.redaction import redact_url

TOPICS = {
    Topic.MACHINE: Phrase("Machine"),
    Topic.CAMERAS: Phrase("Cameras"),
    Topic.MODELS: Phrase("Models"),
    Topic.DISK: Phrase("Disk"),
    Topic.PASSWORDS: Phrase("Passwords"),
    Topic.GEOMETRY: Phrase("Zones and lines"),
}
VERDICTS = {
    Verdict.OK: Phrase("passed"),
    Verdict.ABSENT: Phrase("not available"),
    Verdict.WARNING: Phrase("warning"),
    Verdict.FAILED: Phrase("failed"),
}


def format_report(
    findings: Sequence[CheckResult], *, at_utc_s: float, venue: str, translate: Callable[[str], str]
) -> str:
    """Return the check results by topic, worst first, below the versions of the program and its libraries.

    Args:
        at_utc_s: time of the checks.
        venue: name of the venue; empty for none.
        translate: translates a template, keeping its fields.
    """

    def fill(phrase: Phrase) -> str:
        return fill_template(phrase.template, phrase.fields, translate) if phrase.template else ""

    versions = ", ".join(f"{name} {version}" for name, version in collect_versions().items())
    lines = [
        fill(Phrase("ExpoFlow check of {time}", {"time": format_utc(at_utc_s)})),
        *([fill(Phrase("Venue: {name}", {"name": venue}))] if venue else []),
        versions,
    ]
    for topic, title in TOPICS.items():
        of_topic = sort_results([finding for finding in findings if finding.topic is topic])
        if of_topic:
            lines += ["", fill(title)]
        for finding in of_topic:
            lines.append(
                f"  [{fill(VERDICTS[finding.verdict])}] {fill(finding.subject)}: {fill(finding.detail)}"
            )
            if finding.remedy.template:
                lines.append(f"      {fill(finding.remedy)}")
    return redact_url("\n".join(lines)) + "\n"


def save_report(file: Path, text: str) -> None:
    """Write a report, completely or not at all.

    Raises:
        OutputError: the file cannot be written.
    """
    try:
        write_text_atomically(file, text)
    except OSError as error:
        raise convert_error(OutputError, error, file=file) from error
