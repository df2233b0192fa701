"""What the module's manual would say, for people: commands, variables, indications, errors.

The one place of these tables; spwf04_sim.parts.tables has the texts and defaults that the module
itself prints, and spwf04.at.hints what to do about an error. Source of the rest: docs/protocol.md,
sections c to j. What no source explains is not explained here.
"""

from spwf04_sim.parts.tables import ERRORS

from .commands import CHOICES, COMMANDS, Command, Line, parse
from .errors import advice, certificate
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
    "parse",
    "reply",
    "variable",
]
