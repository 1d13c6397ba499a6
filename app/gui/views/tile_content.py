"""From a camera's state to what its tile says, in the language in force."""

from __future__ import annotations

from app.gui.translation import tr, trn
from app.gui.viewmodels.live_wall_state import LiveWallState, TileState
from app.gui.widgets.tile_facts import TileContent, TileTone, TileTrack
from app.venue.privacy_file import PreviewMode

_USUAL_WH = (16, 9)
"""The shape of a camera's pictures before the first has come."""


def make_content(tile: TileState, state: LiveWallState) -> TileContent:
    """What a tile says, in the language in force."""
    figures = []
    if tile.has_picture:
        figures.append(tr("{fps:.1f} frames/s", fps=tile.fps))
        figures.append(trn("{n} dropped", "{n} dropped", tile.dropped))
        if tile.age_s is not None:
            figures.append(tr("{age_s:.1f} s old", age_s=tile.age_s))
    return TileContent(
        camera=tile.camera,
        tone=TileTone(tile.words.health.value),
        problem=tile.words.problem,
        remedy=tile.words.remedy,
        since=tile.since,
        people="" if tile.people is None else trn("{n} person", "{n} people", tile.people),
        figures="  ·  ".join(figures),
        tracks=tuple(
            TileTrack(track.tracklet, track.xyxy, trail)
            for track, trail in zip(tile.tracks, tile.trails, strict=True)
        ),
        found=tile.found_xyxy,
        zones=tile.zones if state.shows_zones else (),
        shows_tracks=state.shows_boxes,
        is_blurred=state.is_blurred,
        stale_after_s=tile.stale_after_s,
        silhouettes_wh=(tile.frame_wh or _USUAL_WH) if state.previews is PreviewMode.SILHOUETTES else None,
    )
