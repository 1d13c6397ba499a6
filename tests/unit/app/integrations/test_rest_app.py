"""REST interface: access, responses and their agreement with the OpenAPI description."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from starlette.testclient import TestClient

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.domain.errors import VenueError
from analytics.domain.event_sink import Gap
from analytics.domain.identifiers import CameraId
from analytics.domain.zone_targets import AlarmMeasure
from analytics.store.sql_event_store import open_store
from app.core.document import Venue
from app.core.file_format import write_venue
from app.exhibition.exhibition_analysis import analyse_exhibition
from app.exhibition.exhibition_figures import OF_PLACE, STAND_COLUMNS, rank_by_place
from app.integrations.hall_snapshot import (
    CameraSnapshot,
    HallSnapshot,
    LatestSnapshot,
    LineSnapshot,
    ZoneSnapshot,
)
from app.integrations.rest.access_tokens import Scope, read_tokens
from app.integrations.rest.event_stream import EventStream, ListenerCount
from app.integrations.rest.hourly_summary import HistoryStep, read_hourly_summary
from app.integrations.rest.rest_server import RestParts, describe_api, make_rest_app
from app.integrations.rest.rest_settings import RestSettings, add_token, revoke_token
from app.integrations.serving import PublisherState
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through

if TYPE_CHECKING:
    import schemathesis  # slow to import

SNAPSHOT = HallSnapshot(
    "Spring Tech Expo",
    NOW_UTC_S,
    is_observed=True,
    observed_share=0.75,
    people=12,
    zones=(
        ZoneSnapshot("Robotics", "booth", 3, 10, 0.21, "A", 4, 55),
        ZoneSnapshot("Café / 咖啡", "queue", None, wait_s=None),
    ),
    lines=(LineSnapshot("door", "entrance", 80, 77),),
    cameras=(CameraSnapshot("north", "live", 4.9), CameraSnapshot("south", "down", down_s=31.0)),
    alarms=(Alarm(AlarmKey(AlarmMeasure.PEOPLE, "Robotics"), NOW_UTC_S - 60, 2.0, 3.0),),
)


@dataclasses.dataclass
class Served:
    """The interface of a venue, with a token for every scope."""

    venue: Venue
    parts: RestParts
    clock: SetClock
    app: FastAPI
    client: TestClient
    secret: str

    def get(self, path: str, secret: str | None = None, **headers: str) -> httpx2.Response:
        sent = self.secret if secret is None else secret
        return self.client.get(path, headers={"Authorization": f"Bearer {sent}", **headers})


@pytest.fixture
def served(tmp_path: Path) -> Served:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    _, secret = add_token(venue.folder, "all", list(Scope))
    clock = SetClock()
    parts = RestParts(venue.folder, RestSettings(True, requests_per_min=6000), clock=clock)
    parts.latest.replace(SNAPSHOT)
    app = make_rest_app(parts)
    return Served(venue, parts, clock, app, TestClient(app, raise_server_exceptions=False), secret)


def test_live_data_is_served_with_null_for_unknown_values(served: Served) -> None:
    answer = served.get("/v1/now")
    assert answer.status_code == 200
    now = answer.json()
    assert (now["people"], now["at_utc"], now["capacity"]) == (12, "2026-03-14T04:00:00Z", None)
    assert now["zones"] == served.get("/v1/zones").json()
    assert now["zones"][1]["people"] is None
    assert served.get("/v1/zones/Caf%C3%A9%20%2F%20%E5%92%96%E5%95%A1").json() == now["zones"][1]
    assert served.get("/v1/lines").json() == now["lines"]
    assert [camera["state"] for camera in served.get("/v1/cameras").json()] == ["live", "down"]
    (alarm,) = served.get("/v1/alarms").json()
    assert (alarm["measure"], alarm["zone"], alarm["camera"]) == ("people", "Robotics", None)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "server" not in answer.headers


def test_every_path_requires_a_token_with_its_scope(served: Served) -> None:
    _, secret = add_token(served.venue.folder, "sign at the door", [Scope.NOW])
    paths = [*describe_api(served.app)["paths"], "/openapi.json"]
    assert len(paths) == 11
    for path in paths:
        bare = served.client.get(path)
        assert bare.status_code == 401, path
        assert bare.headers["content-type"] == "application/problem+json"
        assert bare.headers["www-authenticate"] == "Bearer"
        assert served.get(path, secret="expoflow_" + "x" * 43).status_code == 401
        if "events" not in path:
            is_allowed = path not in ("/v1/history", "/v1/stands", "/metrics")
            assert (served.get(path, secret=secret).status_code != 403) == is_allowed, path


def test_a_revoked_token_is_rejected_at_once(served: Served) -> None:
    token, secret = add_token(served.venue.folder, "city", [Scope.NOW])
    assert served.get("/v1/now", secret=secret).status_code == 200
    revoke_token(served.venue.folder, token.token_id)
    assert served.get("/v1/now", secret=secret).status_code == 401
    assert served.get("/v1/now").status_code == 200
    assert secret not in (served.venue.folder / "integrations.toml").read_text(encoding="utf-8")
    assert [one.revoked_utc is None for one in read_tokens(served.venue.folder)] == [True, False]


def test_errors_follow_the_requested_language(served: Served) -> None:
    refused = served.get("/v1/zones/none", **{"Accept-Language": "zh-CN,zh;q=0.9"})
    assert refused.status_code == 404
    assert refused.json()["title"] == "没有展区“none”。"
    assert served.get("/v1/zones/none").json()["title"] == "There is no zone 'none'."


def test_an_old_snapshot_is_not_served_as_live(served: Served) -> None:
    served.clock.now_s += 11.0
    late = served.get("/v1/now")
    assert (late.status_code, late.headers["retry-after"]) == (503, "5")


def test_the_rate_limit_applies_to_each_token(served: Served) -> None:
    parts = dataclasses.replace(served.parts, settings=RestSettings(True, requests_per_min=3))
    client = TestClient(make_rest_app(parts))
    _, other = add_token(served.venue.folder, "other", [Scope.NOW])

    def ask(secret: str) -> httpx2.Response:
        return client.get("/v1/now", headers={"Authorization": f"Bearer {secret}"})

    assert [ask(served.secret).status_code for _ in range(4)] == [200, 200, 200, 429]
    assert ask(served.secret).headers["retry-after"] == "20"
    assert ask(other).status_code == 200
    served.clock.now_s += 20.0
    served.parts.latest.replace(dataclasses.replace(SNAPSHOT, at_utc_s=served.clock.now_s))
    assert ask(served.secret).status_code == 200
    # requests without a valid token share one limit, apart from the others
    assert [ask("x").status_code for _ in range(4)] == [401, 401, 401, 429]


def test_metrics_have_no_samples_for_unobserved_values(served: Served) -> None:
    served.parts.list_publishers = lambda: (PublisherState("MQTT", 7, 2, 1),)
    text = served.get("/metrics").text
    assert 'expoflow_zone_people{zone="Robotics"} 3.0' in text
    assert 'expoflow_zone_people{zone="Café / 咖啡"}' not in text
    assert 'expoflow_line_crossings_today{direction="in",line="door"} 80.0' in text
    assert 'expoflow_camera_state{camera="south",state="down"} 1.0' in text
    assert 'expoflow_alarm_open{camera="",measure="people",zone="Robotics"} 1.0' in text
    assert 'expoflow_publisher_failed_total{publisher="MQTT"} 2.0' in text


def test_history_matches_the_stored_facts(served: Served) -> None:
    start_s = NOW_UTC_S - 3 * 86400
    walk_through(served.venue, start_s=start_s, duration_s=5400, people=60)
    day = "/v1/history?from=2026-03-10T16:00:00Z&to=2026-03-11T16:00:00Z&by="
    by_day = served.get(day + "day").json()
    assert by_day["time_zone"] == "Asia/Shanghai"
    rows = read_hourly_summary(
        served.venue,
        period_s=served.venue.exhibition.day_interval_utc(served.venue.exhibition.local_day(start_s)),
        step=HistoryStep.DAY,
        now_utc_s=NOW_UTC_S,
    )
    assert [step["visits"] for step in by_day["steps"]] == [figures.visits.value for _, figures in rows]
    robotics = by_day["steps"][0]
    assert robotics["visits"] > 20
    assert robotics["visits_interval"][0] < robotics["visits"] < robotics["visits_interval"][1]
    assert robotics["mean_dwell_interval_s"][0] < robotics["mean_dwell_s"]
    by_hour = [step for step in served.get(day + "hour").json()["steps"] if step["zone"] == "Robotics"]
    assert [step["from_utc"][11:16] for step in by_hour][:2] == ["16:00", "17:00"]
    seen = {step["from_utc"][11:13]: step for step in by_hour if step["coverage"] > 0}
    assert {hour: step["coverage"] for hour, step in seen.items()} == {"04": 1.0, "05": 0.5}
    assert sum(step["visits"] for step in seen.values()) == pytest.approx(robotics["visits"], abs=2)
    assert all(step["visits"] is None for step in by_hour if step["coverage"] == 0)


def test_stands_have_the_figures_and_names_of_the_page(served: Served) -> None:
    start_s = NOW_UTC_S - 3 * 86400
    walk_through(served.venue, start_s=start_s, duration_s=3600, people=60)
    answer = served.get("/v1/stands?from=2026-03-10T16:00:00Z&to=2026-03-11T16:00:00Z").json()
    figures = analyse_exhibition(venue=served.venue, period_s=(start_s, start_s + 3600))
    assert figures is not None
    known = {stand.zone: stand for stand in figures.stands}
    ranked = rank_by_place(figures.stands)
    assert [stand["stand"] for stand in answer["stands"]] == [stand.zone for stand in ranked]
    for stand in answer["stands"]:
        for column in STAND_COLUMNS:
            value = column.read(known[stand["stand"]])
            assert stand[column.key] == (None if value is None else pytest.approx(value, abs=1e-3))
        # three stands are too few to compare
        assert (stand["of_place_interval"], stand["place_verdict"]) == (None, "unknown")
    described = describe_api(served.app)["components"]["schemas"]["StandAnswer"]["properties"]  # type: ignore[index]
    assert described["of_place"]["description"] == OF_PLACE.definition.template
    assert served.get("/v1/stands?from=2026-03-11T16:00:00Z&to=2026-03-10T16:00:00Z").status_code == 422


def test_history_lists_gaps_with_their_causes(served: Served) -> None:
    start_s = NOW_UTC_S - 3 * 86400
    walk_through(served.venue, start_s=start_s, duration_s=600, people=5)
    camera = str(served.venue.cameras[0].name)
    writer = open_store(served.venue.folder)
    writer.write_gap(Gap(CameraId(camera), start_s + 600, start_s + 900, "frozen"))
    writer.close()
    begin, end = (datetime.fromtimestamp(start_s + by_s, UTC) for by_s in (0, 800))
    answer = served.get(f"/v1/history?from={begin:%Y-%m-%dT%H:%M:%SZ}&to={end:%Y-%m-%dT%H:%M:%SZ}")
    (gap,) = [one for one in answer.json()["gaps"] if one["cause"] == "frozen"]
    assert gap["camera"] == camera
    lasts = datetime.fromisoformat(gap["to_utc"]) - datetime.fromisoformat(gap["from_utc"])
    assert lasts.total_seconds() == 200


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("from=2026-03-10T16:00:00Z&to=2026-03-10T15:00:00Z", "ends before it begins"),
        ("from=2026-03-10T16:00:00&to=2026-03-11T16:00:00Z", "'from' has no time zone"),
        ("from=2026-01-10T16:00:00Z&to=2026-03-11T16:00:00Z", "longer than 31 days"),
        ("from=soon&to=2026-03-11T16:00:00Z", "invalid values: from"),
        ("from=0001-01-01T00:00:00%2B14:00&to=2026-03-11T16:00:00Z&by=day", "longer than 366 days"),
    ],
)
def test_an_invalid_period_is_rejected(served: Served, query: str, message: str) -> None:
    refused = served.get(f"/v1/history?{query}")
    assert refused.status_code == 422
    assert message in refused.json()["title"]
    assert refused.headers["content-type"] == "application/problem+json"


def test_the_interface_is_read_only(served: Served) -> None:
    for method in ("post", "put", "patch", "delete"):
        refused = getattr(served.client, method)(
            "/v1/now", headers={"Authorization": f"Bearer {served.secret}"}
        )
        assert refused.status_code == 405
        assert refused.headers["content-type"] == "application/problem+json"


def load_description(served: Served) -> schemathesis.BaseSchema:
    import schemathesis

    document = json.loads(json.dumps(describe_api(served.app)))
    # it never ends
    del document["paths"]["/v1/events"]
    loaded = schemathesis.openapi.from_dict(document)
    loaded.app = served.app
    return loaded


def check_against_description(served: Served, *, examples: int) -> None:
    """Check that every response is described and none is a server error."""
    from schemathesis.specs.openapi.checks import positive_data_acceptance

    checked = 0
    for found in load_description(served).get_all_operations():
        operation = found.ok()

        @settings(max_examples=examples, deadline=None, database=None, derandomize=True,
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            nonlocal checked
            case.headers["Authorization"] = f"Bearer {served.secret}"
            # a schema cannot say that a period must not end before it begins
            case.call_and_validate(excluded_checks=[positive_data_acceptance])
            checked += 1

        ask()
    assert checked >= 8


def test_responses_match_the_description(served: Served) -> None:
    check_against_description(served, examples=4)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_responses_match_the_description(served: Served) -> None:
    check_against_description(served, examples=200)


class Listener:
    """A client that stops reading after some messages."""

    def __init__(self, reads: int) -> None:
        self.received: list[str] = []
        self._max_reads = reads
        self.left = asyncio.Event()

    async def receive(self) -> dict[str, str]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, object]) -> None:
        if len(self.received) >= self._max_reads:
            await asyncio.Event().wait()
        body = message.get("body", b"")
        assert isinstance(body, bytes)
        self.received.append(body.decode())


def test_a_stalled_listener_is_disconnected_without_delaying_others() -> None:
    latest, count = LatestSnapshot(), ListenerCount()

    async def listen() -> tuple[Listener, Listener]:
        stalled, reader = Listener(2), Listener(1000)

        async def answer(listener: Listener) -> None:
            stream = EventStream(latest, count=count, is_allowed=lambda: True, stalled_s=0.3, heartbeat_s=0.3)
            await stream({"type": "http"}, listener.receive, listener.send)  # type: ignore[arg-type]

        stalls, reads = asyncio.create_task(answer(stalled)), asyncio.create_task(answer(reader))
        for people in range(8):
            latest.replace(dataclasses.replace(SNAPSHOT, people=people))
            await asyncio.sleep(0.12)
        await asyncio.wait_for(stalls, 2.0)
        assert count.listening == 1
        await asyncio.sleep(0.6)
        reader.left.set()
        await asyncio.wait_for(reads, 2.0)
        return stalled, reader

    stalled, reader = asyncio.run(listen())
    received = [json.loads(text.split("data: ")[1]) for text in reader.received if "data: " in text]
    assert len(received) >= 6
    assert received[-1]["people"] == 7
    assert len(stalled.received) == 2
    assert any(text.startswith(": ") for text in reader.received)
    assert reader.received[1] == "retry: 2000\n\n"
    assert count.listening == 0


def test_a_stream_ends_when_its_token_is_revoked() -> None:
    latest, count, is_allowed = LatestSnapshot(), ListenerCount(), [True]

    async def listen() -> Listener:
        reader = Listener(1000)
        stream = EventStream(latest, count=count, is_allowed=lambda: is_allowed[0])
        latest.replace(SNAPSHOT)
        task = asyncio.create_task(stream({"type": "http"}, reader.receive, reader.send))  # type: ignore[arg-type]
        await asyncio.sleep(0.3)
        is_allowed[0] = False
        latest.replace(SNAPSHOT)
        await asyncio.wait_for(task, 2.0)
        return reader

    reader = asyncio.run(listen())
    assert sum("data: " in text for text in reader.received) == 1


def test_a_folder_that_is_no_venue_gets_no_token(tmp_path: Path) -> None:
    with pytest.raises(VenueError, match=r"is not a venue: it has no file venue\.toml") as refused:
        add_token(tmp_path, "city", [Scope.NOW])
    assert "Choose another folder" in str(refused.value.remedy)
    assert list(tmp_path.iterdir()) == []
