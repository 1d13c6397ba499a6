"""Heatmap layers, routes and playback on the floor plan, and objects that are not people."""
