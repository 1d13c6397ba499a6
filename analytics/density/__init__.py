"""Heatmaps, walking directions and levels of service."""
