"""Reports in the programs that people read them with: a browser and an office suite."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analytics.results.content import KeyFigures, ReportContent
from app.print.report_files import write_report_file
from app.reports.report_template import ReportFormat, Template
from tests.support.reports.made_reports import (
    ReportedVenues,
    list_table_words,
    share_reported_venues,
    squeeze,
)

# painting makes an application without windows where there is none, and a later test needs one with them
pytestmark = [pytest.mark.usefixtures("qapp"), pytest.mark.slow, pytest.mark.timeout(600)]

LANGUAGES = {Template.DAILY: "zh_CN", Template.COMPARISON: "en", Template.CERTIFICATE: "zh_CN"}
OUR_OWN_REQUEST = "not an origin"
"""Chromium says so of what it asks for itself."""


@pytest.fixture(scope="module")
def venues(tmp_path_factory: pytest.TempPathFactory) -> ReportedVenues:
    return share_reported_venues(tmp_path_factory)


def browse(page: Path, folder: Path) -> tuple[list[str], list[str], Path]:
    """What a page wrote to the console, what it asked for, and a picture of it."""
    browser = shutil.which("chromium")
    assert browser, "install chromium: make test-slow does"
    log, picture = folder / "net.json", folder / "page.png"
    command = [
        browser, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
        "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={folder / 'profile'}",
        f"--log-net-log={log}", "--enable-logging=stderr", "--window-size=1100,1600",
        f"--screenshot={picture}", page.as_uri(),
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    messages = [line for line in ran.stderr.splitlines() if "CONSOLE" in line]
    found = json.loads(log.read_text(encoding="utf-8"))
    start = found["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"]
    requests = [
        event["params"]["url"]
        for event in found["events"]
        if event["type"] == start
        and event.get("params", {}).get("initiator", OUR_OWN_REQUEST) != OUR_OWN_REQUEST
    ]
    return messages, requests, picture


@pytest.mark.parametrize("template", list(LANGUAGES))
def test_a_browser_shows_the_page_without_requests(
    venues: ReportedVenues, template: Template, tmp_path: Path
) -> None:
    content = venues.make(template, LANGUAGES[template])
    page = write_report_file(tmp_path / "report", content, ReportFormat.HTML)
    messages, requests, picture = browse(page, tmp_path)
    assert (messages, requests) == ([], [])
    with Image.open(picture) as image:
        shown = np.asarray(image.convert("RGB"))
    colour = tuple(int(content.branding.colour[place : place + 2], 16) for place in (1, 3, 5))
    is_branded = (np.abs(shown.astype(int) - colour) <= 2).all(axis=2)
    # the rule across the top, and the one below the first heading
    assert is_branded.any(axis=1).sum() >= 6
    assert 0.02 < (shown.min(axis=2) < 128).mean() < 0.6


def convert(file: Path, folder: Path) -> str:
    """The text of a file as LibreOffice prints it."""
    office = shutil.which("soffice")
    assert office, "install libreoffice-impress and libreoffice-calc: make test-slow does"
    command = [
        office, f"-env:UserInstallation={(folder / 'office').as_uri()}", "--headless", "--convert-to", "pdf",
        "--outdir", str(folder), str(file),
    ]  # fmt: skip
    subprocess.run(command, capture_output=True, timeout=400, check=True)
    told = subprocess.run(
        ["pdftotext", "-raw", str(file.with_suffix(".pdf")), "-"],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return squeeze(told.stdout)


def list_numbers(content: ReportContent) -> list[str]:
    """Key figures and the cells of tables, as they are read; signs and dashes are a format's own."""
    found = [
        figure.shown
        for block in content.list_blocks()
        if isinstance(block, KeyFigures)
        for figure in block.figures
    ]
    for table in content.list_tables():
        found += [word for word in list_table_words(table, content) if any(map(str.isdigit, word))]
    return [squeeze(word).lstrip("−-") for word in found]


@pytest.mark.parametrize("template", list(LANGUAGES))
@pytest.mark.parametrize("chosen", [ReportFormat.PPTX, ReportFormat.XLSX])
def test_an_office_suite_opens_it_with_its_numbers(
    venues: ReportedVenues, template: Template, chosen: ReportFormat, tmp_path: Path
) -> None:
    content = venues.make(template, LANGUAGES[template])
    text = convert(write_report_file(tmp_path / "report", content, chosen), tmp_path)
    assert squeeze(content.title) in text
    # a spreadsheet writes per cent by its own language
    spread = text.replace("%", "")
    wanted = [number.replace("%", "") for number in list_numbers(content)]
    assert len(wanted) > 20
    assert [number for number in wanted if number not in spread] == []
    assert "###" not in text
