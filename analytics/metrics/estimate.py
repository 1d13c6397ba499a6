"""The result of an estimator: a value with its interval."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval; either is None if the data do not support it."""

    value: float | None = None
    interval: tuple[float, float] | None = None


UNKNOWN = Estimate()
