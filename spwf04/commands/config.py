"""The module's configuration variables. What asks or sets one is steps: see at/task.py."""

from ..arguments import argument, exact
from ..at.exchange import Exchange


def variable(value, name="name"):
    """Return the name of a variable as bytes: printable ASCII without blanks or commas."""
    data = argument(value, name, 100, True)
    if not data or not all([32 < c < 127 for c in data]):
        raise ValueError("%s must be printable ASCII without blanks, and not empty" % name)
    return data


def content(value, name):
    """Return the value of a variable as bytes. value: str, bytes-like, int, or bool (1 or 0)."""
    number = exact(value)
    if isinstance(number, (bool, int)):  # MicroPython's bool is no int
        return b"%d" % number
    return argument(value, name)


def get(radio, name, command="GCFG"):
    """SPWF04.get(), as steps."""
    command = argument(command, "command")
    if command not in (b"GCFG", b"STS"):
        raise ValueError("command must be GCFG or STS")
    return (yield from asked(radio, variable(name), command))


def set_(radio, name, value):
    """SPWF04.set(), as steps."""
    name = variable(name)
    head = b"SCFG=" + name + b","
    value = content(value, name.decode())
    if name == b"console_echo":
        radio.channel.expect_echo()
    if b"," in value:
        from .comma import steps

        yield from steps(radio.channel, head, value)
    else:
        yield from done(radio.channel, b"AT+S." + head + value + b"\r", 3000)


def done(channel, line=b"AT\r", timeout_ms=2000):
    """Steps: send a command of which nothing but its OK is wanted."""
    exchange = Exchange().prepare(line, None, timeout_ms)
    yield exchange
    channel.check(exchange)


def joined(radio):
    """State.isconnected(), as steps."""
    radio.channel.poll()
    if radio.is_in_doubt():
        yield from asking_address(radio)
    return radio.ip is not None


def asking_address(radio):
    """Steps: ask the module whether it is joined, if it is in doubt. LinkLost."""
    found = [""]

    def on_line(parser):
        if parser.starts(b"AT-S.Var:ip_ipaddr="):
            found.append(parser.text(19))

    radio.doubt_address()
    exchange = Exchange(on_line)
    yield exchange.prepare(b"AT+S.STS=ip_ipaddr\r", None, 3000)
    if radio.is_in_doubt():  # else an indication, or a restart, has told it meanwhile
        radio.channel.check(exchange)
        radio.told_status(found[-1])


def started(radio):
    """Note whether the radio has started, as steps."""
    told = []
    exchange = Exchange(lambda parser: told.append(parser.text()))
    yield exchange.prepare(b"AT+S.STS=wifi_state\r", None, 3000)
    radio.radio_up = told != ["AT-S.Var:wifi_state=0"]  # 0: it has power [d]


def asked(radio, name, command=b"GCFG"):
    """As get(), of a name and a command that are good: bytes."""
    found = []
    head = b"AT-S.Var:" + name + b"="

    def on_line(parser):
        if parser.starts(head):
            found.append(parser.text(len(head)))

    exchange = Exchange(on_line)
    yield exchange.prepare(b"AT+S." + command + b"=" + name + b"\r", None, 3000)
    radio.channel.check(exchange)
    return found[0] if found else ""


def save(radio):
    """SPWF04.save(), as steps."""
    yield from done(radio.channel, b"AT+S.WCFG\r", 5000)
