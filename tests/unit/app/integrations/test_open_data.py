"""Open data: the numbers of the report, what is left out, and the description for portals."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections import defaultdict
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from analytics.domain.errors import VenueError
from analytics.results.data_sets import COLUMNS, MIN_VISITORS, DataSet, RowFormat, Step
from analytics.rollups.period_zones import summarise_period_zones
from app.core.document import Venue
from app.facts.period_facts import read_period_facts
from app.integrations.public.open_data import DATA_FILES, OpenData, compute_open_data
from app.integrations.public.public_pages import PublicPages
from app.integrations.public.public_server import DATA_REQUESTS_PER_MIN, make_public_app
from app.integrations.public.public_settings import LICENCE, PublicSettings, check_public
from app.integrations.rest.hourly_summary import HistoryStep, read_hourly_summary
from app.reports.export_data import DataOrder, export_data
from tests.support.halls.walked_hall import NOW_UTC_S, SetClock, make_hall, walk_through

ZONES = ("Robotics", "Café")
SETTINGS = PublicSettings(
    True, zones=ZONES, has_data=True, publisher="Stadt Köln", address="https://expo.example.org"
)
TOMORROW_S = NOW_UTC_S + 86_400.0


@pytest.fixture(scope="module")
def venue(tmp_path_factory: pytest.TempPathFactory) -> Venue:
    made = make_hall(tmp_path_factory.mktemp("data"))
    walk_through(made, start_s=NOW_UTC_S - 2.5 * 3600, duration_s=7200.0)
    return made


@pytest.fixture(scope="module")
def data(venue: Venue) -> OpenData:
    found = compute_open_data(venue, SETTINGS, now_utc_s=TOMORROW_S)
    assert found is not None
    return found


class Served:
    """The data, a client, and a clock."""

    def __init__(self, data: OpenData | None, chosen: PublicSettings = SETTINGS) -> None:
        self.clock = SetClock()
        pages = PublicPages(chosen, venue="Expo", time_zone="Asia/Shanghai", clock=self.clock)
        app = make_public_app(
            pages, settings=chosen, venue="Spring Tech Expo", clock=self.clock, find_data=lambda: data
        )
        self.client = TestClient(app, raise_server_exceptions=False)


def read_rows(data: OpenData) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.csv.body.decode("utf-8"))))


def test_the_numbers_are_those_of_the_report_to_the_unit(venue: Venue, data: OpenData) -> None:
    day = venue.exhibition.day_interval_utc(venue.exhibition.local_day(NOW_UTC_S))
    steps = read_hourly_summary(venue, period_s=day, step=HistoryStep.HOUR, now_utc_s=TOMORROW_S)
    hourly = {(zone.name, period_s[0]): zone.visits.value for period_s, zone in steps}
    published: dict[str, int] = defaultdict(int)
    rows = read_rows(data)
    assert {row["zone"] for row in rows} == set(ZONES)
    assert len(rows) >= 4
    hidden = 0
    for row in rows:
        start_s = venue.exhibition.day_interval_utc(venue.exhibition.local_day(NOW_UTC_S))[0]
        start_s += 3600.0 * int(row["start_local"][11:13])
        visits = hourly[row["zone"], start_s]
        assert visits is not None
        if row["visits"] == "":
            assert 0 < visits < MIN_VISITORS
            hidden += round(visits)
        else:
            assert int(row["visits"]) == visits
            assert not 0 < int(row["visits"]) < MIN_VISITORS
            published[row["zone"]] += int(row["visits"])
    facts = read_period_facts(venue=venue, period_s=day, names=("zone_days",))
    assert facts is not None
    report = summarise_period_zones(facts)
    assert sum(published.values()) > 20
    assert sum(published.values()) + hidden == sum(round(report[name].visits.value or 0) for name in ZONES)


def test_both_formats_are_the_export_of_closed_days(venue: Venue, data: OpenData, tmp_path: Path) -> None:
    assert compute_open_data(venue, PublicSettings(True, zones=ZONES), now_utc_s=TOMORROW_S) is None
    day = venue.exhibition.day_interval_utc(venue.exhibition.local_day(NOW_UTC_S))
    order = DataOrder((DataSet.VISITS,), day, Step.HOUR, ZONES)
    export_data(venue, order, out_folder=tmp_path, row_format=RowFormat.CSV)
    assert data.csv.body == (tmp_path / "visits_by_hour.csv").read_bytes()
    rows = json.loads(data.json.body)
    assert [row["zone"] for row in rows] == [row["zone"] for row in read_rows(data)]
    assert [row["visits"] for row in rows] == [
        None if row["visits"] == "" else int(row["visits"]) for row in read_rows(data)
    ]
    assert set(rows[0]) == {name for column in COLUMNS[DataSet.VISITS] for name in column.list_names()}


def test_the_description_is_that_of_dcat_in_both_languages(data: OpenData) -> None:
    client = Served(data).client
    found = client.get("/data/catalog.jsonld")
    assert found.headers["content-type"] == "application/ld+json"
    catalogue = found.json()
    (dataset,) = catalogue["dcat:dataset"]
    for described in (catalogue, dataset):
        for name in ("dct:title", "dct:description"):
            assert [one["@language"] for one in described[name]] == ["en", "zh"]
        assert described["dct:publisher"]["foaf:name"] == "Stadt Köln"
    assert dataset["dct:title"][1]["@value"] == "按小时和展区统计的到访次数：Spring Tech Expo"
    for distribution in dataset["dcat:distribution"]:
        assert distribution["dct:license"] == {"@id": LICENCE}
        url = distribution["dcat:downloadURL"]["@id"]
        assert url.startswith("https://expo.example.org/data/visits.")
        assert client.get(url.removeprefix("https://expo.example.org")).status_code == 200
    assert dataset["dct:temporal"]["dcat:endDate"]["@value"] == "2026-03-14"
    schema = client.get("/data/visits.csv-metadata.json").json()
    columns = schema["tableSchema"]["columns"]
    assert [one["name"] for one in columns] == list(read_rows(data)[0])
    for one in columns:
        assert re.search(r"[一-鿿]", one["titles"]["zh"][1])
        assert re.search(r"[一-鿿]", one["dct:description"][1]["@value"])
        assert not re.search(r"[一-鿿]", one["titles"]["en"][1])


def test_the_data_are_compressed_tagged_and_limited(data: OpenData) -> None:
    served = Served(data)
    found = served.client.get("/data/visits.csv", headers={"accept-encoding": "gzip"})
    assert (found.headers["content-encoding"], found.headers["access-control-allow-origin"]) == ("gzip", "*")
    assert found.headers["content-type"].startswith("text/csv")
    assert gzip.decompress(data.csv.compressed) == found.content == data.csv.body
    known = served.client.get("/data/visits.csv", headers={"if-none-match": found.headers["etag"]})
    assert known.status_code == 304
    statuses = [served.client.get("/data/visits.csv").status_code for _ in range(DATA_REQUESTS_PER_MIN)]
    assert statuses.count(429) == 2
    refused = served.client.get("/data/visits.json")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    served.clock.now_s += 60.0
    assert served.client.get("/data/visits.csv").status_code == 200
    assert Served(None).client.get("/data/visits.csv").status_code == 503
    off = Served(data, PublicSettings(True, zones=ZONES))
    assert {off.client.get(f"/data/{name}").status_code for name in DATA_FILES} == {404}


def test_data_need_a_publisher_a_licence_and_zones() -> None:
    check_public(SETTINGS)
    for chosen in (
        PublicSettings(True, zones=ZONES, has_data=True),
        PublicSettings(True, zones=ZONES, has_data=True, publisher="City", licence=""),
        PublicSettings(True, has_data=True, publisher="City"),
    ):
        with pytest.raises(VenueError, match="Open data need"):
            check_public(chosen)
    with pytest.raises(VenueError, match="not a web address"):
        check_public(PublicSettings(True, licence="CC BY 4.0"))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(DATA_FILES) | st.text(max_size=30), header=st.binary(max_size=40))
def test_no_request_for_data_makes_an_error_of_the_server(data: OpenData, name: str, header: bytes) -> None:
    sent = [(one, re.sub(rb"[\x00-\x1f\x7f]", b"", header)) for one in (b"if-none-match", b"accept-encoding")]
    found = Served(data).client.get("/data/" + quote(name, safe=""), headers=sent)
    assert found.status_code in (200, 304, 404)
