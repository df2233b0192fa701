"""What firmware 1.0.0 does otherwise than 1.1.0, as ST's change log tells. [b.5]

Other differences stand where the feature is, and ask module.is_since("1.1.0").
"""

from ..parts.variables import SINCE_1_1

_COMMANDS = ("FSM",)  # that it does not have [i]
_LEAK = 600  # bytes that a FSP loses for ever. GUESS


def lacks(module, name):
    """True if the module's firmware has no such command."""
    return name in _COMMANDS and not module.is_since("1.1.0")


def factory(module, variables):
    """Return the variables that the module's firmware has, of {name: value}."""
    if module.is_since("1.1.0"):
        return variables
    return {name: value for name, value in variables.items() if name not in SINCE_1_1}


def refusal(module, name):
    """Return the error that a command gets because of a fault of the firmware, or None."""
    if name == "FSP" and not module.is_since("1.1.0") and module.heap.is_exhausted():
        return 91
    return None


def ended(module, name):
    """Do what a fault of the firmware does after a command."""
    if name == "FSP" and not module.is_since("1.1.0"):
        module.heap.leak(_LEAK)
