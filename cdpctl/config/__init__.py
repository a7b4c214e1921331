"""Profiles and settings: the file they are in, and what a run makes of them."""

from cdpctl.config.file import change, check_value, config_path, load, save_profile, table
from cdpctl.config.resolve import Overrides, resolve

__all__ = ["Overrides", "change", "check_value", "config_path", "load", "resolve", "save_profile", "table"]
