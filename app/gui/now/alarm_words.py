"""Alarms in words."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from analytics.alarms.alarm import Alarm, AlarmKey
from analytics.domain.zone_targets import AlarmMeasure
from app.gui.session.cell_text import format_duration, format_number
from app.gui.session.notification import Notification
from app.gui.session.translation import display_name, tr
from app.gui.session.units import current_units


def describe_alarm(alarm: Alarm) -> str:
    """What it is about, how bad it was, and what was allowed."""
    place = display_name(alarm.key.zone) if alarm.key.zone else tr("Whole hall")
    worst, level = format_measure(alarm.key, alarm.worst), format_measure(alarm.key, alarm.level)
    match alarm.key.measure:
        case AlarmMeasure.CAMERA_DOWN:
            return tr("Camera {camera} gives no pictures", camera=display_name(alarm.key.camera))
        case AlarmMeasure.PEOPLE:
            return tr("{place}: {worst} people, more than {level}", place=place, worst=worst, level=level)
        case AlarmMeasure.DENSITY:
            return tr("{place}: density {worst}, above {level}", place=place, worst=worst, level=level)
        case AlarmMeasure.QUEUE:
            return tr("{place}: queue of {worst}, longer than {level}", place=place, worst=worst, level=level)
        case AlarmMeasure.WAIT:
            return tr("{place}: wait {worst}, longer than {level}", place=place, worst=worst, level=level)


def word_alarm(alarm: Alarm) -> Notification:
    """An alarm that was raised, as a message above any page."""
    return Notification(
        describe_alarm(alarm),
        tr("Acknowledge it on the page of what happens now."),
        say_again=lambda: word_alarm(alarm),
    )


def describe_standing(alarm: Alarm, *, time_zone: str) -> str:
    """Whether it holds, and whether somebody knows."""
    if alarm.cleared_utc_s is not None:
        return tr("over since {time}", time=format_clock(alarm.cleared_utc_s, time_zone=time_zone))
    if alarm.acknowledged_utc_s is not None:
        return tr("acknowledged")
    return tr("new")


def format_measure(key: AlarmKey, value: float) -> str:
    """A value in the unit of its measure."""
    match key.measure:
        case AlarmMeasure.DENSITY:
            units = current_units()
            density = format_number(value * units.per_m2, decimals=2)
            return tr("{density} per {area}", density=density, area=units.area_symbol)
        case AlarmMeasure.WAIT | AlarmMeasure.CAMERA_DOWN:
            return format_duration(value)
        case _:
            return format_number(value)


def format_clock(time_utc_s: float, *, time_zone: str) -> str:
    """Time of day in the venue's own time, to the second."""
    return f"{datetime.fromtimestamp(time_utc_s, ZoneInfo(time_zone)):%H:%M:%S}"
