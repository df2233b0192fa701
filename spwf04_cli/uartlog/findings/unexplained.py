"""Every error of the module that no other rule has explained."""

from ...reference import advice
from ..decode import ERROR as FAILED
from ..decode import OPEN, RESTARTED
from .rule import ERROR, NOTE, WARNING, Rule

# Errors that answer a question rather than tell of a failure
_HARMLESS = (17,)


class Errors(Rule):
    """The last one: number, text, and what hints.py says of it."""

    def exchange(self, item):
        name = item.name or "a command"
        if item.result == FAILED and not item.explained:
            number = f"{item.code}" if item.code else "without a number"
            text = f": {item.text}" if item.text else ""
            what = f"{name}: error {number}{text}"
            do = advice(item.code) or "No source explains this number"
            self.tell("error", NOTE if item.code in _HARMLESS else ERROR, what, do, item)
        elif item.result == RESTARTED:
            what = f"the module restarted while {name} was under way"
            self.tell("lost-command", WARNING, what, "Whether it was done is not known", item)
        elif item.result == OPEN and self.recording.both and item.command:
            what = f"the recording ends before the last line of {name}"
            self.tell("ends", NOTE, what, "", item)
