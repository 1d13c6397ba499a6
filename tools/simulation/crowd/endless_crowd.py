"""A simulated crowd's endless repetition."""

from __future__ import annotations

from dataclasses import dataclass

from tools.simulation.crowd.visitor_paths import STEP_S, VisitorPaths, VisitorState


@dataclass(frozen=True, slots=True, eq=False)
class EndlessCrowd:
    """A crowd that repeats every ``paths.duration_s`` without a jump.

    Those who came in one period walk on into the next, among those who come then: each way is walked to its
    end. Visitors of two periods do not see each other, so that two may now and then stand close.
    """

    paths: VisitorPaths

    def at(self, time_s: float) -> list[VisitorState]:
        """Return everyone in the hall at any time; the same visitors come in each period."""
        period_s = self.paths.duration_s
        moments: list[VisitorState] = []
        for path in self.paths.paths:
            if not 0 <= path.start_s < period_s:
                continue
            lasts_s = STEP_S * (len(path.xy_m) - 1)
            since_s = (time_s - path.start_s) % period_s
            while since_s <= lasts_s:
                moment = path.state_at(path.start_s + since_s)
                if moment is not None:
                    moments.append(moment)
                since_s += period_s
        return moments
