"""The module's configuration variables. Imported when one is asked for or set."""

from .argument import argument


def get(radio, name, command="GCFG"):
    """Return a configuration variable (or, with command="STS", a status one) as str.

    ModuleError with code 4 if the firmware has none of that name. [protocol f]
    """
    found = []
    head = b"AT-S.Var:" + argument(name, "name") + b"="

    def on_line(parser):
        if parser.starts(head):
            found.append(parser.text(len(head)))

    line = ("AT+S.%s=%s\r" % (command, name)).encode()
    radio.channel.command(line, None, 3000, on_line)
    return found[0] if found else ""


def set_(radio, name, value):
    """radio.set(): a configuration variable until the next reset; save() keeps it. [c.1]

    value: str, bytes or int; commas are sent by changing the delimiter for this command.
    """
    if isinstance(value, int):
        value = str(value)
    head = b"SCFG=" + argument(name, "name") + b","
    value = argument(value, name)
    if b"," in value:
        from .comma import command

        command(radio.channel, head, value)
    else:
        radio.channel.command(b"AT+S." + head + value + b"\r", None, 3000)


def save(radio):
    """Write the settings of this moment to the module's flash (AT+S.WCFG).

    The network joined last is among them, with its password in clear.
    """
    radio.channel.command(b"AT+S.WCFG\r", None, 5000)
