"""What the rules have in common."""

from ..decode import ERROR, OK
from ..finding import Finding


def heard(exchange):
    """True if the module has said something in an exchange."""
    return exchange.result in (OK, ERROR) or bool(exchange.replies)


class Rule:
    """Looks for one kind of trouble. see(item) is called for each item, then end(). findings: what
    was found."""

    def __init__(self, recording):
        self.recording = recording
        self.findings = []

    def see(self, item):
        """Look at the next item; its class says by which method: exchange(), indication(), …"""
        handler = getattr(self, type(item).__name__.lower(), None)
        if handler is not None:
            handler(item)

    def end(self):
        """Say what is found at the end of the recording."""

    def tell(self, name, weight, what, do="", item=None, why=()):
        """Add a finding. If there is one with this name and what, it is counted."""
        for finding in self.findings:
            if (finding.name, finding.what) == (name, what):
                finding.count += 1
                return finding
        at, place = (item.at, item.place) if item is not None else (None, 0)
        self.findings.append(Finding(name, weight, what, do, list(why), at, place))
        return self.findings[-1]

    def settle(self, finding, weight, words):
        """Note that what was found was made good later: its weight is another then, and words are
        added to it. Findings that say the same are counted."""
        self.findings.remove(finding)
        finding.weight = weight
        finding.what += words
        for same in self.findings:
            if (same.name, same.what) == (finding.name, finding.what):
                same.count += finding.count
                return
        self.findings.append(finding)
