"""How the doctor says things: what is wrong, how bad it is, and what a button does about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.domain.errors import Phrase, fill_template
from app.core.findings import Finding, Mend, Topic, Verdict, sort_findings
from app.doctor.doctor_report import TOPICS
from app.gui.session.translation import display_name, tr, trn
from vision.sources.redaction import redact_url

_NAMED = ("name", "camera")
"""Fields that may hold a name of the demonstration."""


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding in words.

    Attributes:
        text: what it is about, and what was found.
        tone: ``bad``, ``warning``, ``good`` or ``muted``.
        icon: of its severity, beside the word for it.
        action: what the button beside it says; empty for none.
    """

    finding: Finding
    verdict: str
    tone: str
    icon: str
    subject: str
    text: str
    remedy: str
    action: str


@dataclass(frozen=True, slots=True)
class TopicRows:
    """The findings of one topic, the worst first.

    Attributes:
        summary: how many of them are how bad.
        tone, icon: of the worst of them.
        rows: those that are shown; what is well may be left out.
    """

    topic: Topic
    title: str
    summary: str
    tone: str
    icon: str
    rows: tuple[FindingRow, ...]


def describe_topics(findings: Sequence[Finding], *, shows_well: bool) -> tuple[TopicRows, ...]:
    """Every topic of which something was found, that with the worst finding first."""
    topics = []
    for topic in TOPICS:
        of_topic = sort_findings([finding for finding in findings if finding.topic is topic])
        if of_topic:
            topics.append((of_topic[0].verdict, _describe_topic(topic, of_topic, shows_well=shows_well)))
    order = list(Verdict)
    return tuple(rows for _worst, rows in sorted(topics, key=lambda entry: -order.index(entry[0])))


def describe_finding(finding: Finding) -> FindingRow:
    """One finding in words, without user names and passwords."""
    verdict, tone, icon = _describe_verdict(finding.verdict)
    subject = _begin_sentence(say(finding.subject))
    return FindingRow(
        finding,
        verdict,
        tone,
        icon,
        subject,
        tr("{subject}: {problem}", subject=subject, problem=say(finding.detail)),
        _say_remedy(finding),
        _name_mend(finding.mend),
    )


def summarise(findings: Sequence[Finding]) -> tuple[str, str]:
    """All findings in a sentence, and its tone."""
    failed = sum(finding.verdict is Verdict.FAILED for finding in findings)
    warned = sum(finding.verdict is Verdict.WARNING for finding in findings)
    if not failed and not warned:
        return trn("{n} thing was looked at, and all is well.", "{n} things were looked at, and all is well.",
                   len(findings)), "good"  # fmt: skip
    parts = []
    if failed:
        parts.append(trn("{n} thing does not work", "{n} things do not work", failed))
    if warned:
        parts.append(trn("{n} thing needs a look", "{n} things need a look", warned))
    return tr(", ").join(parts), "bad" if failed else "warning"


def say(phrase: Phrase) -> str:
    """A phrase in the window's language, with the demonstration's names translated."""
    if not phrase.template:
        return ""
    fields = {
        name: display_name(value) if name in _NAMED and isinstance(value, str) else value
        for name, value in phrase.fields.items()
    }
    return redact_url(fill_template(phrase.template, fields, tr))


def _describe_topic(topic: Topic, findings: Sequence[Finding], *, shows_well: bool) -> TopicRows:
    summary, _tone = summarise(findings)
    is_well = findings[0].verdict in (Verdict.OK, Verdict.ABSENT)
    _word, tone, icon = _describe_verdict(Verdict.OK if is_well else findings[0].verdict)
    shown = [f for f in findings if shows_well or f.verdict in (Verdict.FAILED, Verdict.WARNING)]
    return TopicRows(
        topic, say(TOPICS[topic]), summary, tone, icon, tuple(describe_finding(f) for f in shown)
    )


def _say_remedy(finding: Finding) -> str:
    """What to do in this window, where the finding's own words name a command of the command line."""
    if finding.mend is Mend.CHOOSE_MODEL:
        return tr("Fetch an official model, or take one in from a file, and let this venue use it.")
    if finding.mend is Mend.START_RECORDING:
        return tr("Record for a minute, so that the view is kept.")
    if finding.rule == "no-address":
        return tr("Enter the camera's address to see its picture.")
    return say(finding.remedy)


def _describe_verdict(verdict: Verdict) -> tuple[str, str, str]:
    match verdict:
        case Verdict.FAILED:
            return tr("Does not work"), "bad", "failed"
        case Verdict.WARNING:
            return tr("Needs a look"), "warning", "warning"
        case Verdict.ABSENT:
            return tr("Not there"), "muted", "info"
        case Verdict.OK:
            return tr("Well"), "good", "well"


def _name_mend(mend: Mend) -> str:
    return {
        Mend.CHANGE_CAMERA: tr("Change the camera"),
        Mend.ENTER_PASSWORD: tr("Enter the password"),
        Mend.CALIBRATE: tr("Calibrate"),
        Mend.SHOW_VIEW: tr("Before and after"),
        Mend.DRAW_MASK: tr("Draw the mask"),
        Mend.CHOOSE_MODEL: tr("Show the models"),
        Mend.EDIT_PLAN: tr("Show it on the plan"),
        Mend.OPEN_FOLDER: tr("Open the folder"),
        Mend.CONNECT_AGAIN: tr("Connect again"),
        Mend.START_RECORDING: tr("Start recording"),
        Mend.RESTART_RECORDING: tr("Restart the recording"),
        Mend.NOTHING: "",
    }[mend]


def _begin_sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
