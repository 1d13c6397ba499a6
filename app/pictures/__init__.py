"""The heatmap picture written by the command line."""
