"""Commands of the certificate store of which the lines of the reply are wanted."""

from ..at.channel import Exchange


def listing(store):
    """[(name, size, volume letter)] of all volumes; lines that do not fit are passed over. [i]"""
    found = []
    for line in command(store, b"AT+S.FSL\r"):
        parts = line[line.find(":") + 1 :].split("\t")
        if line.startswith("AT-S.File:") and len(parts) == 3 and parts[1].strip().isdigit():
            name = parts[2].strip()
            found.append((name[name.rfind("/") + 1 :], int(parts[1]), parts[0].strip()))
    return found


def command(store, command, payload=None, timeout_ms=5000, accept=()):
    """Send a command and return the lines of its reply, as str.

    Error numbers in `accept` are no error; store.code is the number, or 0.
    """
    lines = []
    exchange = Exchange(lambda parser: lines.append(parser.text()))
    store.channel.run(exchange.prepare(command, payload, timeout_ms))
    store.code = exchange.code
    if exchange.code not in accept:
        store.channel.check(exchange)
    return lines
