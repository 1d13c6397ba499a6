"""Textures of floors, walls and signs, from noise and simple shapes."""

from __future__ import annotations

import cv2
import numpy as np

from vision.pixel_types import Picture

WORDS = (
    "NOVA",
    "Licht",
    "Robotik",
    "HALL 4",
    "Welcome",
    "Atelier",
    "2 for 1",
    "INFO",
    "Archiv",
    "Orion",
    "Expo",
)


def make_cloudy(
    *,
    size_wh: tuple[int, int],
    colour: tuple[float, float, float],
    grain: float,
    clouds: float,
    rng: np.random.Generator,
) -> Picture:
    """Return one colour with fine grain and large soft clouds (carpet, plaster, concrete)."""
    width, height = size_wh
    coarse = rng.normal(0, 1, (max(height // 40, 2), max(width // 40, 2))).astype(np.float32)
    soft = cv2.resize(coarse, size_wh, interpolation=cv2.INTER_CUBIC)
    fine = rng.normal(0, 1, (height, width)).astype(np.float32)
    level = (clouds * soft + grain * fine)[:, :, None]
    return np.clip(np.asarray(colour, np.float32) + level, 0, 255).astype(np.uint8)


def make_tiles(
    *,
    size_wh: tuple[int, int],
    tile_wh: tuple[int, int],
    colour: tuple[float, float, float],
    second: tuple[float, float, float],
    joint: float,
    rng: np.random.Generator,
) -> Picture:
    """Return tiles or planks in one or two slightly varying colours, with joints."""
    width, height = size_wh
    tile_width, tile_height = tile_wh
    rows, columns = -(-height // tile_height), -(-width // tile_width)
    checker = (np.add.outer(np.arange(rows), np.arange(columns)) % 2)[:, :, None]
    tiles = np.where(checker == 0, np.asarray(colour), np.asarray(second)) + rng.normal(
        0, 5, (rows, columns, 1)
    )
    picture = np.kron(tiles, np.ones((tile_height, tile_width, 1)))
    picture = np.asarray(picture[:height, :width], np.float64)
    picture[::tile_height] *= joint
    picture[:, ::tile_width] *= joint
    picture += rng.normal(0, 3, (height, width, 1))
    return np.asarray(np.clip(picture, 0, 255), np.uint8)


def make_sign(*, size_wh: tuple[int, int], rng: np.random.Generator) -> Picture:
    """Return a poster: a gradient, a few shapes and some writing; never a person."""
    width, height = size_wh
    first, second = rng.uniform(20, 240, (2, 3))
    ramp = np.linspace(0, 1, height)[:, None, None]
    picture = np.ascontiguousarray(
        np.broadcast_to(first * (1 - ramp) + second * ramp, (height, width, 3)).astype(np.uint8)
    )
    for _ in range(int(rng.integers(1, 6))):
        colour = rng.uniform(0, 255, 3).tolist()
        x, y = int(rng.integers(0, width)), int(rng.integers(0, height))
        w, h = int(rng.integers(4, width // 2 + 5)), int(rng.integers(4, height // 3 + 5))
        if rng.random() < 0.5:
            cv2.rectangle(picture, (x, y), (x + w, y + h), colour, -1)
        else:
            cv2.ellipse(picture, (x, y), (w // 2, h // 2), float(rng.uniform(0, 180)), 0, 360, colour, -1)
    ink = (245, 245, 245) if picture.mean() < 128 else (25, 25, 25)
    word = str(rng.choice(WORDS))
    size = width / (20 * len(word)) * 0.95
    cv2.putText(
        picture,
        word,
        (3, max(height // 4, 12)),
        cv2.FONT_HERSHEY_SIMPLEX,
        size,
        ink,
        max(int(size * 2), 1),
        cv2.LINE_AA,
    )
    for line in range(int(rng.integers(0, 6))):
        y = height // 2 + line * max(height // 24, 4)
        cv2.line(picture, (width // 8, y), (int(width * rng.uniform(0.5, 0.9)), y), ink, max(height // 90, 1))
    return picture


def make_shelf(*, size_wh: tuple[int, int], rng: np.random.Generator) -> Picture:
    """Return shelves with boxes and bottles of many colours."""
    width, height = size_wh
    picture = np.full((height, width, 3), rng.uniform(40, 200), np.uint8)
    boards = int(rng.integers(3, 6))
    for board in range(boards):
        base = (board + 1) * height // boards - 3
        x = 2
        while x < width - 6:
            w, h = int(rng.integers(4, 14)), int(rng.integers(height // boards // 3, height // boards - 4))
            cv2.rectangle(picture, (x, base - h), (x + w, base), rng.uniform(10, 245, 3).tolist(), -1)
            x += w + int(rng.integers(0, 6))
        cv2.rectangle(picture, (0, base), (width, base + 2), (90, 100, 110), -1)
    return picture


def write_name_on(*, size_wh: tuple[int, int], colour: tuple[float, float, float], name: str) -> Picture:
    """Return a board of one colour with a name in large white letters and a lighter band."""
    width, height = size_wh
    board = np.full((height, width, 3), colour, np.uint8)
    band = np.clip(np.asarray(colour) * 1.35 + 20, 0, 255).tolist()
    cv2.rectangle(board, (0, int(height * 0.8)), (width, height), band, -1)
    (text_width, text_height), _ = cv2.getTextSize(name, cv2.FONT_HERSHEY_DUPLEX, 1.0, 2)
    size = min(width * 0.8 / text_width, height * 0.35 / text_height)
    origin = (int((width - text_width * size) / 2), int(height * 0.45 + text_height * size / 2))
    thickness = max(int(size * 2), 1)
    cv2.putText(board, name, origin, cv2.FONT_HERSHEY_DUPLEX, size, (245, 245, 245), thickness, cv2.LINE_AA)
    return board
