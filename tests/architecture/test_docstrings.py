"""The form of the product's docstrings."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable
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


IMPORTED_UNDER_ANOTHER_NAME = {"pyarrow"}
SECTION_ENTRY = re.compile(r"^    (\w[\w.]*(?:, \w+)*):", re.MULTILINE)


def list_entries(docstring: str | None, section: str) -> list[str]:
    """Return the names that a section of a docstring describes, as ``Attributes`` or ``Raises``."""
    _before, found, rest = (docstring or "").partition(f"\n{section}:\n")
    lines = rest.split("\n\n", 1)[0] if found else ""
    return [name for names in SECTION_ENTRY.findall(lines) for name in names.split(", ")]


def list_members(node: ast.ClassDef) -> set[str]:
    """Return the fields, methods and instance attributes of a class."""
    names = {child.name for child in node.body if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef)}
    for child in ast.walk(node):
        targets = child.targets if isinstance(child, ast.Assign) else [getattr(child, "target", None)]
        for target in targets:
            for part in target.elts if isinstance(target, ast.Tuple) else [target]:
                if isinstance(part, ast.Name):
                    names.add(part.id)
                elif isinstance(part, ast.Attribute):
                    names.add(part.attr)
    return names


def find_gone_names(sources: Iterable[str]) -> list[str]:
    """Return documented attributes that no class of that name or its bases has, and unknown exceptions."""
    classes: dict[str, list[ast.ClassDef]] = {}
    trees = [ast.parse(source) for source in sources]
    imported = set(dir(builtins))
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                classes.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                imported |= {alias.asname or alias.name for alias in node.names}

    def inherit(node: ast.ClassDef, seen: set[str]) -> set[str]:
        names = list_members(node)
        for base in node.bases:
            name = ast.unparse(base).partition("[")[0].split(".")[-1]
            for parent in classes.get(name, ()) if name not in seen else ():
                names |= inherit(parent, seen | {name})
        return names

    gone: list[str] = []
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                described = list_entries(ast.get_docstring(node), "Attributes")
                gone += [
                    f"{node.name}.{name}" for name in described if name not in inherit(node, {node.name})
                ]
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                gone += [
                    f"{node.name} raises {name}"
                    for name in list_entries(ast.get_docstring(node), "Raises")
                    if name.split(".")[0] not in classes.keys() | imported | IMPORTED_UNDER_ANOTHER_NAME
                ]
    return gone


def test_attributes_and_exceptions_that_docstrings_name_exist() -> None:
    # ruff's DOC102 compares the arguments
    files = [file for folder in (*FOLDERS, "tools") for file in sorted((PROJECT / folder).rglob("*.py"))]
    assert find_gone_names(file.read_text("utf-8") for file in files) == []


def test_an_attribute_and_an_exception_that_are_gone_are_noticed() -> None:
    source = '''
class Visit:
    """A visit.

    Attributes:
        start_s, end_s: when it began and ended.
        zone: where.
    """

    start_s: float

    def __init__(self):
        self.zone = ""


def read():
    """Read.

    Raises:
        OSError: it cannot be read.
        StopAskedError: somebody asked to stop.
    """
'''
    assert find_gone_names([source]) == ["Visit.end_s", "read raises StopAskedError"]
