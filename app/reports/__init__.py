"""Report content: templates, sections, wording; exported data sets, schedules and delivery."""
