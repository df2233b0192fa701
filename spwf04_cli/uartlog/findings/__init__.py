"""What went wrong in a recording, and what to do about it.

Each rule looks at every item in turn, and says what it finds. spwf04.at.hints says what the
module's numbers mean. The rest comes from reports of users and ST's engineers. [h.5, T1]
"""

from ..finding import ERROR, NOTE, WARNING
from .answers import Answers, Dialect, Garbage
from .network import AccessPoint, Joining
from .restarts import Restarts
from .sockets import Sockets
from .tls import Trust
from .unexplained import Errors, Indications

# The last two take what no other rule has explained
_RULES = (
    *(Garbage, Dialect, Restarts, Answers, Joining, AccessPoint, Sockets, Trust),
    *(Errors, Indications),
)


def examine(items, recording):
    """List the Findings, the gravest first, then the earliest.

    items: of decode. recording: the Recording.
    """
    rules = [rule(recording) for rule in _RULES]
    for item in items:
        for rule in rules:
            rule.see(item)
    for rule in rules:
        rule.end()
    found = [finding for rule in rules for finding in rule.findings]
    return sorted(found, key=lambda f: ((ERROR, WARNING, NOTE).index(f.weight), f.place))
