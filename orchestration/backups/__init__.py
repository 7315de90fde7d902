"""Backups of what cannot be rebuilt, and the way back: lake, desk, book of alerts, erasures."""
