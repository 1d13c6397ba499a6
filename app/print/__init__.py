"""Layout of reports and certificates as PDF, SVG and PNG, painted from values; Qt without widgets."""
