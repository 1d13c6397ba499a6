"""Forecasts of changed layouts, their proven error, and drafts of layouts."""
