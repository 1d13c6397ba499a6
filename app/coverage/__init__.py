"""Coverage of the floor by cameras, and advice on mounting them."""
