"""The vocabulary: exhibition, plan, zones, cameras, track points, errors, clock, geometry."""
