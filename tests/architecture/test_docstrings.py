"""The form of the product's docstrings."""

from __future__ import annotations

import ast
import re
from pathlib import Path

PROJECT = Path(__file__).parents[2]
FOLDERS = ("app", "vision", "analytics", "resources")
"""Folders that are checked."""
QUESTION = re.compile(r"(What|How|Whether|Where|Of|Who|Whose|Whom)\b")
"""First words that leave the reader to guess the verb or the noun."""


def find_questions(source: str) -> list[str]:
    """Return the first lines of docstrings, those of fields too, that begin with such a word."""
    bodies = [
        body for node in ast.walk(ast.parse(source)) if isinstance(body := getattr(node, "body", 0), list)
    ]
    firsts = [
        statement.value.value.strip().partition("\n")[0]
        for body in bodies
        for statement in body
        if isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    ]
    return [first for first in firsts if QUESTION.match(first)]


def test_docstrings_begin_with_a_verb_or_a_noun() -> None:
    files = [file for folder in FOLDERS for file in sorted((PROJECT / folder).rglob("*.py"))]
    assert len(files) > 500
    found = {str(file.relative_to(PROJECT)): find_questions(file.read_text("utf-8")) for file in files}
    assert {file: firsts for file, firsts in found.items() if firsts} == {}


def test_a_docstring_that_begins_with_a_question_is_noticed() -> None:
    source = '''"""Where things are."""
class Visit:
    """A visit."""
    start_s: float = 0.0
    """Of the visit."""
    def measure(self):
        """How long it was.

        Returns:
            Whole seconds.
        """
    def show(self):
        """Show it."""
'''
    assert find_questions(source) == ["Where things are.", "Of the visit.", "How long it was."]
