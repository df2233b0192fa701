"""What a rule is."""

from ..finding import Finding


class Rule:
    """One kind of trouble. see(item) for each item, then end(); findings: what it found."""

    def __init__(self, recording):
        self.recording = recording
        self.findings = []

    def see(self, item):
        """Look at the next item: by its class, exchange(), indication() and so on."""
        handler = getattr(self, type(item).__name__.lower(), None)
        if handler is not None:
            handler(item)

    def end(self):
        """There are no more items."""

    def tell(self, name, weight, what, do="", item=None, why=()):
        """Note a finding; the same one again is counted."""
        for finding in self.findings:
            if (finding.name, finding.what) == (name, what):
                finding.count += 1
                return finding
        at, place = (item.at, item.place) if item is not None else (None, 0)
        self.findings.append(Finding(name, weight, what, do, list(why), at, place))
        return self.findings[-1]
