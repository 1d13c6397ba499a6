"""Figures of stands, rents and the exhibition as a whole."""
