"""The tables of a period that all figures are computed from, and its gaps."""
