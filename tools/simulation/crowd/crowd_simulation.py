"""Simulated exhibition visitors: JuPedSim's social force model with our choices and dwell times."""

from __future__ import annotations

from collections.abc import Callable

from tools.simulation.crowd.crowd_schedule import CrowdSchedule
from tools.simulation.crowd.crowd_settings import CrowdSettings
from tools.simulation.crowd.exhibition_hall import ExhibitionLayout
from tools.simulation.crowd.simulated_crowd import SimulatedCrowd
from tools.simulation.crowd.visitor_paths import STEP_S, VisitorPaths

DEFAULT_SETTINGS = CrowdSettings()


def is_simulator_installed() -> bool:
    """Return whether JuPedSim can be imported."""
    try:
        import jupedsim  # noqa: F401
    except ImportError:
        return False
    return True


def simulate_crowd(
    *,
    layout: ExhibitionLayout,
    duration_s: float,
    seed: int,
    settings: CrowdSettings = DEFAULT_SETTINGS,
    schedule: CrowdSchedule | None = None,
    on_progress: Callable[[float], None] = lambda _: None,
) -> VisitorPaths:
    """Simulate visitors of an exhibition; equal arguments give equal paths.

    Args:
        schedule: what changes in the course of the day; with it, its arrivals hold and not the settings'.
        on_progress: gets 0 to 1 about twice a simulated minute; may raise to stop.

    Raises:
        ExpoFlowError: JuPedSim is not installed.
    """
    crowd = SimulatedCrowd(layout, settings, seed, schedule)
    steps = round((settings.warm_up_s + duration_s) / STEP_S)
    for step in range(steps + 1):
        crowd.step(step * STEP_S - settings.warm_up_s)
        if step % 300 == 0:
            on_progress(step / max(steps, 1))
    on_progress(1.0)
    return VisitorPaths(duration_s, crowd.collect_paths())


def simulate_endless_crowd(
    *,
    layout: ExhibitionLayout,
    period_s: float,
    seed: int,
    settings: CrowdSettings = DEFAULT_SETTINGS,
    max_visit_s: float = 600.0,
    on_progress: Callable[[float], None] = lambda _: None,
) -> VisitorPaths:
    """Simulate visitors to be repeated every ``period_s``: arrivals within it, with complete paths.

    Whoever stays for longer than ``max_visit_s`` after the period is cut off there.

    Raises:
        ExpoFlowError: JuPedSim is not installed.
    """
    whole = simulate_crowd(
        layout=layout,
        duration_s=period_s + max_visit_s,
        seed=seed,
        settings=settings,
        on_progress=on_progress,
    )
    kept = (path for path in whole.paths if 0 <= path.start_s < period_s)
    return VisitorPaths(period_s, tuple(kept))
