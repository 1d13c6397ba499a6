"""The plan and camera pictures as canvases."""
