"""Profiles, options and variables."""
