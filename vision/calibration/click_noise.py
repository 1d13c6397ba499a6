"""The noise of points clicked in a picture: a prior, updated from residuals."""

from __future__ import annotations

from dataclasses import dataclass

PRIOR_SIGMA_PX = 2.8
PRIOR_DEGREES_OF_FREEDOM = 4.0
"""Together: a noise somewhere between one and five pixels. With these, 95 % ellipses hold the truth in 95 to
97 % of cases over that range, however many pairs there are; in 89 % for four pairs and five pixels."""


@dataclass(frozen=True, slots=True)
class ClickNoise:
    """The error of a picked pixel along u and along v.

    Attributes:
        sigma_px: scale.
        degrees_of_freedom: of the Student distribution of derived quantities.
    """

    sigma_px: float
    degrees_of_freedom: float


PRIOR_NOISE = ClickNoise(PRIOR_SIGMA_PX, PRIOR_DEGREES_OF_FREEDOM)
KNOWN_DEGREES_OF_FREEDOM = 1000.0
"""Degrees of freedom of a noise known from elsewhere, close to normal."""


def learn_click_noise(
    square_sum_px2: float, degrees_of_freedom: int, *, prior: ClickNoise = PRIOR_NOISE
) -> ClickNoise:
    """Update the noise from residuals.

    Scaled inverse chi-square prior with normal residuals (Gelman et al., Bayesian Data Analysis, 2.6):
    degrees of freedom add up, and so do the squares.

    Args:
        square_sum_px2: of the residuals along u and v.
        degrees_of_freedom: residuals less fitted parameters; 0 for four pairs.
    """
    together = prior.degrees_of_freedom + degrees_of_freedom
    squares = prior.degrees_of_freedom * prior.sigma_px**2 + square_sum_px2
    return ClickNoise((squares / together) ** 0.5, together)
