"""What somebody decides about findings: that one is dismissed, a note, or that the layout was changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from analytics.domain.clock import Clock, SystemClock
from app.access.guard import changes_venue
from app.access.roles import Permission
from app.findings.finding_decisions import FindingDecision, read_decisions, write_decisions


@changes_venue(Permission.NOTE, "finding decided", lambda decision, *_: {"finding": decision.key})
def decide_finding(
    folder: Path, decision: FindingDecision, clock: Clock | None = None
) -> tuple[FindingDecision, ...]:
    """Let a decision hold in the place of an earlier one about the same finding; an empty one takes it back.

    Returns:
        All that hold now.

    Raises:
        VenueError: the file of decisions cannot be read or written.
    """
    kept = tuple(known for known in read_decisions(folder) if known.key != decision.key)
    if not decision.is_empty:
        kept = (*kept, replace(decision, decided_utc_s=(clock or SystemClock()).now_utc_s()))
    write_decisions(folder, kept)
    return kept
