"""A report with one block of every sort, in Chinese or English, and with something missing everywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import numpy as np

from analytics.results.content import (
    BarChart,
    Branding,
    Bullets,
    CellKind,
    FloorMap,
    FloorZone,
    KeyFigure,
    KeyFigures,
    Line,
    LineChart,
    Paragraph,
    ReportColumn,
    ReportContent,
    Section,
    Table,
    Weight,
)

START_S = datetime(2026, 11, 24, 2, 0, tzinfo=UTC).timestamp()
"""Ten o'clock in Shanghai."""
DANGEROUS = '=HYPERLINK("http://example.com","prize")'

ENGLISH = {
    "展区停留": "Dwell by zone",
    "展区": "Zone",
    "停留": "Dwell",
    "到访": "Visits",
    "停留至少 3 秒的次数。": "Stays of at least 3 s.",
    "秒": "s",
    "平均停留": "Mean dwell",
    "平均时长。": "Mean length.",
    "首次": "First",
    "观测比例": "Observed",
    "机器人": "Robotics",
    "人": "people",
    "咖啡厅": "Café",
    "咖啡厅未观测。": "The café was not observed.",
    "未观测": "not observed",
    "每日概要": "Daily summary",
    "概要": "Summary",
    "第一天": "First day",
    "深圳科技展": "Shenzhen Tech Fair",
    "深圳会展公司": "Shenzhen Fairs Ltd",
    "第 {page} 页，共 {pages} 页": "Page {page} of {pages}",
    "未知": "not known",
    "目录": "Contents",
    "定义": "Definitions",
    "今天有 1,008 人进入展馆。": "1,008 people came in today.",
    "客流量": "Footfall",
    "同时最多人数": "Peak occupancy",
    "每分钟均值的最大值。": "Largest mean of a minute.",
    "42 秒": "42 s",
    "40 至 45 秒": "40 to 45 s",
    "+4 秒": "+4 s",
    "机器人展位最受欢迎。": "Robotics drew most visitors.",
    "咖啡厅 12:00 起排队。": "From 12:00 on people queued at the café.",
    "摄像头 2 中断 14 分钟。": "Camera 2 was interrupted for 14 minutes.",
    "各展区平均停留": "Mean dwell by zone",
    "舞台": "Stage",
    "在馆人数": "People in the hall",
    "全馆": "Whole hall",
    "时间": "Time",
    "开幕演讲": "Opening talk",
    "停留热力图": "Where they stayed",
    "人·秒/m²": "person-seconds per m²",
}


def _make_table(say: Callable[[str], str]) -> Table:
    return Table(
        "zones",
        say("展区停留"),
        (
            ReportColumn("zone", say("展区"), CellKind.TEXT),
            ReportColumn("visits", say("到访"), CellKind.COUNT, definition=say("停留至少 3 秒的次数。")),
            ReportColumn(
                "mean_dwell_s",
                say("平均停留"),
                CellKind.SECONDS,
                say("秒"),
                1,
                say("平均时长。"),
                has_interval=True,
            ),
            ReportColumn("first", say("首次"), CellKind.TIME),
            ReportColumn("observed", say("观测比例"), CellKind.SHARE, decimals=1),
        ),
        (
            (say("机器人"), 412, (42.123456, 40.0, 44.5), START_S + 61.5, 0.987),
            (say("咖啡厅"), None, (None, None, None), None, 0.0),
            (DANGEROUS, 3, (7.0, None, None), START_S, 1.0),
        ),
        say("咖啡厅未观测。"),
    )


def make_sample_report(language: str = "zh_CN") -> ReportContent:
    """In Chinese or in English."""

    def say(text: str) -> str:
        return text if language == "zh_CN" else ENGLISH[text]

    hours = START_S + 3600 * np.arange(4.0)
    return ReportContent(
        template="daily",
        language=language,
        title=say("每日概要"),
        subtitle=say("第一天"),
        venue=say("深圳科技展"),
        period_s=(START_S, START_S + 4 * 3600),
        period_text="2026-11-24 10:00–14:00",
        time_zone="Asia/Shanghai",
        branding=Branding(say("深圳会展公司"), None, "#b45309"),
        versions={"ExpoFlow": "0.1"},
        words={
            "page": say("第 {page} 页，共 {pages} 页"),
            "not known": say("未知"),
            "not observed": say("未观测"),
            "contents": say("目录"),
            "definitions": say("定义"),
        },
        sections=(
            Section(
                "summary",
                say("概要"),
                (
                    Paragraph(say("今天有 1,008 人进入展馆。"), Weight.LEAD),
                    KeyFigures(
                        (
                            KeyFigure("footfall", say("客流量"), 1008.0, "1,008", "", "−3 %"),
                            KeyFigure(
                                "peak", say("同时最多人数"), None, "–", definition=say("每分钟均值的最大值。")
                            ),
                            KeyFigure(
                                "dwell",
                                say("平均停留"),
                                42.1,
                                say("42 秒"),
                                say("40 至 45 秒"),
                                say("+4 秒"),
                                True,
                            ),
                        )
                    ),
                    Bullets((say("机器人展位最受欢迎。"), say("咖啡厅 12:00 起排队。"))),
                    Paragraph(say("摄像头 2 中断 14 分钟。"), Weight.WARNING),
                ),
            ),
            Section(
                "dwell",
                say("停留"),
                (
                    _make_table(say),
                    BarChart(
                        "dwell_by_zone",
                        say("各展区平均停留"),
                        (say("机器人"), say("咖啡厅"), say("舞台")),
                        np.array([42.1, np.nan, 81.0]),
                        say("秒"),
                        np.array([[40.0, 44.5], [np.nan, np.nan], [70.0, 95.0]]),
                    ),
                    LineChart(
                        "occupancy",
                        say("在馆人数"),
                        hours,
                        (
                            Line(say("全馆"), np.array([3.0, np.nan, 20.0, 12.0])),
                            Line(say("舞台"), np.array([0.0, 1.0, 9.0, 2.0]), "#0d9488"),
                        ),
                        say("人"),
                        say("时间"),
                        marks=((START_S + 3600, START_S + 5400, say("开幕演讲")),),
                    ),
                    FloorMap(
                        "presence",
                        say("停留热力图"),
                        ((0.0, 0.0), (6.0, 0.0), (6.0, 4.0), (0.0, 4.0)),
                        (((2.0, 1.0), (3.0, 1.0), (3.0, 2.0)),),
                        (FloorZone(say("机器人"), ((0.5, 0.5), (2.0, 0.5), (2.0, 2.0), (0.5, 2.0)), "412"),),
                        np.where(
                            np.arange(96).reshape(8, 12) % 12 < 10, np.arange(96.0).reshape(8, 12), np.nan
                        ),
                        unobserved=(np.array([[5.0, 0.0], [6.0, 0.0], [6.0, 4.0], [5.0, 4.0]]),),
                        top=96.0,
                        unit=say("人·秒/m²"),
                    ),
                ),
            ),
        ),
    )
