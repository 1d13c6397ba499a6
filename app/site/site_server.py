"""Server of a site: REST, MQTT and webhooks of all its halls, from what the hub's writer sees of them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter
from sqlalchemy import Float, cast, func, select

from analytics.domain.clock import Clock, SystemClock
from analytics.domain.errors import ExpoFlowError
from app.access.guard import SERVICE, act_as
from app.core.credentials import CredentialStore, open_credential_store
from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.mqtt.mqtt_connection import find_login
from app.integrations.mqtt.mqtt_publisher import MqttPublisher, open_mqtt
from app.integrations.mqtt.mqtt_settings import read_mqtt
from app.integrations.rest.rest_server import RestParts, RestServer
from app.integrations.rest.rest_settings import read_rest
from app.integrations.rest.token_check import RequestCounts
from app.integrations.serving import Publisher, PublisherState, Serving, acquire_serving_lock
from app.integrations.venue_server import make_nothing_to_serve
from app.integrations.webhooks.webhook_publisher import open_webhooks
from app.site.hub_folder import HallFolder, list_hall_folders
from app.site.schema import SiteError, hall_state
from app.site.site_document import open_site, require_membership
from app.site.site_status import CURRENT_WITHIN_S

FIND_HALLS_EVERY_S = 10.0
_READ_EVERY_S = 1.0
_SNAPSHOT = TypeAdapter(HallSnapshot)
_LOG = logging.getLogger(__name__)


class HallSnapshots:
    """The present state of every hall, read from the site's database at most once a second.

    Args:
        folder: a hall's folder at the hub.
    """

    def __init__(self, folder: Path, *, store: CredentialStore, clock: Clock) -> None:
        self._server = open_site(require_membership(folder), store=store)
        self._clock = clock
        self._lock = threading.Lock()
        self._read_s = float("-inf")
        self._rows: Mapping[int, tuple[object, float]] = {}

    def read(self, one: HallFolder) -> HallSnapshot:
        """Return a hall as it is now.

        Raises:
            SiteError: what the site knows of it is older than half a minute.
            SQLAlchemyError: the server does not answer.
        """
        with self._lock:
            waited_s = self._clock.monotonic_s() - self._read_s
            if waited_s >= _READ_EVERY_S:
                self._rows, waited_s = self._read_rows(), 0.0
                self._read_s = self._clock.monotonic_s()
            body, age_s = self._rows.get(one.hall_id, (None, float("inf")))
        if body is None or age_s > CURRENT_WITHIN_S:
            raise SiteError(
                "The site has no figures of this moment of '{hall}'.",
                "Check that a machine runs with --hub: python -m app site status",
                hall=one.name,
            )
        # by the clock of this machine, as everything that it says
        at_utc_s = self._clock.now_utc_s() - waited_s - age_s
        return replace(_SNAPSHOT.validate_python(body), at_utc_s=at_utc_s)

    def close(self) -> None:
        """Close the connections."""
        self._server.dispose()

    def _read_rows(self) -> Mapping[int, tuple[object, float]]:
        age_s = cast(func.extract("epoch", func.clock_timestamp() - hall_state.c.at_utc), Float)
        with self._server.connect() as connection:
            rows = connection.execute(select(hall_state.c.hall, hall_state.c.body, age_s)).all()
        return {number: (body, age) for number, body, age in rows}


class SiteServer:
    """A server of all halls of a site: one REST server and one MQTT topic, and each hall's own publishers.

    Settings and tokens in the hub's folder are those of the site, those in a hall's folder are that hall's.
    """

    def __init__(
        self, hub_folder: Path, *, store: CredentialStore | None = None, clock: Clock | None = None
    ) -> None:
        """Open the publishers of the site and of its halls.

        Raises:
            VenueError: another program serves it, or no other system is set up.
            ExpoFlowError: a publisher cannot be opened.
        """
        self._hub_folder, self._clock = hub_folder, clock or SystemClock()
        self._store = store or open_credential_store()
        self._halls: dict[str, RestParts] = {}
        self._servings: dict[str, Serving] = {}
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._rest: RestServer | None = None
        self._rest_settings, self._mqtt = read_rest(hub_folder), read_mqtt(hub_folder)
        halls = list_hall_folders(hub_folder)
        self._snapshots = HallSnapshots(halls[0].folder, store=self._store, clock=self._clock)
        self._locks = [acquire_serving_lock(hub_folder)]
        try:
            if self._rest_settings.is_enabled:
                self._rest = RestServer(hub_folder, self._rest_settings, clock=self._clock, halls=self._halls)
            for one in halls:
                self._add(one)
            if self._rest is None and not self._servings:
                raise make_nothing_to_serve(hub_folder)
        except BaseException:
            self._close()
            raise

    @property
    def states(self) -> tuple[PublisherState, ...]:
        """The state of every publisher, with its hall."""
        return tuple(
            replace(state, name=f"{self._halls[key].name}: {state.name}")
            for key, serving in list(self._servings.items())
            for state in serving.states
        )

    @property
    def requests(self) -> RequestCounts | None:
        """Counts of the REST requests so far; None without REST."""
        return None if self._rest is None else self._rest.requests

    def run(self, stop: threading.Event) -> None:
        """Publish once a second until ``stop`` is set; halls that are new meanwhile are published as well."""
        try:
            while not stop.wait(FIND_HALLS_EVERY_S):
                for one in list_hall_folders(self._hub_folder):
                    if one.folder.stem not in self._halls:
                        try:
                            self._add(one)
                        except ExpoFlowError as error:
                            _LOG.warning("%s is not published: %s %s", one.name, error.problem, error.remedy)
        finally:
            self._close()

    def _add(self, one: HallFolder) -> None:
        key = one.folder.stem
        # unattended, as the command itself
        act_as(one.folder, SERVICE)
        self._locks.append(acquire_serving_lock(one.folder))
        parts = RestParts(
            one.folder,
            self._rest_settings,
            clock=self._clock,
            max_age_s=CURRENT_WITHIN_S,
            name=one.name,
        )
        publishers: list[Publisher] = [] if self._rest is None else [_HallRest(parts)]
        if self._mqtt is not None and self._mqtt.is_enabled:
            settings = replace(self._mqtt, topic=f"{self._mqtt.topic}/{key}")
            publishers.append(MqttPublisher(settings, find_login=lambda: find_login(settings, self._store)))
        publishers += [own for own in (open_mqtt(one.folder), open_webhooks(one.folder)) if own is not None]
        self._halls[key] = parts
        if publishers:
            serving = Serving(
                take_snapshot=lambda: self._snapshots.read(one), publishers=publishers, clock=self._clock
            )
            parts.list_publishers = lambda: serving.states
            self._servings[key] = serving
            thread = threading.Thread(target=serving.run, args=(self._stop,), name=f"serve {key}")
            self._threads.append(thread)
            thread.start()

    def _close(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        if self._rest is not None:
            self._rest.close()
        self._snapshots.close()
        for lock in self._locks:
            lock.release()


class _HallRest:
    """A publisher to a hall's addresses of the site's REST server."""

    name = "REST"

    def __init__(self, parts: RestParts) -> None:
        self._parts = parts

    def publish(self, snapshot: HallSnapshot) -> None:
        self._parts.latest.replace(snapshot)

    def close(self) -> None:
        pass
