"""Recordings and measurements of others that become part of a venue's history."""
