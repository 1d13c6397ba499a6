"""Precomputed tables of past days."""
