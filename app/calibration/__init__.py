"""Calibration of cameras from point pairs, rectangles, chessboards and walking people."""
