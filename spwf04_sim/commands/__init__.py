"""The AT commands, a function each. registry.py says what such a function gets and returns."""

from . import config, eap, files, net, server, tls, wifi  # noqa: F401  (each registers its commands)
from .registry import COMMANDS, parse, run

__all__ = ["COMMANDS", "parse", "run"]
