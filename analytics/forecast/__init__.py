"""Forecasts of what a changed layout would do to visits, from the choices that visitors were seen to make."""
