"""The user guide: its pages, cut into sections that can be linked to and searched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from resources.files import resource_path
from resources.translations import SOURCE_LANGUAGE, name_command

PAGE_NAMES = (
    "index",
    "manager",
    "staff",
    "installer",
    "administrator",
    "numbers",
    "formats",
    "extending",
)
"""Page names, in the order of the contents."""
_HEADING = re.compile(r"(#{1,6}) (.*?)(?: \{#([a-z0-9-]+)\})?$")
_FENCE = "```"
_MARKS = re.compile(r"[*`|>]|\]\([^)]*\)|!?\[")


@dataclass(frozen=True, slots=True)
class GuideSection:
    """A heading and the text below it, up to the next heading.

    Attributes:
        level: 1 for the page's title.
        anchor: target of links; the same in every language.
        words: title and text without marks, for searching.
    """

    level: int
    title: str
    anchor: str
    words: str


@dataclass(frozen=True, slots=True)
class GuidePage:
    """One file of the guide.

    Attributes:
        name: as in `PAGE_NAMES`.
        folder: pictures and links are relative to it.
        markdown: the text without the anchors' marks, which only the built site reads.
    """

    name: str
    folder: Path
    markdown: str
    sections: tuple[GuideSection, ...]

    @property
    def title(self) -> str:
        """The page's own heading."""
        return self.sections[0].title


def guide_folder(language: str) -> Path:
    """Return the folder of a language's pages; English if it has none."""
    folder = resource_path("guide", language)
    return folder if folder.is_dir() else resource_path("guide", SOURCE_LANGUAGE)


def read_guide(language: str) -> tuple[GuidePage, ...]:
    """Read all pages of a language, in the order of the contents.

    Raises:
        OSError: a page is not there.
    """
    folder = guide_folder(language)
    return tuple(_read_page(folder / f"{name}.md") for name in PAGE_NAMES)


def _read_page(path: Path) -> GuidePage:
    text = name_command(path.read_text(encoding="utf-8"))
    return GuidePage(path.stem, path.parent, _drop_anchors(text), tuple(_cut_sections(text)))


def _cut_sections(text: str) -> Iterator[GuideSection]:
    heading: re.Match[str] | None = None
    below: list[str] = []
    for line, is_code in _walk_lines(text):
        found = None if is_code else _HEADING.fullmatch(line)
        if found is None:
            below.append(line)
            continue
        if heading is not None:
            yield _make_section(heading, below)
        heading, below = found, []
    if heading is not None:
        yield _make_section(heading, below)


def _make_section(heading: re.Match[str], below: list[str]) -> GuideSection:
    title = heading[2]
    words = " ".join(" ".join((title, *below)).split())
    return GuideSection(len(heading[1]), title, heading[3] or "", _MARKS.sub("", words))


def _drop_anchors(text: str) -> str:
    lines = []
    for line, is_code in _walk_lines(text):
        found = None if is_code else _HEADING.fullmatch(line)
        lines.append(line if found is None else f"{found[1]} {found[2]}")
    return "\n".join(lines)


def _walk_lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield every line, and whether it is code, in which # starts no heading."""
    is_code = False
    for line in text.splitlines():
        is_fence = line.lstrip().startswith(_FENCE)
        yield line, is_code or is_fence
        is_code = is_code != is_fence
