"""Networks that detect people: loading, inference, export."""
