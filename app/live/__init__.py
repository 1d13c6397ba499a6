"""Positions of people at this moment, and the figures computed from them."""
