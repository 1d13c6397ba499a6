"""The comparison page in words."""

from __future__ import annotations

from app.gui.table_models.cell_text import format_number
from app.gui.table_models.change_words import tell
from app.gui.translation import tr, trn
from app.gui.viewmodels.comparison import ComparisonState
from app.operations.comparison_figures import Finding


def tell_headline(state: ComparisonState) -> str:
    """What came of the comparison, in one sentence."""
    if state.figures is None:
        return ""
    compared = [row for row in state.figures.rows if row.finding is not Finding.REFUSED]
    if not compared:
        return tr("Nothing could be compared.")
    real = sum(row.is_real for row in compared)
    if not real:
        return trn(
            "No evidence of a change in {n} comparison.",
            "No evidence of a change in any of {n} comparisons.",
            len(compared),
        )
    return trn(
        "{n} real change among {all} comparisons.",
        "{n} real changes among {all} comparisons.",
        real,
        all=format_number(len(compared)),
    )


def list_notes(state: ComparisonState) -> list[str]:
    """How it was compared, and what to be careful about."""
    notes = [] if state.figures is None else [tell(note) for note in state.figures.notes]
    if state.is_outdated:
        notes.insert(0, tr("This is the comparison before your last change; compare again."))
    return notes


def describe_hint(state: ComparisonState) -> tuple[str, str] | None:
    """Title and text in place of figures, before there are any and where none could be compared."""
    if state.figures is None:
        return (
            tr("Compare two days or layouts"),
            tr(
                "Choose what is compared; you are told what changed, how sure that is, and what could not "
                "have been noticed."
            ),
        )
    if any(row.level_a is not None or row.level_b is not None for row in state.figures.rows):
        return None
    return (
        tell_headline(state),
        "\n".join(
            [
                *list_notes(state),
                tr("Choose two periods that were open and observed at the same hours of the day."),
            ]
        ),
    )


def describe_emptiness(state: ComparisonState) -> tuple[str, str]:
    """Title and text where nothing can be compared; empty where it can."""
    if not state.has_venue:
        return tr("No venue is open"), tr("Open a venue to compare its days and layouts.")
    if state.choice is None:
        return (
            tr("Nothing was observed yet"),
            tr("Start the recording; from the second day on, days can be compared."),
        )
    return "", ""
