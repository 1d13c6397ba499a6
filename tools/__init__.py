"""Programs for whoever works on ExpoFlow; no part of the product."""
