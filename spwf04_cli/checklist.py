"""A list of checks, each shown when it is made, and the verdict on all."""

from . import output, steps

OK, NOTE, WARNING, FAILED = "ok", "note", "warning", "failed"
_STYLES = {OK: "green", NOTE: "cyan", WARNING: "yellow", FAILED: "bold red"}
_MARKS = {OK: "✔", NOTE: "·", WARNING: "!", FAILED: "✘"}


class Checklist:
    """Checks that were made. checks: a list of {check, state, said, todo}."""

    def __init__(self, quiet):
        self.checks = []
        self._quiet = quiet

    def add(self, check, state, said, todo=""):
        """Note the result of a check, and show it."""
        todo = steps.pasted(todo)
        self.checks.append({"check": check, "state": state, "said": said, "todo": todo})
        if not self._quiet:
            output.finding(_MARKS[state], _STYLES[state], check, said, todo)

    def count(self, state):
        """How many checks ended in a state."""
        return sum(1 for check in self.checks if check["state"] == state)

    def verdict(self):
        """Return the verdict in one sentence, without a full stop."""
        failed, warned = self.count(FAILED), self.count(WARNING)
        if failed:
            names = ", ".join(c["check"] for c in self.checks if c["state"] == FAILED)
            return f"something does not work: {names}"
        if warned:
            names = ", ".join(c["check"] for c in self.checks if c["state"] == WARNING)
            return f"it works; look at: {names}"
        return "it works"
