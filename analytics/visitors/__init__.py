"""Identification: tracklets of all cameras joined into visitors, false tracks left out."""
