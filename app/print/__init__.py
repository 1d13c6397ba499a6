"""Pages as PDF, SVG and PNG, painted from values; Qt without widgets."""
