"""The AT commands, a function each. registry.py says what such a function gets and returns."""

from . import (  # noqa: F401  (each registers its commands)
    config,
    eap,
    factory,
    files,
    manual,
    net,
    pins,
    power,
    server,
    status,
    tls,
    wifi,
)
from .registry import COMMANDS, parse, run

__all__ = ["COMMANDS", "parse", "run"]
