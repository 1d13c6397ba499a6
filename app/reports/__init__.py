"""Reports, exported data sets, schedules and delivery."""
