"""A visitor's body: joints from height, heading and step, and rounded parts between them.

Lengths follow Drillis and Contini's segment lengths as fractions of the height (Winter, Biomechanics and
Motor Control of Human Movement, figure 4.1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from analytics.domain.arrays import FloatArray

Colour = tuple[float, float, float]

SKIN = ((140, 170, 220), (90, 120, 180), (60, 80, 120), (160, 190, 235), (110, 145, 200), (45, 60, 95))
HAIR = ((20, 20, 25), (30, 45, 70), (60, 90, 130), (110, 150, 180), (150, 150, 155), (25, 30, 40))
TROUSERS = (
    (60, 40, 30),
    (40, 40, 45),
    (110, 80, 50),
    (30, 30, 30),
    (150, 140, 120),
    (90, 70, 60),
    (190, 185, 180),
)
SHOES = ((25, 25, 25), (40, 50, 70), (220, 220, 220), (60, 60, 140))


@dataclass(frozen=True, slots=True)
class Appearance:
    """Constant appearance of a person; colours are BGR.

    Attributes:
        build: width against the average.
        coat_length: how far a coat, dress or skirt reaches from hip to ankle, 0 to 1; 0 for none.
        hair_length: 0 for short, 1 for shoulder length.
    """

    height_m: float
    build: float
    skin: Colour
    hair: Colour
    top: Colour
    trousers: Colour
    shoes: Colour
    coat_length: float
    bare_arms: bool
    bare_legs: bool
    hair_length: float
    bag: str
    bag_colour: Colour
    emblem: Colour | None


@dataclass(frozen=True, slots=True)
class Pose:
    """The posture of a person at a time.

    Attributes:
        heading_rad: where the body faces on the plan, counter-clockwise from x.
        step_rad: phase of the step; a full turn is two steps.
        swing_rad: half the angle of the thighs' swing: 0 standing, about 0.4 walking.
        raised_arms: bits, 1 for the left forearm raised (a telephone, a leaflet), 2 for the right.
    """

    xy_m: tuple[float, float]
    heading_rad: float
    step_rad: float = 0.0
    swing_rad: float = 0.0
    raised_arms: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The convex hull of spheres: centres, shape (n, 3) in metres, and radii, shape (n,)."""

    centres_m: FloatArray
    radii_m: FloatArray
    colour: Colour
    nearer_m: float = 0.0


def draw_appearance(rng: np.random.Generator) -> Appearance:
    """Draw a random adult or, sometimes, a child."""
    child = rng.random() < 0.08
    height = float(rng.uniform(1.1, 1.45)) if child else float(np.clip(rng.normal(1.70, 0.09), 1.48, 1.98))
    coat = float(rng.uniform(0.15, 0.75)) if rng.random() < 0.25 else 0.0
    emblem = _random_colour(rng) if rng.random() < 0.3 else None
    grey = rng.random() < 0.4
    top = (float(rng.uniform(15, 230)),) * 3 if grey else _random_colour(rng)
    return Appearance(
        height_m=height,
        build=float(np.clip(rng.normal(1.08, 0.12), 0.88, 1.45)),
        skin=_vary(SKIN, rng),
        hair=_vary(HAIR, rng) if rng.random() < 0.9 else _random_colour(rng),
        top=top,
        trousers=_vary(TROUSERS, rng),
        shoes=_vary(SHOES, rng),
        coat_length=coat,
        bare_arms=bool(rng.random() < 0.3),
        bare_legs=bool(rng.random() < 0.12),
        hair_length=float(rng.uniform(0.3, 1.0)) if rng.random() < 0.45 else 0.0,
        bag=str(rng.choice(["none", "backpack", "handbag"], p=[0.55, 0.25, 0.2])),
        bag_colour=_random_colour(rng) if rng.random() < 0.5 else (35.0, 35.0, 40.0),
        emblem=emblem,
    )


def build_parts(*, appearance: Appearance, pose: Pose) -> list[Part]:
    """Return the parts of a body in world metres, unordered."""
    h = appearance.height_m
    swing = pose.swing_rad * math.sin(pose.step_rad)
    bend = pose.swing_rad * math.cos(pose.step_rad)
    legs = [_leg(swing, bend), _leg(-swing, -bend)]
    lift = 0.039 - min(leg[2][2] for leg in legs)
    width = appearance.build
    parts: list[Part] = []

    def add(
        points: list[tuple[float, float, float]], radii: list[float], colour: Colour, nearer_m: float = 0.0
    ) -> None:
        local = np.array(points, float) * h
        c, s = math.cos(pose.heading_rad), math.sin(pose.heading_rad)
        world = np.column_stack(
            [
                pose.xy_m[0] + c * local[:, 0] - s * local[:, 1],
                pose.xy_m[1] + s * local[:, 0] + c * local[:, 1],
                local[:, 2] + lift * h,
            ]
        )
        parts.append(Part(world, np.array(radii) * h, colour, nearer_m * h))

    leg_colour = appearance.skin if appearance.bare_legs else appearance.trousers
    for side, leg in zip((1, -1), legs, strict=True):
        hip, knee, ankle, toe = ((x, side * 0.052 * width, z) for x, _, z in leg)
        shade = tuple(v * (1.0 if side > 0 else 0.9) for v in leg_colour)
        thigh = tuple(v * (1.0 if side > 0 else 0.9) for v in appearance.trousers)
        add([hip, knee], [0.055 * width, 0.037], (thigh[0], thigh[1], thigh[2]))
        add([knee, ankle], [0.037, 0.025], (shade[0], shade[1], shade[2]))
        add([ankle, toe], [0.026, 0.02], appearance.shoes, 0.01)
    _add_torso(add, appearance, width)
    arm_colour = appearance.skin if appearance.bare_arms else appearance.top
    for side, turn in ((1, -swing), (-1, swing)):
        raised = bool(pose.raised_arms & (1 if side > 0 else 2))
        shoulder, elbow, wrist, hand = _arm(0.9 * turn, side * width, raised)
        shade = tuple(v * 0.93 for v in appearance.top)
        add([shoulder, elbow], [0.036 * width, 0.029], (shade[0], shade[1], shade[2]), 0.03)
        add([elbow, wrist], [0.029, 0.02], arm_colour, 0.03)
        add([wrist, hand], [0.018, 0.022], appearance.skin, 0.04)
        if appearance.bag == "handbag" and side < 0:
            x, y, z = hand
            add(
                [
                    (x - 0.05, y, z - 0.04),
                    (x + 0.05, y, z - 0.04),
                    (x - 0.06, y, z - 0.15),
                    (x + 0.06, y, z - 0.15),
                ],
                [0.018] * 4,
                appearance.bag_colour,
            )
    _add_head(add, appearance)
    return parts


def _add_torso(add, appearance: Appearance, width: float) -> None:  # type: ignore[no-untyped-def]
    w = width
    belly = 0.058 + 0.05 * max(w - 1.0, 0.0)
    add(
        [(0, 0.085 * w, 0.79), (0, -0.085 * w, 0.79), (0.01, 0.05 * w, 0.64), (0.01, -0.05 * w, 0.64)],
        [0.042, 0.042, belly, belly],
        appearance.top,
    )
    add(
        [(0.01, 0.045 * w, 0.66), (0.01, -0.045 * w, 0.66), (0, 0.05 * w, 0.54), (0, -0.05 * w, 0.54)],
        [belly, belly, 0.06, 0.06],
        appearance.top
        if appearance.coat_length or appearance.bag != "none"
        else appearance.trousers
        if appearance.bare_arms
        else appearance.top,
    )
    if appearance.coat_length:
        low = 0.52 - 0.42 * appearance.coat_length
        flare = 0.05 + 0.03 * appearance.coat_length
        add(
            [(0, 0.045 * w, 0.6), (0, -0.045 * w, 0.6), (0, flare * w, low), (0, -flare * w, low)],
            [0.062, 0.062, 0.05, 0.05],
            appearance.top,
            0.04,
        )
    if appearance.emblem is not None:
        add([(0.06, 0.025, 0.72), (0.06, -0.025, 0.72)], [0.02, 0.02], appearance.emblem, 0.005)
    if appearance.bag == "backpack":
        add(
            [(-0.09, 0.05, 0.76), (-0.09, -0.05, 0.76), (-0.1, 0.05, 0.6), (-0.1, -0.05, 0.6)],
            [0.04] * 4,
            appearance.bag_colour,
        )


def _add_head(add, appearance: Appearance) -> None:  # type: ignore[no-untyped-def]
    add([(0, 0, 0.82), (0.01, 0, 0.88)], [0.034, 0.03], appearance.skin, 0.01)
    add([(-0.006, 0, 0.945), (-0.012, 0, 0.93)], [0.055, 0.055], appearance.hair, 0.02)
    add([(0.016, 0, 0.935), (0.02, 0, 0.9)], [0.044, 0.034], appearance.skin, 0.03)
    if appearance.hair_length:
        low = 0.93 - 0.13 * appearance.hair_length
        add(
            [(-0.02, 0, 0.94), (-0.032, 0.02, low), (-0.032, -0.02, low)],
            [0.052, 0.036, 0.036],
            appearance.hair,
            0.02,
        )


def _leg(angle: float, bend: float) -> list[tuple[float, float, float]]:
    flex = 1.1 * max(bend, 0.0) + 0.04
    hip = (0.0, 0.0, 0.53)
    knee = (0.245 * math.sin(angle), 0.0, 0.53 - 0.245 * math.cos(angle))
    ankle = (knee[0] + 0.246 * math.sin(angle - flex), 0.0, knee[2] - 0.246 * math.cos(angle - flex))
    toe = (ankle[0] + 0.1, 0.0, ankle[2] - 0.018 - 0.1 * math.sin(max(flex - angle - 0.1, 0.0)) * 0.5)
    return [hip, knee, ankle, toe]


def _arm(angle: float, side: float, raised: bool) -> list[tuple[float, float, float]]:
    shoulder = (0.0, 0.115 * side, 0.8)
    upper = 0.35 if raised else angle
    flex = 1.5 if raised else 0.25 + max(angle, 0.0)
    out = 0.02 * side
    elbow = (0.186 * math.sin(upper), shoulder[1] + out, 0.8 - 0.186 * math.cos(upper))
    forearm = upper + flex
    inward = -0.05 * side if raised else 0.0
    wrist = (elbow[0] + 0.146 * math.sin(forearm), elbow[1] + inward, elbow[2] - 0.146 * math.cos(forearm))
    hand = (wrist[0] + 0.045 * math.sin(forearm), wrist[1] + inward / 3, wrist[2] - 0.045 * math.cos(forearm))
    return [shoulder, elbow, wrist, hand]


def _random_colour(rng: np.random.Generator) -> Colour:
    b, g, r = rng.uniform(20, 225, 3)
    return float(b), float(g), float(r)


def _vary(colours: tuple[tuple[int, int, int], ...], rng: np.random.Generator) -> Colour:
    b, g, r = np.clip(np.array(colours[rng.integers(len(colours))]) + rng.normal(0, 8, 3), 5, 250)
    return float(b), float(g), float(r)
