"""Values of places: what an average exhibitor could expect there, from the choices of visitors."""
