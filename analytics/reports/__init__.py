"""Report content and files."""
