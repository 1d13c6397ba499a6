"""Backups, retention, upgrades and detection models."""
