"""Carries calls to a CDP; the only user of requests."""
