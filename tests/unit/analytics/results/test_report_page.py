"""A report as one HTML page: all of it there, nothing loaded, nothing run, every text escaped."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import pytest

from analytics.results.content import Branding, Paragraph, ReportContent, Section
from analytics.results.html_writer import write_html
from tests.support.reports.sample_report import make_sample_report

PNG_START = b"\x89PNG\r\n\x1a\n"
VOID = {"meta", "img", "br"}


class TagCounter(HTMLParser):
    """Fails at a tag that is closed wrongly."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def write(content: ReportContent) -> str:
    return write_html(content, draw=lambda chart: f"<svg><title>{chart.key}</title></svg>")


def read(page: str) -> TagCounter:
    counter = TagCounter()
    counter.feed(page)
    assert not counter.open
    return counter


def test_the_page_contains_the_whole_report() -> None:
    found = read(write(make_sample_report()))
    text = " ".join(found.texts)
    for words in (
        "今天有 1,008 人进入展馆。",
        "1,008",
        "42.1",
        "40.0–44.5",
        "98.7 %",
        "咖啡厅未观测。",
        "occupancy",
        "presence",
    ):
        assert words in text, words
    assert found.tags.count("svg") == 3
    assert found.tags.count("table") == 1


def test_nothing_is_loaded_or_run_and_texts_are_escaped() -> None:
    evil = '<script>alert(1)</script><img src="http://example.com/x.png">'
    content = dataclasses.replace(
        make_sample_report(),
        title=evil,
        venue=evil,
        branding=Branding(evil, PNG_START, "#123456"),
        sections=(Section("a", evil, (Paragraph(evil),)),),
    )
    page = write(content)
    found = read(page)
    assert "script" not in found.tags
    assert found.tags.count("img") == 1
    assert not re.search(r'(src|href)="(?!data:|#)', page)
    assert "default-src 'none'" in page
    assert evil in "".join(found.texts)


@pytest.mark.parametrize(
    ("logo", "kind"), [(PNG_START, "png"), (b"\xff\xd8\xff", "jpeg"), (b"<svg/>", "svg+xml")]
)
def test_a_logo_is_embedded(logo: bytes, kind: str) -> None:
    content = dataclasses.replace(make_sample_report(), branding=Branding("Fair", logo))
    assert f'src="data:image/{kind};base64,' in write(content)
