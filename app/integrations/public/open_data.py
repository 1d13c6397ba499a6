"""Visits by hour of closed days as open data, with a description for data portals (DCAT-AP 3, CSVW)."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from analytics.domain.errors import Phrase, fill_template
from analytics.results.data_sets import COLUMNS, DataSet, RowColumn, RowFormat, RowKind, Step
from app.core.document import Venue
from app.integrations.public.public_pages import WebDocument, make_document
from app.integrations.public.public_settings import PublicSettings
from app.integrations.web_server import load_catalogue
from app.reports.export_data import DataOrder, check_order, name_file, write_data
from resources.translations import LANGUAGES

DAYS = 366
"""Days before today whose visits are published."""
CSV, JSON, SCHEMA, CATALOGUE = "visits.csv", "visits.json", "visits.csv-metadata.json", "catalog.jsonld"
DATA_FILES = (CSV, JSON, SCHEMA, CATALOGUE)
_XSD = "http://www.w3.org/2001/XMLSchema#"
_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xsd": _XSD,
}
_AUTHORITY = "http://publications.europa.eu/resource/authority"
_FIELD_NAMES = {
    "zone": Phrase("Zone"),
    "kind": Phrase("Kind"),
    "start": Phrase("Start"),
    "end": Phrase("End"),
    "observed_s": Phrase("Observed time"),
    "visits": Phrase("Visits"),
    "engaged_visits": Phrase("Engaged visits"),
    "mean_dwell_s": Phrase("Mean dwell"),
    "suppressed": Phrase("Hidden count"),
}
_TYPES = {
    RowKind.TEXT: "string",
    RowKind.COUNT: "integer",
    RowKind.NUMBER: "decimal",
    RowKind.FLAG: "integer",
    RowKind.TIME: "dateTimeStamp",
}


@dataclass(frozen=True, slots=True)
class OpenData:
    """The published rows, and the first and the last day that they may be of."""

    csv: WebDocument
    json: WebDocument
    first: date
    last: date

    def make_file(self, name: str, settings: PublicSettings, venue: str) -> WebDocument:
        """Return a file of `DATA_FILES`."""
        if name in (CSV, JSON):
            return self.csv if name == CSV else self.json
        if name == SCHEMA:
            return _make_json(describe_fields(), "application/csvm+json")
        return _make_json(describe_catalogue(self, settings, venue), "application/ld+json")


def compute_open_data(venue: Venue, settings: PublicSettings, *, now_utc_s: float) -> OpenData | None:
    """Return the visits to the published zones by hour, as `export` writes them; None without any.

    Raises:
        StoreError: the history cannot be read, or no day was observed.
    """
    known = {str(zone.name) for geometry in venue.geometry_versions for zone in geometry.zones}
    zones = tuple(name for name in settings.zones if name in known)
    if not settings.has_data or not zones:
        return None
    today = venue.exhibition.local_day(now_utc_s)
    first, last = today - timedelta(days=DAYS), today - timedelta(days=1)
    period_s = venue.exhibition.day_interval_utc(first)[0], venue.exhibition.day_interval_utc(last)[1]
    order = DataOrder((DataSet.VISITS,), period_s, Step.HOUR, zones)
    check_order(venue, order)

    def read(row_format: RowFormat) -> bytes:
        with tempfile.TemporaryDirectory() as folder:
            write_data(venue, order, out_folder=Path(folder), row_format=row_format)
            return (Path(folder) / name_file(DataSet.VISITS, Step.HOUR, row_format)).read_bytes()

    rows = b"[" + b",\n".join(read(RowFormat.JSON_LINES).splitlines()) + b"]\n"
    csv = make_document(read(RowFormat.CSV), "text/csv; charset=utf-8; header=present")
    return OpenData(csv, make_document(rows, "application/json"), first, last)


def describe_fields() -> dict[str, object]:
    """Return the columns of the CSV file with their names and meanings, as a CSVW table."""
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": CSV,
        "tableSchema": {
            "columns": [
                {
                    "name": name,
                    "titles": {
                        tag: [name, _name_field(column, name, translate)] for tag, translate in _list()
                    },
                    "dct:description": [
                        {"@value": _translate(column.meaning, translate), "@language": tag}
                        for tag, translate in _list()
                    ],
                    "datatype": _TYPES[column.kind],
                }
                for column in COLUMNS[DataSet.VISITS]
                for name in column.list_names()
            ]
        },
    }


def describe_catalogue(data: OpenData, settings: PublicSettings, venue: str) -> dict[str, object]:
    """Return the catalogue of one data set with two distributions, in the terms of DCAT-AP."""
    base = f"{settings.base_url}/data"
    title = Phrase("Visits by hour and zone: {venue}", {"venue": venue})
    publisher = {"@type": "foaf:Agent", "foaf:name": settings.publisher}
    meaning = Phrase(
        "Visits that began in each hour of closed days, in the zones {zones}. Counts of fewer than five "
        "people and hours without observation are left out.",
        {"zones": ", ".join(settings.zones)},
    )
    period = {
        "@type": "dct:PeriodOfTime",
        "dcat:startDate": {"@value": data.first.isoformat(), "@type": "xsd:date"},
        "dcat:endDate": {"@value": data.last.isoformat(), "@type": "xsd:date"},
    }

    def describe(name: str, kind: str, file_type: str) -> dict[str, object]:
        return {
            "@id": f"{base}/{name}#distribution",
            "@type": "dcat:Distribution",
            "dct:title": name,
            "dcat:accessURL": {"@id": f"{base}/{name}"},
            "dcat:downloadURL": {"@id": f"{base}/{name}"},
            "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{kind}"},
            "dct:format": {"@id": f"{_AUTHORITY}/file-type/{file_type}"},
            "dct:license": {"@id": settings.licence},
            "dct:conformsTo": {"@id": f"{base}/{SCHEMA}"},
        }

    dataset = {
        "@id": f"{base}/{CATALOGUE}#visits",
        "@type": "dcat:Dataset",
        "dct:title": _in_languages(title),
        "dct:description": _in_languages(meaning),
        "dct:publisher": publisher,
        "dct:accrualPeriodicity": {"@id": f"{_AUTHORITY}/frequency/DAILY"},
        "dct:temporal": period,
        "dcat:distribution": [describe(CSV, "text/csv", "CSV"), describe(JSON, "application/json", "JSON")],
    }
    return {
        "@context": _CONTEXT,
        "@id": f"{base}/{CATALOGUE}",
        "@type": "dcat:Catalog",
        "dct:title": _in_languages(Phrase("Open data: {venue}", {"venue": venue})),
        "dct:description": _in_languages(meaning),
        "dct:publisher": publisher,
        "dct:license": {"@id": settings.licence},
        "dcat:dataset": [dataset],
    }


def _make_json(document: Mapping[str, object], media_type: str) -> WebDocument:
    return make_document(json.dumps(document, ensure_ascii=False, indent=1).encode(), media_type)


def _list() -> list[tuple[str, Callable[[str], str]]]:
    """Return the tag and the translation of every language."""
    return [(code.partition("_")[0], load_catalogue(code).gettext) for code in LANGUAGES]


def _translate(text: Phrase, translate: Callable[[str], str]) -> str:
    return fill_template(text.template, text.fields, translate)


def _in_languages(text: Phrase) -> list[dict[str, str]]:
    return [{"@value": _translate(text, translate), "@language": tag} for tag, translate in _list()]


def _name_field(column: RowColumn, name: str, translate: Callable[[str], str]) -> str:
    shown = _translate(_FIELD_NAMES[column.name], translate)
    return shown if name == column.name else f"{shown} ({name.rpartition('_')[2]})"
