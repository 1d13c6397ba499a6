"""The open venue, period, language, theme and jobs, which all pages share."""
