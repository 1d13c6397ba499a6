"""Exposure, queues, companions and the value of floor space."""
