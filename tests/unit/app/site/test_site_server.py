"""One server for all halls of a site: the same answers by hall, and tokens of a hall or of the site."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
from sqlalchemy import func, update

from analytics.domain.errors import AccessError, VenueError
from app.access.access_file import User, VenueAccess, write_access
from app.access.guard import Actor, act_as, set_sign_in_prompt
from app.access.roles import Role
from app.core.credentials import Credential
from app.integrations.cli import open_server
from app.integrations.mqtt.mqtt_connection import make_mqtt_key
from app.integrations.mqtt.mqtt_settings import save_mqtt, suggest_mqtt
from app.integrations.rest.access_tokens import Scope
from app.integrations.rest.rest_settings import RestSettings, add_token, read_rest, save_rest
from app.site.schema import hall_state
from app.site.site_document import open_site, require_membership
from tests.conftest import LogGuard
from tests.support.servers.mqtt_broker import PASSWORD, USER, listen, run_broker
from tests.support.servers.postgres_server import PostgresServer
from tests.support.servers.two_halls import TwoHalls, open_two_halls
from tests.support.waiting import wait_until
from tests.unit.analytics.store.store_contents import NINE_S, FakeClock
from tests.unit.app.integrations.test_rest_server import find_port
from tests.unit.app.site.test_halls import CREATED


@pytest.fixture
def halls(postgres_server: PostgresServer, home: Path, tmp_path: Path) -> Iterator[TwoHalls]:
    with open_two_halls(tmp_path, postgres_server, has_history=True) as made:
        save_rest(made.hub, RestSettings(True, port=find_port()))
        yield made


def get(halls: TwoHalls, secret: str, path: str) -> tuple[int, Any]:
    """Return the status and the document at an address of the site's server."""
    headers = {"Authorization": f"Bearer {secret}"}
    request = urllib.request.Request(f"{read_rest(halls.hub).url}/v1/halls{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, json.loads(answer.read())
    except HTTPError as error:
        return error.code, json.loads(error.read())


def let_states_be(age_s: float, halls: TwoHalls) -> None:
    """Set how long ago the halls were looked at."""
    site = open_site(require_membership(halls.north), store=halls.store)
    at_utc = func.clock_timestamp() - timedelta(seconds=age_s)
    with site.begin() as connection:
        connection.execute(update(hall_state).values(at_utc=at_utc))
    site.dispose()


def test_all_halls_are_served_with_tokens_of_one_hall_or_of_the_site(
    halls: TwoHalls, tmp_path: Path, log_guard: LogGuard
) -> None:
    log_guard.expect("The site has no figures of this moment of 'Hall 1'")
    log_guard.expect("The site has no figures of this moment of 'Hall 2'")
    first, _second = halls.sync()
    _, of_site = add_token(halls.hub, "Board", [Scope.NOW])
    _, of_first = add_token(first, "Robot", [Scope.NOW, Scope.HISTORY])
    clock = FakeClock(NINE_S + 62.0)
    stop = threading.Event()
    with run_broker(tmp_path) as broker, listen(broker) as heard:
        suggested = suggest_mqtt(halls.hub, "127.0.0.1", port=broker.port, topic="fair")
        mqtt = replace(suggested, user=USER)
        save_mqtt(halls.hub, mqtt)
        halls.store.store(make_mqtt_key(mqtt), Credential(USER, PASSWORD))
        let_states_be(0.0, halls)
        server = open_server(halls.hub, clock=clock)
        thread = threading.Thread(target=server.run, args=(stop,))
        thread.start()
        try:
            with pytest.raises(VenueError, match="Another program already serves"):
                open_server(first)
            wait_until(lambda: get(halls, of_site, "")[1][0]["people"] is not None, what="no figures")
            found = get(halls, of_site, "")[1]
            assert [(one["hall"], one["name"], one["people"]) for one in found] == [
                ("hall_1", "Hall 1", 1),
                ("hall_2", "Hall 2", None),
            ]
            assert [one["hall"] for one in get(halls, of_first, "")[1]] == ["hall_1"]
            for secret in (of_site, of_first):
                status, now = get(halls, secret, "/hall_1/now")
                assert (status, now["venue"], now["people"]) == (200, "Hall 1", 1)
            day = "?from=2026-11-25T08:00:00Z&to=2026-11-25T10:00:00Z"
            status, history = get(halls, of_first, f"/hall_1/history{day}")
            assert (status, history["venue"]) == (200, "Hall 1")
            assert get(halls, of_site, f"/hall_1/history{day}")[0] == 403
            refused = {path: get(halls, of_first, path)[0] for path in ("/hall_2/now", "/hall_9/now")}
            assert refused == {"/hall_2/now": 401, "/hall_9/now": 401}
            assert get(halls, of_site, "/hall_9/now")[0] == 404
            wait_until(lambda: heard.find("fair/hall_1/hall"), what="nothing published")
            assert json.loads(heard.find("fair/hall_1/hall")[-1])["people"] == 1
            assert heard.find("fair/hall_1/status")[-1] == "online"
            assert {state.name for state in server.states} >= {"Hall 1: REST", "Hall 2: MQTT"}

            # what is older than half a minute is not known, and not zero
            let_states_be(60.0, halls)
            clock.now_s += 31.0
            assert get(halls, of_site, "/hall_1/now")[0] == 503
            old = get(halls, of_site, "")[1][0]
            assert (old["people"], old["at_utc"]) == (None, None)
        finally:
            stop.set()
            thread.join()


def test_a_token_of_the_site_takes_the_right_in_every_hall(halls: TwoHalls) -> None:
    first, second = halls.sync()
    set_sign_in_prompt(None)
    users = (User("Bob", Role.ADMINISTRATOR, "a hash", CREATED),)
    write_access(second, VenueAccess(users))
    with pytest.raises(AccessError, match="No user is signed in to 'hall_2'"):
        add_token(halls.hub, "Board", [Scope.NOW])
    write_access(first, VenueAccess(users))
    act_as(first, Actor("Bob", Role.ADMINISTRATOR))
    add_token(halls.hub, "Board", [Scope.NOW])
