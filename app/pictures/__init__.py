"""The heatmap picture that the command line writes, with colours of its own."""
