"""Sections of reports and their wording, templates; exported data sets, schedules and delivery."""
