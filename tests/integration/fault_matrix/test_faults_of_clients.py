"""Other systems that ask a venue misbehave: one keeps hundreds of connections open and asks nothing."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from app.core.file_format import write_venue
from app.integrations.rest.access_tokens import Scope
from app.integrations.rest.rest_settings import RestSettings, add_token, save_rest
from tests.integration.fault_matrix.conftest import Row
from tests.integration.fault_matrix.time_limits import MAX_WAIT_S
from tests.support.command_line import PROJECT
from tests.support.halls.walked_hall import make_hall
from tests.support.waiting import wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif(sys.platform != "linux", reason="needs several addresses of one machine"),
]

IDLE = 600
GONE_WITHIN_S = 20.0


def ask(client: str, port: int, secret: str) -> int:
    """The status of an answer to one address of this machine; 0: there was none."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=5, source_address=(client, 0))
    with closing(asking):
        try:
            asking.request("GET", "/v1/now", headers={"Authorization": f"Bearer {secret}"})
            answer = asking.getresponse()
            json.loads(answer.read())
        except OSError:
            return 0
        return answer.status


def test_600_idle_connections_of_one_client_keep_nobody_out(tmp_path: Path, table: list[Row]) -> None:
    venue = make_hall(tmp_path)
    venue.folder.mkdir()
    write_venue(venue)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    save_rest(venue.folder, RestSettings(True, port=port))
    _, secret = add_token(venue.folder, "city", [Scope.NOW])
    command = [sys.executable, "-m", "app", "serve", "--venue", str(venue.folder)]
    environment = {**os.environ, "EXPOFLOW_HOME": str(tmp_path / "home")}
    with subprocess.Popen(command, cwd=PROJECT, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            wait_until(lambda: ask("127.0.0.3", port, secret) == 200, MAX_WAIT_S)
            with ExitStack() as stack:
                idle = [
                    stack.enter_context(
                        socket.create_connection(("127.0.0.1", port), 5, source_address=("127.0.0.2", 0))
                    )
                    for _ in range(IDLE)
                ]
                began_s = time.monotonic()
                answers = [ask("127.0.0.3", port, secret) for _ in range(20)]
                back_s = (time.monotonic() - began_s) / len(answers)
                assert answers == [200] * len(answers)
                assert ask("127.0.0.2", port, secret) == 200
                for connection in idle:
                    connection.settimeout(GONE_WITHIN_S)
                    try:
                        assert connection.recv(1) == b""
                    except ConnectionResetError:
                        continue
                assert time.monotonic() - began_s < GONE_WITHIN_S
        finally:
            server.terminate()
    table.append(Row(f"{IDLE} idle connections of one client to REST", back_s, 0.0, 0.0))
