"""Flows of visitors between zones."""
