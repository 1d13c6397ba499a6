"""What is told about privacy is what is set, and nothing is told that nobody has said."""

from __future__ import annotations

import dataclasses
import re
from datetime import time
from pathlib import Path

import pypdfium2
import pytest

from analytics.domain.errors import VenueError
from app.access.audit_log import record_audit
from app.core.document import Venue
from app.core.file_format import write_venue
from app.core.privacy_file import PreviewMode, PrivacySettings, read_privacy
from app.integrations.rest.rest_settings import RestSettings, write_rest
from app.print.privacy_files import RECORD_FILE, SIGN_FILE, write_privacy_pack
from app.privacy.edit_privacy import change_privacy
from app.privacy.privacy_facts import PICTURE_SAVED, read_privacy_facts
from app.privacy.privacy_pack import make_privacy_pack
from app.recording.health_log import RETENTION_DAYS
from app.reports.schedule_file import Rhythm, Schedule, Schedules, Target, write_schedules
from tests.support.halls.walked_hall import SetClock, make_hall

TOLD = PrivacySettings(PreviewMode.SILHOUETTES, "Fair Ltd. 展会公司", "privacy@fair.example")


@pytest.fixture
def hall(tmp_path: Path) -> Venue:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    settings = dataclasses.replace(venue.settings, tracks_kept_days=14.0)
    venue = dataclasses.replace(venue, settings=settings)
    write_venue(venue)
    return venue


def read_pdf(file: Path) -> str:
    with pypdfium2.PdfDocument(file) as document:
        return " ".join(page.get_textpage().get_text_bounded() for page in document).replace("\r\n", " ")


def test_without_a_name_and_a_contact_there_is_no_pack(hall: Venue) -> None:
    with pytest.raises(VenueError, match="'organiser'"):
        make_privacy_pack(hall, language="en")
    change_privacy(hall.folder, dataclasses.replace(TOLD, contact=" "))
    with pytest.raises(VenueError, match="'contact'"):
        make_privacy_pack(hall, language="en")


def test_the_pack_says_what_is_set_in_both_languages(hall: Venue, tmp_path: Path) -> None:
    change_privacy(hall.folder, TOLD)
    schedule = Schedule("Evening", "daily", Rhythm.DAY, time(19), Target.MAIL, "boss@fair.example")
    write_schedules(hall.folder, Schedules((schedule,)))
    write_rest(hall.folder, RestSettings(is_enabled=True))
    out = tmp_path / "pack"
    write_privacy_pack(out, make_privacy_pack(hall, language="zh_CN", clock=SetClock()))
    sign, record = (read_pdf(out / name) for name in (SIGN_FILE, RECORD_FILE))
    for text in ("Visitors are counted here", "本处统计访客人数", "Fair Ltd. 展会公司", "14 days", "14 天"):
        assert text in sign
    assert sign.index("本处") < sign.index("Visitors")
    for text in ("boss@fair.example", "127.0.0.1:8765", "14 天", "只显示人形", "不是法律意见", "north"):
        assert text in record
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", record), "nothing is left in English"

    english = make_privacy_pack(hall, language="en", clock=SetClock())
    write_privacy_pack(out, english)
    assert "It is not legal advice" in read_pdf(out / RECORD_FILE)
    assert "boss@fair.example, by mail" in read_pdf(out / RECORD_FILE)


def test_the_record_says_what_clothes_are_for_and_nothing_against_it(hall: Venue, tmp_path: Path) -> None:
    change_privacy(hall.folder, TOLD)
    for language, word in (("en", "clothes"), ("zh_CN", "衣着")):
        write_privacy_pack(tmp_path, make_privacy_pack(hall, language=language, clock=SetClock()))
        record = read_pdf(tmp_path / RECORD_FILE)
        assert record.count(word) == 1


def test_facts_follow_the_folder(hall: Venue) -> None:
    before = read_privacy_facts(hall)
    assert (before.settings, before.kept_days, before.recipients) == (PrivacySettings(), 14.0, ())
    assert {one.key: one.count for one in before.exceptions if one.key != "set-up"} == {
        "clips": 0,
        "saved": 0,
        "recordings": 0,
    }
    record_audit(hall.folder, PICTURE_SAVED, {"camera": "north"})
    (hall.folder / "validation").mkdir()
    (hall.folder / "validation" / "1-2.clips").write_bytes(b"sealed")
    (hall.folder / "rollups").mkdir()
    (hall.folder / "rollups" / "table").write_bytes(b"12345")
    after = read_privacy_facts(hall)
    assert {one.key: one.count for one in after.exceptions}["saved"] == 1
    assert {one.key: one.count for one in after.exceptions}["clips"] == 1
    assert {kind.key: kind.size_bytes for kind in after.stored}["figures"] == 5


def test_the_record_tells_of_users_of_health_that_goes_and_of_what_a_repair_put_aside(hall: Venue) -> None:
    assert "put-aside" not in {kind.key for kind in read_privacy_facts(hall).stored}
    (hall.folder / "access.toml").write_bytes(b"x" * 7)
    (hall.folder / "events.damaged-20261126T090000Z.sqlite").write_bytes(b"x" * 9)
    stored = {kind.key: kind for kind in read_privacy_facts(hall).stored}
    assert stored["users"].size_bytes >= 7
    assert str(stored["health"].kept) == f"{RETENTION_DAYS} days"
    assert stored["put-aside"].where == ("events.damaged-20261126T090000Z.sqlite",)
    assert (stored["put-aside"].size_bytes, stored["put-aside"].shows_persons) == (9, True)


def test_what_cannot_be_read_is_said_and_stops_the_pack(hall: Venue) -> None:
    change_privacy(hall.folder, TOLD)
    (hall.folder / "schedules.toml").write_text("format = 99\n")
    assert len(read_privacy_facts(hall).unreadable) == 1
    with pytest.raises(VenueError, match="would be incomplete"):
        make_privacy_pack(hall, language="en")


def test_settings_of_a_later_time_or_of_nonsense_are_refused(hall: Venue) -> None:
    assert read_privacy(hall.folder) == PrivacySettings()
    with pytest.raises(VenueError, match="'organiser' is longer than 500"):
        change_privacy(hall.folder, PrivacySettings(organiser="x" * 501))
    assert not (hall.folder / "privacy.toml").exists()
    for text in ("format = 2\n", "format = 1\n", "format = 1\npreviews = 'plain'\norganiser = 3\n"):
        (hall.folder / "privacy.toml").write_text(text)
        with pytest.raises(VenueError, match="Until then, no pictures"):
            read_privacy(hall.folder)
