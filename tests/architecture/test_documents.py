"""The documents name only files, commands and places that exist, and the page of commands is up to date."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from app.cli.program import make_app
from tools.command_line_page import PAGE, list_commands, make_page

PROJECT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    [
        *PROJECT.glob("*.md"),
        *PROJECT.glob("docs/**/*.md"),
        *PROJECT.glob("packaging/*.md"),
        *PROJECT.glob("resources/guide/*/*.md"),
    ]
)
MAX_LINES = {"README.md": 200, "ARCHITECTURE.md": 250}
FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\[[^\]\[]*\]\(([^)\s]+)\)")
ANY = re.compile(r"…|\b(?:CODE|LANGUAGE|NAME|NNNN)\b")
"""What stands for any word in a path, whose last part is then to be made."""
PROGRAM = re.compile(r"^(?:sudo )?(?:[A-Z_]+=\S+ )?(?:\S*python3? -m app|expoflow) +(.*)$")
COMMANDS = dict(list_commands(typer.main.get_command(make_app()), ""))


def list_quoted(text: str) -> list[str]:
    """Return what the text quotes as code: in a line, and line by line in blocks."""
    blocks = "\n".join(FENCE.findall(text)).replace("\\\n", " ")
    return [*list_spans(text), *blocks.splitlines()]


def list_spans(text: str) -> list[str]:
    """Return what stands between backquotes, also where a line ends within."""
    return [" ".join(span.split()) for span in CODE.findall(FENCE.sub("", text))]


def find_missing_paths(text: str) -> Iterator[str]:
    """Yield each path of the repository that the text names and that does not exist."""
    rooms = {path.name for path in PROJECT.iterdir() if path.is_dir()}
    for quoted in list_spans(text):
        is_path = re.fullmatch(r"[\w./*…-]+", quoted) and quoted.split("/")[0] in rooms and "/" in quoted
        pattern = ANY.sub("*", quoted.rpartition("/")[0] if ANY.search(quoted) else quoted)
        if (is_path or re.fullmatch(r"[A-Z]+\.md", quoted)) and not any(PROJECT.glob(pattern)):
            yield quoted


def find_missing_commands(text: str) -> Iterator[str]:
    """Yield each make target, module of ours, and command or option of the program that nobody has."""
    targets = set(
        re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )
    for line in list_quoted(text):
        if (made := re.match(r"make ([a-z-]+)", line)) and made.group(1) not in targets:
            yield line
        module = re.search(r"python -m ((?:benchmarks|tests|tools)[\w.]*)", line)
        if module and not (PROJECT / f"{module.group(1).replace('.', '/')}.py").exists():
            yield line
        if (called := PROGRAM.match(line)) and is_misspelt(called.group(1)):
            yield line


def is_misspelt(arguments: str) -> bool:
    """Return whether a call names a command or a long option that the program has not."""
    words = shlex.split(re.sub(r"\$\w+|…", "x", arguments), comments=True)
    while words and words[0].startswith("--"):
        words = words[1:] if words[0] == "--help" else words[2:]
    if not words or words[0] == "COMMAND":
        return False
    named = [name for name in (" ".join(words[:2]), words[0]) if name in COMMANDS]
    if not named:
        return True
    known = {spelling for one in COMMANDS[named[0]].params for spelling in (*one.opts, *one.secondary_opts)}
    given = {word.split("=")[0] for word in words if word.startswith("--")}
    return not given <= known | {"--help"}


def find_broken_links(document: Path) -> Iterator[str]:
    """Yield each link of a document to a file or heading that is not there; web addresses are left alone."""
    text = CODE.sub("", FENCE.sub("", document.read_text(encoding="utf-8")))
    for target in LINK.findall(text):
        path, _, anchor = target.partition("#")
        file = document.parent / path if path else document
        is_web = re.match(r"[a-z]+:", target)
        if not is_web and (not file.exists() or (anchor and anchor not in list_anchors(file))):
            yield target


def list_anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings: those in braces, or else as GitHub makes them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    anchors: set[str] = set()
    for title, given in re.findall(r"^#+ +(.*?)(?: \{#([\w-]+)\})?$", text, re.MULTILINE):
        made = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        again = sum(re.fullmatch(rf"{re.escape(made)}(-\d+)?", one) is not None for one in anchors)
        anchors.add(given or (f"{made}-{again}" if again else made))
    return anchors


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_what_a_document_names_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert list(find_missing_paths(text)) == []
    assert list(find_missing_commands(text)) == []
    assert list(find_broken_links(document)) == []


@pytest.mark.parametrize(("name", "lines"), MAX_LINES.items())
def test_the_first_pages_stay_short(name: str, lines: int) -> None:
    assert len((PROJECT / name).read_text(encoding="utf-8").splitlines()) <= lines


def test_every_decision_is_numbered_and_listed() -> None:
    folder = PROJECT / "docs" / "decisions"
    pages = sorted(path.name for path in folder.glob("[0-9]*.md"))
    listed = re.findall(r"^\| (\d+) \| \[(.*)\]\((.*)\) \|$", (folder / "README.md").read_text("utf-8"), re.M)
    assert [(number, page) for number, _, page in listed] == [
        (str(number), page) for number, page in enumerate(pages, start=1)
    ]
    for number, title, page in listed:
        assert page.startswith(f"{int(number):04}-")
        assert (folder / page).read_text(encoding="utf-8").startswith(f"# {number}. {title}\n")


def test_the_page_of_commands_is_what_the_program_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == make_page(), "run `make command-line`"


def test_names_of_what_is_not_there_are_found() -> None:
    there = (
        "`app/error_reporting.py`, `resources/guide/LANGUAGE/new.md`, `README.md`, `tracks/`, `tests/unit/`"
    )
    assert list(find_missing_paths(f"{there}\n```\napp/nowhere.py\n```\n")) == []
    gone = "`app/nowhere.py`, `HISTORY.md`, `tests/nobody/`, `resources/nobody/CODE/new.po`"
    assert list(find_missing_paths(gone)) == [one.strip("`") for one in gone.split(", ")]


def test_commands_that_are_not_there_are_found() -> None:
    there = (
        "`make test`, `python -m benchmarks.pipeline`, `expoflow --user Ann venue check\nhall --history`\n"
        "```\nmake demo\nsudo .venv/bin/python -m app service install --venue /srv/hall   # root\n```\n"
    )
    assert list(find_missing_commands(there)) == []
    gone = ["make nothing", "python -m benchmarks.nothing", "expoflow nothing", "expoflow record --nothing"]
    assert list(find_missing_commands("".join(f"`{one}`\n" for one in gone))) == gone
    assert list(find_missing_commands(f"```\n{gone[0]}\nexpoflow record \\\n  --nothing\n```\n")) == [
        "make nothing",
        "expoflow record    --nothing",
    ]


def test_links_that_lead_nowhere_are_found(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Other\n\n## Same: twice\n\n## Same: twice\n\n## End {#given}\n")
    page = tmp_path / "page.md"
    page.write_text(
        "# A page: its `code`\n[a](other.md), [b](other.md#same-twice-1), [c](#a-page-its-code), "
        "[d](https://example.com/), ![e](other.md#given), `[f](code)`\n```\n# no heading\n[g](block)\n```\n"
    )
    assert list(find_broken_links(page)) == []
    page.write_text("# Page\n[a](none.md), [b](other.md#end), [c](#pages), ![d](none.png)\n")
    assert list(find_broken_links(page)) == ["none.md", "other.md#end", "#pages", "none.png"]
