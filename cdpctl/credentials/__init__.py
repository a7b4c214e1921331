"""Tokens and passwords: where they come from, and where they are stored."""
