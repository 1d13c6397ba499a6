"""Faults of reports: explained in both languages, without partial files."""

from __future__ import annotations

import dataclasses
import socket
import struct
import subprocess
import zlib
from dataclasses import replace
from datetime import time
from pathlib import Path

import pytest

from analytics.domain.errors import ExpoFlowError, OutputError, VenueError
from analytics.results.content import Branding
from app.core.credentials import Credential, MemoryCredentialStore
from app.error_reporting import describe_error
from app.print.report_files import write_report_file
from app.reports.report_outbox import Delivery, make_mail_key, send_report, try_delivery
from app.reports.report_template import ReportFormat, name_file
from app.reports.schedule_file import MailServer, Rhythm, Schedule, Target, set_mail_server
from resources.translations import load_translations
from tests.support.reports.sample_report import make_sample_report
from tests.support.servers.mail_server import serve_mail

# painting makes an application without windows where there is none, and a later test needs one with them
pytestmark = pytest.mark.usefixtures("qapp")

OLD = b"the report of yesterday"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">%s<rect width="40" height="20"/></svg>'
LAUGHS = (
    b'<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"".join(b"&%c;" % (97 + n) for _ in range(10))) for n in range(1, 9)
    )
    + b"]>"
    + SVG % b"<text>&j;</text>"
)


def make_bomb(side: int) -> bytes:
    """A PNG of a few kilobytes that is ``side`` pixels high and wide."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def expect_message(error: ExpoFlowError, *named: str) -> None:
    """A problem and a remedy in both languages, which name the thing."""
    english, chinese = (
        describe_error(error, translate=load_translations(language).gettext) for language in ("en", "zh_CN")
    )
    for report in (english, chinese):
        assert report.problem
        assert report.remedy
        assert all(name in f"{report.problem} {report.remedy}" for name in named), report
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese.problem)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese.remedy)


def expect_no_change(folder: Path, chosen: ReportFormat, *named: str) -> None:
    """The report is refused, and the folder as it was."""
    file = name_file(folder / "report", chosen)
    file.write_bytes(OLD)
    before = {one.name: one.stat().st_size for one in folder.iterdir()}
    with pytest.raises(OutputError) as caught:
        write_report_file(folder / "report", make_sample_report(), chosen)
    expect_message(caught.value, file.name, *named)
    assert {one.name: one.stat().st_size for one in folder.iterdir()} == before
    assert file.read_bytes() == OLD
    file.unlink()


def test_a_full_disk_keeps_the_old_report(small_disk: Path) -> None:
    # room for the beginning of every format, and for the whole of none
    (small_disk / "others").write_bytes(bytes(8 * 1024))
    for chosen in ReportFormat:
        if chosen in (ReportFormat.CSV, ReportFormat.PARQUET, ReportFormat.XLSX):
            (small_disk / "more").write_bytes(bytes(4 * 1024))
        expect_no_change(small_disk, chosen)
        (small_disk / "more").unlink(missing_ok=True)


def test_a_read_only_disk_keeps_the_old_report(small_disk: Path) -> None:
    for chosen in ReportFormat:
        file = name_file(small_disk / "report", chosen)
        file.write_bytes(b"")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    for chosen in ReportFormat:
        with pytest.raises(OutputError) as caught:
            write_report_file(small_disk / "report", make_sample_report(), chosen)
        expect_message(caught.value, name_file(small_disk / "report", chosen).name)


@pytest.mark.parametrize("chosen", list(ReportFormat))
def test_a_missing_or_invalid_folder_is_named(chosen: ReportFormat, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "nowhere", tmp_path / "file"):
        with pytest.raises(OutputError) as caught:
            write_report_file(folder / "report", make_sample_report(), chosen)
        expect_message(caught.value, str(folder))
    name_file(tmp_path / "report", chosen).mkdir()
    with pytest.raises(OutputError) as caught:
        write_report_file(tmp_path / "report", make_sample_report(), chosen)
    expect_message(caught.value, "report")
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(
        ["file", name_file(tmp_path / "report", chosen).name]
    )


@pytest.mark.parametrize("chosen", list(ReportFormat))
@pytest.mark.parametrize(
    "logo",
    [
        pytest.param(b"not a picture", id="text"),
        pytest.param(make_bomb(60_000), id="bomb"),
        pytest.param(SVG % b"<script>alert(1)</script>", id="script"),
        pytest.param(LAUGHS, id="entities"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="cut"),
    ],
)
def test_an_invalid_logo_is_rejected_in_every_format(
    chosen: ReportFormat, logo: bytes, tmp_path: Path
) -> None:
    branded = dataclasses.replace(make_sample_report(), branding=Branding("Fair", logo))
    with pytest.raises(OutputError) as caught:
        write_report_file(tmp_path / "report", branded, chosen)
    expect_message(caught.value, "PNG")
    assert list(tmp_path.iterdir()) == []


def send(
    mail: MailServer, to: str, folder: Path, *, taken_by: tuple[str, ...] = (), login: bool = False
) -> None:
    file = folder / "report.pdf"
    file.write_bytes(b"%PDF")
    store = MemoryCredentialStore()
    if login:
        store.store(make_mail_key(mail), Credential(mail.user, "wrong"))
    schedule = Schedule("Evening", "daily", Rhythm.DAY, time(18, 30), Target.MAIL, to)
    send_report([file], schedule, title="Daily", mail=mail, credentials=store, taken_by=taken_by)


def test_a_rejected_login_names_the_user(tmp_path: Path) -> None:
    with serve_mail() as server:
        mail = MailServer("127.0.0.1", server.port, "wang", "hall@example.com")
        with pytest.raises(OutputError) as caught:
            send(mail, "a@example.com", tmp_path, login=True)
        expect_message(caught.value, "127.0.0.1")
        server.has_login = True
        with pytest.raises(OutputError) as caught:
            send(mail, "a@example.com", tmp_path, login=True)
    expect_message(caught.value, "wang", "535")
    assert "wrong" not in str(caught.value)
    assert server.messages == []


def test_mail_to_another_computer_is_never_unencrypted(tmp_path: Path) -> None:
    with serve_mail("127.0.0.2") as server:
        mail = MailServer("127.0.0.2", server.port, "", "hall@example.com")
        with pytest.raises(OutputError) as caught:
            send(mail, "a@example.com", tmp_path)
        expect_message(caught.value, "STARTTLS", str(server.port))
        with pytest.raises(OutputError) as caught:
            send(replace(mail, uses_tls_at_once=True), "a@example.com", tmp_path)
        expect_message(caught.value, str(server.port), "465")
    assert server.messages == []


def test_an_unreachable_server_and_a_refused_sender_are_explained(tmp_path: Path) -> None:
    with serve_mail() as server:
        mail = MailServer("127.0.0.1", server.port, "", "hall@example.com")
        server.refuses_sender = True
        with pytest.raises(OutputError) as caught:
            send(mail, "a@example.com", tmp_path)
        expect_message(caught.value, "hall@example.com", "553")
    with pytest.raises(OutputError) as caught:
        send(mail, "a@example.com", tmp_path)
    expect_message(caught.value, str(mail.port))
    with pytest.raises(OutputError) as caught:
        send(replace(mail, host="mail.invalid"), "a@example.com", tmp_path)
    expect_message(caught.value, "mail.invalid")


def test_accepted_recipients_get_a_report_once(tmp_path: Path) -> None:
    with serve_mail() as server:
        mail = MailServer("127.0.0.1", server.port, "", "hall@example.com")
        server.unknown, to = "b@example.com", "a@example.com, b@example.com"
        delivery = Delivery("Evening", 0.0, ("report.pdf",), "Daily", 0.0)
        refused = try_delivery(
            delivery, lambda one: send(mail, to, tmp_path, taken_by=one.taken_by), now_utc_s=1.0
        )
        assert refused.sent_s is None
        assert "b@example.com" in refused.describe_problem()
        assert refused.taken_by == ("a@example.com",)
        server.unknown = ""
        taken = try_delivery(
            refused, lambda one: send(mail, to, tmp_path, taken_by=one.taken_by), now_utc_s=2.0
        )
    assert taken.sent_s == 2.0
    assert server.recipients == ["a@example.com", "b@example.com"]


@pytest.mark.parametrize("is_implicit", [False, True])
def test_mail_is_never_sent_to_a_link_local_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_implicit: bool
) -> None:
    mail = MailServer("169.254.169.254", 587, "", "hall@example.com", is_implicit)
    with pytest.raises(VenueError, match="link-local"):
        set_mail_server(tmp_path, mail)
    with pytest.raises(OutputError, match="link-local"):
        send(mail, "a@example.com", tmp_path)
    link_local = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.1.1", 587))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: link_local)
    with pytest.raises(OutputError, match=r"'mail\.example\.com' resolves to 169\.254\.1\.1"):
        send(replace(mail, host="mail.example.com"), "a@example.com", tmp_path)
