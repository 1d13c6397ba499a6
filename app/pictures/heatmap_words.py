"""The words on a heatmap's picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HeatmapWords:
    """Words in one language; those with braces are templates."""

    unit: str
    unobserved: str
    view: str
    camera: str
    line: str
    zone: str
    caption: str
    metres: str
    person_minutes: str
    person_hours: str


ENGLISH = HeatmapWords(
    unit="person-seconds per m²",
    unobserved="Not observed",
    view="Camera's view",
    camera="Camera",
    line="Counting line",
    zone="Zone {number}",
    caption="Period {period}  ·  {coverage} of floor and time observed  ·  smoothed over {bandwidth} m  ·  "
    "total presence {presence}",
    metres="{length} m",
    person_minutes="{amount:.1f} person-minutes",
    person_hours="{amount:.1f} person-hours",
)

CHINESE = HeatmapWords(
    unit="人·秒/平方米",
    unobserved="未观测",
    view="摄像机视野",
    camera="摄像机",
    line="计数线",
    zone="区域 {number}",
    caption="时段 {period}  ·  已观测 {coverage} 的面积与时间  ·  平滑 {bandwidth} 米  ·  总停留 {presence}",
    metres="{length} 米",
    person_minutes="{amount:.1f} 人·分钟",
    person_hours="{amount:.1f} 人·小时",
)

LANGUAGES = {"en": ENGLISH, "zh": CHINESE}
