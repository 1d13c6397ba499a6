"""The overview of a period: what stood out, and the stands by the visitors they stopped."""
