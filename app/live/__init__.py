"""Positions of people at this moment."""
