"""The module's configuration variables. Imported when one is asked for or set."""

from ..arguments import argument, exact


def variable(value, name="name"):
    """Return the name of a variable as bytes: printable ASCII without blanks or commas."""
    data = argument(value, name, 100, True)
    if not data or not all([32 < c < 127 for c in data]):
        raise ValueError("%s must be printable ASCII without blanks, and not empty" % name)
    return data


def content(value, name):
    """Return the value of a variable as bytes: of str, bytes-like, or an int; of True as 1."""
    number = exact(value)
    if isinstance(number, (bool, int)):  # MicroPython's bool is no int
        return b"%d" % number
    return argument(value, name)


def get(radio, name, command="GCFG"):
    """Return a configuration variable (or, with command="STS", a status one) as str.

    ModuleError with code 4 if the firmware has none of that name. [f]
    """
    command = argument(command, "command")
    if command not in (b"GCFG", b"STS"):
        raise ValueError("command must be GCFG or STS")
    name = variable(name)
    found = []
    head = b"AT-S.Var:" + name + b"="

    def on_line(parser):
        if parser.starts(head):
            found.append(parser.text(len(head)))

    line = b"AT+S.%s=%s\r" % (command, name)
    radio.channel.command(line, None, 3000, on_line)
    return found[0] if found else ""


def set_(radio, name, value):
    """radio.set(): a configuration variable until the next reset; save() keeps it. [c.1]

    value: str, bytes or int; commas are sent by changing the delimiter for this command.
    """
    name = variable(name)
    head = b"SCFG=" + name + b","
    value = content(value, name.decode())
    if b"," in value:
        from ..at.comma import command

        command(radio.channel, head, value)
    else:
        radio.channel.command(b"AT+S." + head + value + b"\r", None, 3000)


def save(radio):
    """Write the settings of this moment to the module's flash (AT+S.WCFG).

    The network joined last is among them, with its password in clear.
    """
    radio.channel.command(b"AT+S.WCFG\r", None, 5000)
