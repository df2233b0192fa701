"""The AT commands, a function each. registry.py says what such a function gets and returns."""

from . import apps, config, files, net, server, tls, update, wifi  # noqa: F401  (each registers its commands)
from .registry import COMMANDS, parse, run

__all__ = ["COMMANDS", "parse", "run"]
