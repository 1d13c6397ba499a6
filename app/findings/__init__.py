"""Layout findings, and decisions about them."""
