"""A list of checks, shown as they are made, and the verdict on them."""

from . import output

OK, NOTE, WARNING, FAILED = "ok", "note", "warning", "failed"
_STYLES = {OK: "green", NOTE: "cyan", WARNING: "yellow", FAILED: "bold red"}
_MARKS = {OK: "✔", NOTE: "·", WARNING: "!", FAILED: "✘"}


class Checklist:
    """What was looked at. checks: a list of {check, state, said, todo}."""

    def __init__(self, quiet):
        self.checks = []
        self._quiet = quiet

    def add(self, check, state, said, todo=""):
        """Note what a check said, and show it."""
        self.checks.append({"check": check, "state": state, "said": said, "todo": todo})
        if not self._quiet:
            output.finding(_MARKS[state], _STYLES[state], check, said, todo)

    def count(self, state):
        """How many checks ended in a state."""
        return sum(1 for check in self.checks if check["state"] == state)

    def verdict(self):
        """One sentence."""
        failed, warned = self.count(FAILED), self.count(WARNING)
        if failed:
            names = ", ".join(c["check"] for c in self.checks if c["state"] == FAILED)
            return f"it does not work as it should: {names}"
        if warned:
            names = ", ".join(c["check"] for c in self.checks if c["state"] == WARNING)
            return f"it works; to be looked at: {names}"
        return "it works"
