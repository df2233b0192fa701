"""What commands, variables, indications and errors of the module mean, for people.

These tables stand only here. spwf04_sim.parts.tables has the texts and defaults that the module
itself prints, spwf04.at.hints what an error means. The source of the rest is docs/protocol.md,
sections c to j. What no source explains is not explained here.
"""

from spwf04_sim.parts.tables import ERRORS

from .commands import CHOICES, COMMANDS, Command, Line, parse
from .errors import advice, certificate, meaning
from .indications import INDICATIONS, indication
from .replies import reply
from .says import explain
from .variables import STATUS, VARIABLES, variable

__all__ = [
    "CHOICES",
    "COMMANDS",
    "ERRORS",
    "INDICATIONS",
    "STATUS",
    "VARIABLES",
    "Command",
    "Line",
    "advice",
    "certificate",
    "explain",
    "indication",
    "meaning",
    "parse",
    "reply",
    "variable",
]
