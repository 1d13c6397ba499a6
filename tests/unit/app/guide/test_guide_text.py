"""The guide's pages: their links, anchors, pictures and labels are true in every language."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo

from app.core.file_format import read_venue
from app.gui.window.pages import PAGES, SECTIONS_OF_DIALOGS, Page, find_section
from app.guide.guide_text import PAGE_NAMES, guide_folder, read_guide
from app.reports.schedule_file import read_schedules
from app.timeline.timeline_file import read_timeline
from resources.files import resource_path
from resources.translations import SOURCE_LANGUAGE, load_translations

LANGUAGES = ("en", "zh_CN")
_LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)]+)\)")
_LABEL = re.compile(r"\*\*([^*]+)\*\*")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`]*`")
_HEADING = re.compile(r"^(#{1,6}) .*\{#([a-z0-9-]+)\}$", re.MULTILINE)
MOST_BYTES = 4 * 1024 * 1024


def read_prose(path: Path) -> str:
    return _CODE.sub("", _FENCED.sub("", path.read_text(encoding="utf-8")))


def cut_sections(path: Path) -> dict[str, str]:
    prose = read_prose(path)
    heads = list(_HEADING.finditer(prose))
    ends = [*(head.start() for head in heads[1:]), len(prose)]
    return {head[2]: prose[head.end() : end] for head, end in zip(heads, ends, strict=True)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_link_and_picture_of_the_guide_is_there(language: str) -> None:
    folder = guide_folder(language)
    anchors = {page.name: {section.anchor for section in page.sections} for page in read_guide(language)}
    lost = []
    for name in PAGE_NAMES:
        for mark, target in _LINK.findall(read_prose(folder / f"{name}.md")):
            if mark:
                is_there = (folder / target).is_file()
            else:
                file, _sharp, anchor = target.partition("#")
                is_there = anchor in anchors.get(file.removesuffix(".md") or name, ())
            if not is_there:
                lost.append(f"{name}.md: {target}")
    assert not lost


def test_all_languages_have_the_same_pages_sections_and_pictures() -> None:
    shapes, pictures = [], []
    for language in LANGUAGES:
        folder = guide_folder(language)
        assert sorted(file.stem for file in folder.glob("*.md")) == sorted(PAGE_NAMES)
        shapes.append(
            {page.name: [(s.level, s.anchor) for s in page.sections] for page in read_guide(language)}
        )
        pictures.append(
            sorted(
                target
                for name in PAGE_NAMES
                for mark, target in _LINK.findall(read_prose(folder / f"{name}.md"))
                if mark
            )
        )
    assert shapes[0] == shapes[1]
    assert pictures[0] == pictures[1]
    for page in shapes[0].values():
        assert all(anchor for _level, anchor in page), "a heading has no anchor"
        assert max(Counter(anchor for _level, anchor in page).values()) == 1


def test_what_stands_in_bold_is_a_label_of_the_window_in_both_languages() -> None:
    with resource_path("locales", "zh_CN", "LC_MESSAGES", "app.mo").open("rb") as file:
        known = {message.id if isinstance(message.id, str) else message.id[0] for message in read_mo(file)}
    chinese = load_translations("zh_CN")
    files = (file for folder in ("app", "analytics") for file in Path(folder).rglob("*.py"))
    code = "".join(file.read_text(encoding="utf-8") for file in files)
    wrong = []
    for name in PAGE_NAMES:
        english_sections = cut_sections(guide_folder("en") / f"{name}.md")
        chinese_sections = cut_sections(guide_folder("zh_CN") / f"{name}.md")
        for anchor, text in english_sections.items():
            labels = [label.replace("\n", " ") for label in _LABEL.findall(text)]
            wrong += [
                f"{name}#{anchor}: no label '{label}'"
                for label in labels
                if label not in known or f'"{label}"' not in code
            ]
            wanted = Counter(chinese.gettext(label) for label in labels)
            found = Counter(_LABEL.findall(chinese_sections[anchor]))
            if wanted != found:
                wrong.append(f"{name}#{anchor}: wanted {wanted - found}, found {found - wanted}")
    assert not wrong, "\n".join(wrong)


def test_pictures_are_small_and_each_is_shown() -> None:
    for language in LANGUAGES:
        folder = guide_folder(language)
        shown = {
            target
            for name in PAGE_NAMES
            for mark, target in _LINK.findall(read_prose(folder / f"{name}.md"))
            if mark
        }
        there = {file.relative_to(folder).as_posix() for file in folder.glob("pictures/*")}
        assert there == shown
    files = [file for language in LANGUAGES for file in guide_folder(language).glob("pictures/*")]
    assert sum(file.stat().st_size for file in files) < MOST_BYTES


def test_every_page_and_dialog_leads_to_a_section() -> None:
    sections = {f"{page.name}.md#{section.anchor}" for page in read_guide("en") for section in page.sections}
    assert set(PAGES) == set(Page)
    assert {*(spec.guide for spec in PAGES.values()), *SECTIONS_OF_DIALOGS.values()} <= sections
    views = " ".join(file.read_text(encoding="utf-8") for file in Path("app/gui").rglob("*.py"))
    dialogs = set(re.findall(r"^class (\w+(?:Dialog|Wizard))\(", views, re.MULTILINE))
    without = {"AboutDialog", "CalibrationMethodDialog", "FormDialog"}
    assert dialogs - without == set(SECTIONS_OF_DIALOGS)
    assert find_section("CalibrationDialog", Page.LIVE) == "installer.md#calibrate"
    assert find_section("QMessageBox", Page.DWELL) == "manager.md#dwell"


def test_code_is_no_heading_and_words_have_no_marks() -> None:
    page = next(page for page in read_guide("en") if page.name == "formats")
    titles = [section.title for section in page.sections]
    assert "four at least" not in titles
    assert "{#" not in page.markdown
    (venue,) = [section for section in page.sections if section.anchor == "venue"]
    assert "audit.sqlite" in venue.words
    assert "`" not in venue.words
    assert "|" not in venue.words


def test_a_language_without_a_guide_gets_the_english_one() -> None:
    assert guide_folder("xx") == guide_folder(SOURCE_LANGUAGE)


def test_no_line_of_a_chinese_paragraph_is_broken() -> None:
    # a break in the source is shown as a blank, which Chinese has not
    for name in PAGE_NAMES:
        text = read_prose(guide_folder("zh_CN") / f"{name}.md")
        assert not re.findall(r"[，。；：、）\u4e00-\u9fff]\n[\u4e00-\u9fff（“]", text), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_examples_of_files_are_read_as_they_stand(language: str, tmp_path: Path) -> None:
    text = (guide_folder(language) / "formats.md").read_text(encoding="utf-8")
    folder = tmp_path / "hall.expoflow"
    folder.mkdir()
    examples = re.findall(r"^## ([a-z.]+\.toml) .*?^```toml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    for name, example in examples:
        (folder / name).write_text(example, encoding="utf-8")
    names = ["venue.toml", "schedules.toml", "timeline.toml"]
    assert [name for name, _example in examples] == names
    venue = read_venue(folder)
    assert [camera.name for camera in venue.cameras] == ["north"]
    assert [schedule.name for schedule in read_schedules(folder).schedules] == ["Evening"]
    assert [event.name for event in read_timeline(folder).events] == ["Opening talk"]


def test_a_bundle_names_its_own_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    text = "\n".join(page.markdown for page in read_guide("en"))
    assert "expoflow service status" in text
    assert "python -m app" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_module_that_the_guide_names_is_there(language: str) -> None:
    text = "".join((guide_folder(language) / f"{name}.md").read_text(encoding="utf-8") for name in PAGE_NAMES)
    named = set(re.findall(r"`((?:app|vision|analytics|tests|packaging)/[\w/-]+\.(?:py|ps1))`", text))
    assert len(named) >= 10
    assert [path for path in sorted(named) if not Path(path).is_file()] == []
