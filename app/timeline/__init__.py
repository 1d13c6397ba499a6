"""Events, staff shifts and external counts."""
