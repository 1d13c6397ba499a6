"""Scenes for judging trackers, written without a look at the trackers or at any other generator."""
