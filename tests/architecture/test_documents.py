"""The documents name only files, commands and places that exist, and the generated page is up to date."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.command_line_page import PAGE, make_page

PROJECT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [
        *PROJECT.glob("*.md"),
        *PROJECT.glob("docs/**/*.md"),
        *PROJECT.glob("packaging/*.md"),
        *PROJECT.glob("resources/guide/*/extending.md"),
    ]
)
LONGEST_LINES = {"README.md": 200, "ARCHITECTURE.md": 250}
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
PLACEHOLDER = re.compile(r"…|\*|\b[A-Z][A-Z_]*[A-Z]\b(?!\.md)|NNNN")
"""Words such as CODE or LANGUAGE in a path, which stand for any."""


def find_missing_paths(text: str) -> list[str]:
    """Return each path of the repository that the text quotes as code and that does not exist."""
    rooms = {path.name for path in PROJECT.iterdir() if path.is_dir() and not path.name.startswith(".")}
    quoted = {word for code in CODE.findall(FENCE.sub("", text)) for word in code.split()}
    paths = {word.rstrip(".,:;") for word in quoted if re.fullmatch(r"[\w./*…@-]+", word)}
    named = {path for path in paths if path.split("/")[0] in rooms and "/" in path}
    named |= {path for path in paths if re.fullmatch(r"[\w.]+\.(md|toml|yml|spec)", path) and is_ours(path)}
    return sorted(path for path in named if not exists(path))


def is_ours(name: str) -> bool:
    """Return whether a bare file name is one at the top of the repository, not one of a venue's folder."""
    return name.endswith(".md") and name.isupper() is False and name.split(".")[0].isupper()


def exists(path: str) -> bool:
    pattern = PLACEHOLDER.sub("*", path).replace("**", "*").rstrip("/")
    return any(PROJECT.glob(pattern)) or any(PROJECT.glob(f"{pattern}.py"))


def find_missing_commands(text: str) -> list[str]:
    """Return each ``make`` target and each ``python -m`` module of ours that the text names and nobody has."""
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    quoted = "\n".join([*FENCE.findall(text), *CODE.findall(FENCE.sub("", text))])
    missing = [f"make {name}" for name in re.findall(r"\bmake ([a-z-]+)", quoted) if name not in targets]
    modules = re.findall(r"python -m ((?:app|benchmarks|tests|tools|resources|vision)[\w.]*)", quoted)
    return missing + [f"python -m {name}" for name in modules if not exists(name.replace(".", "/"))]


def find_broken_links(document: Path, text: str) -> list[str]:
    """Return each link of the document to a file or heading that is not there; addresses are left alone."""
    broken = []
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        if not file.exists() or (anchor and anchor not in list_anchors(file.read_text(encoding="utf-8"))):
            broken.append(target)
    return broken


def list_anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them or as they are given in braces."""
    headings = re.findall(r"^#+ +(.*?)(?: \{#([\w-]+)\})? *$", FENCE.sub("", text), re.MULTILINE)
    anchors: set[str] = set()
    for title, given in headings:
        made = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        number = sum(1 for one in anchors if re.fullmatch(rf"{re.escape(made)}(-\d+)?", one))
        anchors.add(given or (f"{made}-{number}" if made in anchors else made))
    return anchors


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_what_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert find_missing_paths(text) == []
    assert find_missing_commands(text) == []
    assert find_broken_links(document, text) == []


@pytest.mark.parametrize(("name", "lines"), LONGEST_LINES.items())
def test_first_pages_stay_short(name: str, lines: int) -> None:
    assert len((PROJECT / name).read_text(encoding="utf-8").splitlines()) <= lines


def test_every_decision_is_listed() -> None:
    folder = PROJECT / "docs" / "decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    pages = sorted(path.name for path in folder.glob("[0-9]*.md"))
    assert [int(name[:4]) for name in pages] == list(range(1, len(pages) + 1))
    assert sorted(re.findall(r"\((\d{4}-[\w-]+\.md)\)", index)) == pages


def test_the_page_of_commands_is_what_the_program_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == make_page(), "run `make command-line`"


def test_a_page_that_names_what_is_not_there_is_found() -> None:
    text = (
        "# Title\n\nSee `app/nowhere.py`, `app/error_reporting.py`, `resources/guide/LANGUAGE`, `tests/nobody/`, "
        "`CONTRIBUTING.md`, `HISTORY.md`, `tracks/`, `venue.toml`, `make test`, `make nothing`, "
        "`python -m benchmarks.nothing` and `python -m benchmarks.pipeline`;\n"
        "[here](README.md), [there](docs/nowhere.md), [title](#title), [other](#other-title), "
        "[web](https://example.com/).\n\n```\nmake neither\n```\n"
    )
    assert find_missing_paths(text) == ["HISTORY.md", "app/nowhere.py", "tests/nobody/"]
    assert sorted(find_missing_commands(text)) == [
        "make neither",
        "make nothing",
        "python -m benchmarks.nothing",
    ]
    assert find_broken_links(PROJECT / "README.md", text.replace("#title", "#start")) == [
        "docs/nowhere.md",
        "#start",
        "#other-title",
    ] or "# Start" in (PROJECT / "README.md").read_text(encoding="utf-8")


def test_headings_have_the_anchors_that_github_gives_them() -> None:
    text = "# A page: its `code`, twice\n\n## Same\n\n## Same\n\n## Other {#given}\n\n```\n# no heading\n```\n"
    assert list_anchors(text) == {"a-page-its-code-twice", "same", "same-1", "given"}
