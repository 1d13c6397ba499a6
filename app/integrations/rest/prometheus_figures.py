"""Prometheus metrics of a snapshot; unobserved values have no sample, so that no graph shows 0 for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from app.integrations.hall_snapshot import HallSnapshot
from app.integrations.serving import PublisherState

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_STATES = ("live", "down", "idle")


def format_metrics(snapshot: HallSnapshot, publishers: Sequence[PublisherState] = ()) -> bytes:
    """Return a snapshot in Prometheus' exposition format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_SnapshotCollector(snapshot, publishers))
    return generate_latest(registry)


class _SnapshotCollector(Collector):
    def __init__(self, snapshot: HallSnapshot, publishers: Sequence[PublisherState]) -> None:
        self._snapshot, self._publishers = snapshot, publishers

    def collect(self) -> Iterable[Metric]:
        yield from self._describe_hall()
        yield from self._describe_parts()
        yield from self._describe_publishers()

    def _describe_hall(self) -> Iterator[Metric]:
        hall = self._snapshot
        for name, help_text, value in (
            ("observed", "1 while any camera is analysed", int(hall.is_observed)),
            ("observed_ratio", "Share of the zones' floor that live cameras see", hall.observed_share),
            ("people", "People in view of the cameras", hall.people),
            ("capacity", "Maximum number of people in the hall", hall.capacity),
            ("arrivals_15_minutes", "Inward crossings of entrances in 15 minutes", hall.arrivals_15_min),
            ("arrivals_today", "Inward crossings of entrances since local midnight", hall.arrivals_today),
            ("snapshot_timestamp_seconds", "UTC time of the snapshot", hall.at_utc_s),
        ):
            yield _make_gauge(f"expoflow_{name}", help_text, (), [((), value)])

    def _describe_parts(self) -> Iterator[Metric]:
        hall = self._snapshot
        for name, help_text, field in (
            ("people", "People in the zone", "people"),
            ("capacity", "Maximum number of people in the zone", "capacity"),
            ("density_per_square_metre", "People per square metre of observed floor", "density_per_m2"),
            ("arrivals_15_minutes", "Visits that began in 15 minutes", "arrivals_15_min"),
            ("visits_today", "Visits since local midnight", "visits_today"),
            ("queue_people", "People in a queue", "queue"),
            ("wait_seconds", "Recent waiting time in the queue", "wait_s"),
        ):
            zones = [((zone.name,), getattr(zone, field)) for zone in hall.zones]
            yield _make_gauge(f"expoflow_zone_{name}", help_text, ("zone",), zones)
        crossings = [
            ((line.name, direction), value)
            for line in hall.lines
            for direction, value in (("in", line.in_today), ("out", line.out_today))
        ]
        yield _make_gauge(
            "expoflow_line_crossings_today",
            "Crossings since local midnight",
            ("line", "direction"),
            crossings,
        )
        states = [((c.name, state), int(c.state == state)) for c in hall.cameras for state in _STATES]
        yield _make_gauge("expoflow_camera_state", "1 if current", ("camera", "state"), states)
        rates = [((camera.name,), camera.frames_per_s) for camera in hall.cameras]
        yield _make_gauge("expoflow_camera_frames_per_second", "Recent analysis rate", ("camera",), rates)
        alarms = [((alarm.key.measure.value, alarm.key.zone, alarm.key.camera), 1) for alarm in hall.alarms]
        yield _make_gauge("expoflow_alarm_open", "1 while open", ("measure", "zone", "camera"), alarms)

    def _describe_publishers(self) -> Iterator[Metric]:
        for name, help_text, field in (
            ("published", "Published snapshots", "published"),
            ("failed", "Snapshots that failed to be published", "failed"),
            ("skipped", "Snapshots that a newer one replaced", "skipped"),
        ):
            family = CounterMetricFamily(f"expoflow_publisher_{name}", help_text, labels=["publisher"])
            for state in self._publishers:
                family.add_metric([state.name], getattr(state, field))
            yield family


def _make_gauge(
    name: str, help_text: str, labels: Sequence[str], values: Sequence[tuple[tuple[str, ...], Any]]
) -> Metric:
    family = GaugeMetricFamily(name, help_text, labels=list(labels))
    for of, value in values:
        if value is not None:
            family.add_metric(list(of), float(value))
    return family
