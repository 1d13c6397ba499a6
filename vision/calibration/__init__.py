"""Homography, lens and pose of a camera, with their errors."""
