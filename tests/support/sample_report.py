"""A report with one block of every sort, in Chinese, with all that may be missing missing somewhere."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from analytics.reports.content import (
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

TABLE = Table(
    "zones",
    "展区停留",
    (
        ReportColumn("zone", "展区", CellKind.TEXT),
        ReportColumn("visits", "到访", CellKind.COUNT, definition="停留至少 3 秒的次数。"),
        ReportColumn("mean_dwell_s", "平均停留", CellKind.SECONDS, "秒", 1, "平均时长。", has_interval=True),
        ReportColumn("first", "首次", CellKind.MOMENT),
        ReportColumn("observed", "观测比例", CellKind.SHARE, decimals=1),
    ),
    (
        ("机器人", 412, (42.123456, 40.0, 44.5), START_S + 61.5, 0.987),
        ("咖啡厅", None, (None, None, None), None, 0.0),
        (DANGEROUS, 3, (7.0, None, None), START_S, 1.0),
    ),
    "咖啡厅未观测。",
)


def make_sample_report() -> ReportContent:
    hours = START_S + 3600 * np.arange(4.0)
    return ReportContent(
        template="daily",
        language="zh_CN",
        title="每日概要",
        subtitle="第一天",
        venue="深圳科技展",
        period_s=(START_S, START_S + 4 * 3600),
        period_text="2026-11-24 10:00–14:00",
        time_zone="Asia/Shanghai",
        made_at_s=START_S + 90_000,
        branding=Branding("深圳会展公司", None, "#b45309"),
        versions={"ExpoFlow": "0.1"},
        words={
            "page": "第 {page} 页，共 {pages} 页",
            "not known": "未知",
            "not observed": "未观测",
            "contents": "目录",
            "definitions": "定义",
        },
        sections=(
            Section(
                "summary",
                "概要",
                (
                    Paragraph("今天有 1,008 人进入展馆。", Weight.LEAD),
                    KeyFigures(
                        (
                            KeyFigure("footfall", "客流量", 1008.0, "1,008", "", "−3 %"),
                            KeyFigure("peak", "同时最多人数", None, "–", definition="每分钟均值的最大值。"),
                            KeyFigure("dwell", "平均停留", 42.1, "42 秒", "40 至 45 秒", "+4 秒", True),
                        )
                    ),
                    Bullets(("机器人展位最受欢迎。", "咖啡厅 12:00 起排队。")),
                    Paragraph("摄像头 2 中断 14 分钟。", Weight.WARNING),
                ),
            ),
            Section(
                "dwell",
                "停留",
                (
                    TABLE,
                    BarChart(
                        "dwell_by_zone",
                        "各展区平均停留",
                        ("机器人", "咖啡厅", "舞台"),
                        np.array([42.1, np.nan, 81.0]),
                        "秒",
                        np.array([[40.0, 44.5], [np.nan, np.nan], [70.0, 95.0]]),
                    ),
                    LineChart(
                        "occupancy",
                        "在馆人数",
                        hours,
                        (
                            Line("全馆", np.array([3.0, np.nan, 20.0, 12.0])),
                            Line("舞台", np.array([0.0, 1.0, 9.0, 2.0]), "#0d9488"),
                        ),
                        "人",
                        "时间",
                        marks=((START_S + 3600, START_S + 5400, "开幕演讲"),),
                    ),
                    FloorMap(
                        "presence",
                        "停留热力图",
                        ((0.0, 0.0), (6.0, 0.0), (6.0, 4.0), (0.0, 4.0)),
                        (((2.0, 1.0), (3.0, 1.0), (3.0, 2.0)),),
                        (FloorZone("机器人", ((0.5, 0.5), (2.0, 0.5), (2.0, 2.0), (0.5, 2.0)), "412"),),
                        np.where(
                            np.arange(96).reshape(8, 12) % 12 < 10, np.arange(96.0).reshape(8, 12), np.nan
                        ),
                        unobserved=(np.array([[5.0, 0.0], [6.0, 0.0], [6.0, 4.0], [5.0, 4.0]]),),
                        top=96.0,
                        unit="人·秒/m²",
                    ),
                ),
            ),
        ),
    )
