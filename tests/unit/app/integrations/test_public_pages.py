"""Public pages and signs: what they tell, what they hide, and what nobody can ask for."""

from __future__ import annotations

import dataclasses
import re
import socket
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.domain.errors import VenueError
from analytics.domain.exhibition import find_time_zone
from analytics.domain.zone_targets import AlarmMeasure
from analytics.metrics.clock_profile import read_clock
from analytics.rollups.zone_blocks import BlockSums
from app.core.file_format import write_venue
from app.facts.period_facts import read_period_facts
from app.integrations.enabled_publishers import is_any_publisher_enabled, open_publishers
from app.integrations.hall_snapshot import HallSnapshot, ZoneSnapshot
from app.integrations.public.public_pages import HALL, PublicPages
from app.integrations.public.public_server import PublicServer, make_public_app, open_public
from app.integrations.public.public_settings import PublicSettings, read_public, save_public
from app.integrations.public.usual_day import UsualHour, compute_usual_day
from app.integrations.rest.rest_settings import RestSettings, save_rest
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through
from tests.support.waiting import wait_until

CAFE = "Café / 咖啡 <b>"
SETTINGS = PublicSettings(True, shows_hall=True, zones=("Robotics", CAFE))
MAX_BYTES = 100_000
Ask = Callable[..., str]


def make_snapshot(
    people: int | None, *, at_s: float = NOW_UTC_S, capacity: int | None = 50, alarm: str | None = None
) -> HallSnapshot:
    alarms = () if alarm is None else (Alarm(AlarmKey(AlarmMeasure.PEOPLE, alarm), at_s - 60, 2.0, 3.0),)
    return HallSnapshot(
        "hall",
        at_s,
        is_observed=people is not None,
        people=people,
        capacity=200,
        zones=(
            ZoneSnapshot("Robotics", "booth", people, capacity),
            ZoneSnapshot(CAFE, "catering", people),
            ZoneSnapshot("Back office", "other", 17, 20),
        ),
        alarms=alarms,
    )


class Served:
    """The pages of a hall, and a client."""

    def __init__(self, hours: Mapping[str, tuple[UsualHour, ...]] | None = None) -> None:
        self.clock = SetClock()
        self.pages = PublicPages(
            SETTINGS,
            venue="Spring Tech Expo",
            time_zone="Asia/Shanghai",
            clock=self.clock,
            list_hours=lambda: hours or {},
        )
        app = make_public_app(self.pages, settings=SETTINGS, venue="Spring Tech Expo", clock=self.clock)
        self.client = TestClient(app, raise_server_exceptions=False)

    def ask(self, path: str, language: str = "en") -> str:
        found = self.client.get(path, headers={"accept-language": language})
        assert found.status_code == 200, path
        assert len(found.content) < MAX_BYTES
        return found.text


@pytest.fixture
def served() -> Served:
    return Served()


def find_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as bound:
        return int(bound.getsockname()[1])


def read_state(page: str) -> str:
    found = re.search(r'<body class="sign (\w+)">', page)
    assert found
    return found[1]


def test_the_page_tells_each_published_place_in_both_languages(served: Served) -> None:
    served.pages.take(make_snapshot(46))
    page = served.ask("/now")
    assert "<h1>Spring Tech Expo</h1>" in page
    for text in ("Whole hall", "Robotics", "Busy", "92 %", "46 people · room for 50", "Updated at 12:00"):
        assert text in page
    assert "Caf\xe9 / 咖啡 &lt;b&gt;" in page
    assert "Back office" not in page
    assert '<html lang="en">' in page
    chinese = served.ask("/now", "zh-CN,zh;q=0.9")
    for text in ('<html lang="zh-CN">', "繁忙", "92%", "46 人 · 可容纳 50 人", "更新时间：12:00"):
        assert text in chinese
    assert served.ask("/now?lang=zh_CN") == chinese
    for forbidden in ("<script", "http://", "https://", "style=", "onclick"):
        assert forbidden not in page


def test_a_sign_follows_the_rule_and_turns_to_no_data_but_never_to_zero(served: Served) -> None:
    found = []
    for people in (None, 10, 45, 50, 61, None):
        served.pages.take(make_snapshot(people))
        found.append(read_state(served.ask("/sign/Robotics")))
    assert found == ["none", "free", "busy", "full", "full", "none"]
    page = served.ask("/sign/Robotics")
    assert "No data" in page
    assert not re.search(r"\d+ (people|person)|room for", page)
    assert '<meta http-equiv="refresh" content="5">' in page


def test_an_open_alarm_on_people_makes_a_place_full(served: Served) -> None:
    served.pages.take(make_snapshot(20, alarm="Robotics"))
    assert read_state(served.ask("/sign/Robotics")) == "full"
    assert read_state(served.ask("/sign")) == "free"
    served.pages.take(make_snapshot(20, alarm=""))
    assert read_state(served.ask("/sign")) == "full"


def test_counts_below_five_are_hidden(served: Served) -> None:
    for people in range(5):
        served.pages.take(make_snapshot(people))
        for path in ("/now", "/sign/Robotics", "/sign"):
            page = served.ask(path)
            assert "fewer than 5 people" in page
            assert not re.search(rf"\b{people} (people|person)\b|\d %", page)
    served.pages.take(make_snapshot(5))
    assert "5 people · room for 50" in served.ask("/now")


def test_old_data_says_how_old_and_a_frozen_server_shows_no_data(served: Served) -> None:
    served.pages.take(make_snapshot(46))
    served.clock.now_s += 300.0
    assert read_state(served.ask("/sign/Robotics")) == "none"
    assert "last data 5 minutes ago: Busy" in served.ask("/now")
    assert "最后的数据在 5 分钟前：繁忙" in served.ask("/now", "zh")
    served.pages.take(make_snapshot(None, at_s=served.clock.now_s))
    assert "last data 5 minutes ago: Busy" in served.ask("/now")
    served.clock.now_s += 3600.0
    assert "last data" not in served.ask("/now")


def test_a_place_without_capacity_has_a_number_and_no_state(served: Served) -> None:
    served.pages.take(make_snapshot(46))
    page = served.ask("/sign/" + quote(CAFE))
    assert (read_state(page), "46 people" in page, "room for" in page) == ("open", True, False)


def test_the_usual_day_is_told_by_hour() -> None:
    served = Served({HALL: (UsualHour(9, 0.25), UsualHour(10, 1.0), UsualHour(16, 0.5))})
    page = served.ask("/now")
    assert "Usually quietest 09:00–10:00, busiest 10:00–11:00" in page
    assert page.count('<th scope="row">') == 3


def test_a_page_is_rendered_once_for_a_snapshot_and_compressed(served: Served) -> None:
    served.pages.take(make_snapshot(46))
    first = served.pages.render(None, "en")
    assert served.pages.render(None, "en") is first
    headers = {"accept-encoding": "gzip", "accept-language": "en"}
    found = served.client.get("/now", headers=headers)
    assert (found.headers["content-encoding"], found.headers["cache-control"]) == ("gzip", "no-cache")
    assert "set-cookie" not in found.headers
    assert found.headers["content-security-policy"].startswith("default-src 'none'")
    known = served.client.get("/now", headers=headers | {"if-none-match": found.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_nothing_else_is_found(served: Served) -> None:
    for path in ("/", "/sign/Back%20office", "/sign/none", "/v1/now", "/openapi.json"):
        assert served.client.get(path, follow_redirects=False).status_code == 404, path
    assert "Back office" not in served.client.get("/sign/Back%20office").text
    assert served.client.post("/now").status_code == 405


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    root=st.sampled_from(["/now", "/sign", "/sign/", "/style.css", "/"]),
    tail=st.text(max_size=40),
    query=st.text(max_size=40),
    header=st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60),
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]),
)
def test_no_request_makes_an_error_of_the_server(
    served: Served, root: str, tail: str, query: str, header: str, method: str
) -> None:
    served.pages.take(make_snapshot(46))
    names = ("accept-language", "accept-encoding", "if-none-match", "host", "range")
    sent = [(name.encode(), header.strip().encode("latin-1")) for name in names]
    path = root + quote(tail, safe="")
    found = served.client.request(method, f"{path}?lang={quote(query)}", headers=sent)
    assert found.status_code in (200, 304, 404, 405)


def test_the_usual_day_is_that_of_the_block_sums(tmp_path: Path) -> None:
    venue = make_hall(tmp_path)
    walk_through(venue, start_s=NOW_UTC_S - 2 * 3600, duration_s=5400.0)
    tomorrow_s = NOW_UTC_S + 86400.0
    found = compute_usual_day(venue, (HALL, "Robotics"), now_utc_s=tomorrow_s)
    assert set(found) == {HALL, "Robotics"}
    day = venue.exhibition.day_interval_utc(venue.exhibition.local_day(NOW_UTC_S))
    facts = read_period_facts(venue=venue, period_s=day, names=("zone_blocks",))
    assert facts is not None
    sums = BlockSums(facts.tables["zone_blocks"])
    hour = read_clock(sums.starts_s, find_time_zone("Asia/Shanghai")).hour
    mean = {
        at: sums.read("Robotics", "person_seconds")[hour == at].sum()
        / sums.read("Robotics", "observed_s")[hour == at].sum()
        for at in (one.hour for one in found["Robotics"])
    }
    assert {one.hour: one.share for one in found["Robotics"]} == pytest.approx(
        {at: value / max(mean.values()) for at, value in mean.items()}
    )
    # on the day itself it is not closed
    assert compute_usual_day(venue, (HALL,), now_utc_s=NOW_UTC_S) == {}


def test_the_pages_are_off_until_they_are_switched_on(tmp_path: Path) -> None:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    folder = venue.folder
    assert open_public(folder) is None
    assert not is_any_publisher_enabled(folder)
    with pytest.raises(VenueError, match="Nothing would be published"):
        save_public(folder, PublicSettings(True, shows_hall=False))
    with pytest.raises(VenueError, match="not a web address"):
        save_public(folder, PublicSettings(True, address="expo.example.org"))
    save_rest(folder, RestSettings(True))
    with pytest.raises(VenueError, match="uses port 8765 already"):
        save_public(folder, PublicSettings(True, port=8765))
    save_rest(folder, RestSettings())
    chosen = PublicSettings(True, port=find_port(), zones=("Robotics", "Café"))
    save_public(folder, chosen)
    assert read_public(folder) == chosen
    assert is_any_publisher_enabled(folder)
    (server,) = open_publishers(folder)
    assert isinstance(server, PublicServer)
    try:
        before = sorted(path.name for path in folder.iterdir())

        def ask(path: str) -> str:
            with urllib.request.urlopen(chosen.url + path, timeout=10) as answer:
                return str(answer.read().decode())

        assert "No data" in ask("/sign/Robotics")
        server.publish(dataclasses.replace(make_snapshot(30), at_utc_s=time.time()))
        wait_until(lambda: 'class="sign free"' in ask("/sign/Robotics"))
        assert 'class="sign none"' in ask("/sign/Caf%C3%A9")
        assert sorted(path.name for path in folder.iterdir()) == before
    finally:
        server.close()
