from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PySide6.QtWidgets import QApplication

from app.core.document import Venue
from app.core.number_words import make_translator
from app.print.certificate_page import write_certificate
from app.validation.validation_certificate import (
    Certificate,
    CertifiedModel,
    describe_figures,
    describe_missing,
    describe_row,
    make_certificate,
)
from app.validation.validation_labels import ValidationLabels
from app.validation.validation_scores import ValidationScores, score_validation
from tests.support.halls.validated_venue import START_S, label_venue, make_validated_venue

FAIR = "第十二届西湖国际博览会"
ISSUED_S = START_S + 2 * 86400.0
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    return make_validated_venue(tmp_path_factory.mktemp("validated"))


@pytest.fixture(scope="module")
def labels() -> ValidationLabels:
    return label_venue()


@pytest.fixture(scope="module")
def scored(venue: Venue, labels: ValidationLabels) -> ValidationScores:
    return score_validation(venue, labels)


@pytest.fixture
def certificate(
    venue: Venue, labels: ValidationLabels, scored: ValidationScores, tmp_path: Path
) -> Certificate:
    made = make_certificate(venue, labels, scored, now_utc_s=ISSUED_S, user_models=tmp_path)
    return replace(
        made,
        title="第十二届西湖国际博览会",
        labelled_by=("李伟", "Zhang"),
        model=CertifiedModel("yolo26n", DIGEST),
    )


def read_text(file: Path) -> str:
    document = pypdfium2.PdfDocument(file)
    try:
        assert len(document) == 1
        return document[0].get_textpage().get_text_range()
    finally:
        document.close()


def squeeze(text: str) -> str:
    return "".join(text.split())


COMMON = (
    "第十二届西湖国际博览会",
    "hall3",
    "2026-03-16",
    "李伟",
    "ExpoFlow",
    "yolo26n",
    DIGEST,
    "SHA-256",
    "north",
)
ENGLISH = (
    "Accuracy certificate",
    "Counting accuracy",
    "90.0 %",
    "82.5 to 97.5 %",
    "108 counted, 120 true crossings in",
    "10 clips, 10.0 minutes, 2026-03-14 09:31 to 2026-03-14 09:50",
    "Occupancy error",
    "Dwell error",
    "Floor error",
    "All cameras",
    "Hours of the day with clips (Asia/Shanghai): 9:00.",
    "90.0 % of the true crossings were found within 2 s",
    "The calibration error at 10 marks with known positions is 0.10 m",
    "Intervals contain the true value in 95 of",
    "With the consent of Li Wei, the clips were stored encrypted",
)
CHINESE = (
    "准确度证书",
    "计数准确度",
    "90.0%",
    "82.5% 至 97.5%",
    "系统计数 108，真实通过 120",
    "10 个片段，10.0 分钟，2026-03-14 09:31 至 2026-03-14 09:50",
    "在场人数误差",
    "停留时间误差",
    "位置误差",
    "全部摄像头",
    "有片段的时段（Asia/Shanghai）：9:00。",
    "真实通过中有 90.0% 在 2 秒内被找到",
    "标定误差为 0.10 米",
    "随机抽取短片段。",
    "经 Li Wei 同意，片段仅在标注期间加密保存在场馆的机器上",
)


@pytest.mark.parametrize(("language", "texts"), [("en", ENGLISH), ("zh_CN", CHINESE)])
def test_every_word_of_the_page_can_be_searched(
    qapp: QApplication, certificate: Certificate, tmp_path: Path, language: str, texts: tuple[str, ...]
) -> None:
    file = tmp_path / "certificate.pdf"
    write_certificate(file, certificate, language=language)
    text = squeeze(read_text(file))
    missing = [wanted for wanted in (*COMMON, *texts) if squeeze(wanted) not in text]
    assert not missing
    # Kangxi radicals look like characters, and nobody finds them
    assert not [char for char in text if 0x2E80 <= ord(char) <= 0x2FDF]


def test_the_document_says_what_it_is(qapp: QApplication, certificate: Certificate, tmp_path: Path) -> None:
    file = tmp_path / "certificate.pdf"
    write_certificate(file, certificate, language="zh_CN")
    document = pypdfium2.PdfDocument(file)
    try:
        properties = document.get_metadata_dict()
        assert properties["Title"] == "准确度证书 – " + FAIR
        assert properties["Creator"] == f"ExpoFlow {certificate.software_version}"
        assert document[0].get_size() == pytest.approx((595, 842), abs=1)
    finally:
        document.close()
    assert b"/Subtype /Image" not in file.read_bytes()  # vectors alone
    assert file.stat().st_size < 200_000


def list_words(file: Path) -> Iterator[tuple[float, float, float, float]]:
    document = pypdfium2.PdfDocument(file)
    try:
        page = document[0].get_textpage()
        yield from (page.get_rect(index) for index in range(page.count_rects()))
    finally:
        document.close()


def find_overlaps(rects: list[tuple[float, float, float, float]]) -> list[tuple[int, int]]:
    left, bottom, right, top = np.array(rects).T
    # ascenders and descenders may touch
    wide = np.minimum(right[:, None], right) - np.maximum(left[:, None], left)
    high = np.minimum(top[:, None], top) - np.maximum(bottom[:, None], bottom)
    first, second = np.nonzero(np.triu((wide > 0.5) & (high > 1.0), 1))
    return list(zip(first.tolist(), second.tolist(), strict=True))


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_nothing_lies_on_anything_else_nor_off_the_page(
    qapp: QApplication, certificate: Certificate, tmp_path: Path, language: str
) -> None:
    crowded = replace(
        certificate,
        title=FAIR * 8,
        labelled_by=("Alexandra Featherstonehaugh",) * 6,
        cameras=certificate.cameras * 15,
        hours=tuple(range(9, 19)),
        people=(1.0, 2.0, 3.0),
        unobserved=3,
        excludes_staff=True,
        not_validated=("east gate", "west gate", "bar"),
    )
    file = tmp_path / "crowded.pdf"
    write_certificate(file, crowded, language=language)
    rects = list(list_words(file))
    assert len(rects) > 100
    assert not find_overlaps(rects)
    off = [r for r in rects if not (r[0] >= 36 and r[2] <= 559 and r[1] >= 36 and r[3] <= 815)]
    assert not off
    assert "more cameras" in read_text(file) or "台摄像头计入数字" in read_text(file)


def test_an_overlap_is_noticed() -> None:
    assert find_overlaps([(0, 0, 10, 10), (5, 5, 20, 20), (30, 0, 40, 10)]) == [(0, 1)]


@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_too_little_is_said_and_gives_no_number(
    qapp: QApplication, venue: Venue, tmp_path: Path, language: str
) -> None:
    few = label_venue(clips=3)
    made = make_certificate(
        venue, few, score_validation(venue, few), now_utc_s=ISSUED_S, user_models=tmp_path
    )
    tr = make_translator(language)
    assert [figure.value for figure in describe_figures(made, tr)] == [None] * 4
    assert {value for value, _ in describe_row(made.total, tr)[3:]} == {"–"}
    missing = describe_missing(made, tr)
    assert len([sentence for sentence in missing if "20" in sentence]) == 4
    assert [str(measure) for measure in made.total.missing] == ["counting", "occupancy", "dwell", "floor"]
    file = tmp_path / "certificate.pdf"
    write_certificate(file, made, language=language)
    assert read_text(file).count(tr("Not enough labels")) == 4


def test_a_certificate_says_what_was_looked_at(certificate: Certificate) -> None:
    written = certificate.to_dict()
    assert written["format"] == 1
    assert written["issued_utc"] == "2026-03-16T01:30:00.000Z"
    assert certificate.hours == (9,)
    assert certificate.people == pytest.approx((4.0, 4.0, 4.0), abs=1.0)
    assert certificate.cameras[0].calibration_rms_m == pytest.approx(0.0, abs=1e-6)
    assert certificate.not_validated == ()


WITHOUT_A_DISPLAY = """
import os
for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
    os.environ.pop(name, None)
from app.print.pdf_file import paint_pdf
from app.print.page_painter import TextStyle
content = paint_pdf(title="t", creator="c", paint=lambda page: page.text(10, 10, 100, "展览", TextStyle(9)))
print(content[:5].decode())
"""


def test_a_server_without_a_display_prints() -> None:
    printed = subprocess.run(
        [sys.executable, "-c", WITHOUT_A_DISPLAY],
        cwd=Path(__file__).parents[4],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert printed.stdout == "%PDF-\n", printed.stderr
