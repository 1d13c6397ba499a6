"""What an estimator gives: a value and how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval; either is None where the data do not carry it."""

    value: float | None = None
    interval: tuple[float, float] | None = None


UNKNOWN = Estimate()
