"""The result of an estimator: a value with its interval."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its interval; either is None if the data do not support it.

    Attributes:
        is_rough: the value suffers from people who are missed, which its interval does not know.
    """

    value: float | None = None
    interval: tuple[float, float] | None = None
    is_rough: bool = field(default=False, compare=False)


UNKNOWN = Estimate()
