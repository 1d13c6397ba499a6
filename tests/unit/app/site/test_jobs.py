"""Work that a site's machines share."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from analytics.store.database_url import open_url
from app.site.jobs import JobWorker, add_job, cancel_job, create_queue, list_jobs
from tests.support.servers.postgres_server import PostgresServer
from tests.support.servers.site_machines import Site
from tests.support.waiting import wait_until

PROJECT = Path(__file__).parents[4]
WORKER = """
import sys, time
from pathlib import Path
from analytics.store.database_url import open_url
from app.site.jobs import JobWorker

def write(arguments, context):
    name = Path(sys.argv[2]) / arguments["day"]
    with name.open("a") as file:
        file.write(f"begun by {sys.argv[3]}\\n")
    time.sleep(float(arguments["seconds"]))  # the work
    with name.open("a") as file:
        file.write(f"done by {sys.argv[3]}\\n")

worker = JobWorker(open_url(sys.argv[1]), sys.argv[3], {"write": write})
worker.start()
print("ready", flush=True)
sys.stdin.readline()
worker.stop()
"""


@pytest.fixture
def engine(postgres_server: PostgresServer, tmp_path: Path) -> Iterator[Engine]:
    url = postgres_server.make_database().replace("postgresql://", "postgresql+psycopg://")
    site = Site(url, tmp_path, cameras=["north"], machines=0)
    create_queue(site.engine)
    yield site.engine
    site.close()


def start_worker(engine: Engine, folder: Path, name: str) -> subprocess.Popen[str]:
    url = engine.url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, url, str(folder), name],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.slow
def test_jobs_of_a_machine_that_dies_are_done_by_others_and_each_is_done_once(
    engine: Engine, tmp_path: Path
) -> None:
    folder = tmp_path / "days"
    folder.mkdir()
    for number in range(12):
        assert add_job(engine, "write", {"day": f"day {number}", "seconds": 0.5}, key=f"day {number}")
    workers = [start_worker(engine, folder, f"m{number}") for number in range(3)]
    wait_until(lambda: len(list(folder.iterdir())) >= 4)
    workers[0].kill()
    wait_until(lambda: all(job.status == "succeeded" for job in list_jobs(engine)), 60)
    for worker in workers[1:]:
        worker.communicate("\n", timeout=30)
    workers[0].communicate()
    done = Counter(
        file.name
        for file in folder.iterdir()
        for line in file.read_text().splitlines()
        if line.startswith("done")
    )
    assert done == {f"day {number}": 1 for number in range(12)}


def test_the_same_job_waits_once(engine: Engine) -> None:
    assert add_job(engine, "write", {"day": "a"}, key="a") is not None
    assert add_job(engine, "write", {"day": "a"}, key="a") is None
    assert [(job.kind, dict(job.arguments), job.status) for job in list_jobs(engine)] == [
        ("write", {"day": "a"}, "todo")
    ]


def test_a_job_shows_its_progress_and_is_cancelled(engine: Engine) -> None:
    def count(_arguments: object, context: object) -> None:
        for step in range(1000):
            context.checkpoint(step, 1000)  # type: ignore[attr-defined]
            time.sleep(0.05)  # the work

    worker = JobWorker(engine, "m0", {"count": count})
    number = add_job(engine, "count", {}, key="count")
    assert number is not None
    worker.start()
    wait_until(lambda: list_jobs(engine)[0].total == 1000)
    assert list_jobs(engine)[0].status == "doing"
    assert cancel_job(engine, number)
    wait_until(lambda: list_jobs(engine)[0].status == "aborted")
    assert list_jobs(engine)[0].total == 0
    worker.stop()


def test_every_machine_may_create_the_queue(engine: Engine) -> None:
    other = open_url(engine.url.render_as_string(hide_password=False))
    create_queue(other)
    other.dispose()
    assert list_jobs(engine) == []
