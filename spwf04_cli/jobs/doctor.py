"""What doctor does on a module; update asks for the settings too."""


def hear(radio, ms):
    """Send AT below the driver, straight to the UART; return the bytes that come within ms.

    That ends when a module has answered, or when enough has come to tell what sends.
    """
    channel = radio.channel
    uart = channel.uart.device
    uart.write(b"\rAT\r\n")
    heard = b""
    end = channel.deadline(ms)
    while len(heard) < 1024 and b"AT-S.OK" not in heard and not channel.expired(end):
        n = uart.any() if hasattr(uart, "any") else uart.in_waiting
        if n:
            piece = bytearray(n)
            heard += bytes(piece[: uart.readinto(piece) or 0])
        else:
            channel.clock.idle()
    return heard


def set_rate(radio, rate):
    """Have the host's UART at a rate in bit/s; return whether it can have it."""
    from spwf04.commands.baudrate import switch

    try:
        switch(radio.channel.uart, rate)
    except ValueError:
        return False
    return True


def rate(radio):
    """Return the rate of the host's UART in bit/s."""
    return radio.baudrate


def find_rate(radio, rate):
    """Return whether the module answers at a rate of the UART in bit/s."""
    try:
        radio.find_baudrate((rate,))
        return True
    except OSError:
        return False


def settings(radio):
    """Return the configuration, {name: value}, secrets masked.

    user_desc, the password of the module's web pages, is not masked: for most modules it is a
    description, and an update may lose it.
    """
    from spwf04.at.secret import open_variable

    found = {}

    def on_line(parser):
        if parser.starts(b"AT-S.Var:"):
            name, _, value = parser.text(9).partition("=")
            if name != "user_desc" and not open_variable(name.encode()):
                value = "********" if value.strip("0:") else value
            found[name] = value

    radio.channel.command(b"AT+S.GCFG\r", None, 8000, on_line)
    return found


def steadiness(radio, times):
    """Ask for the whole configuration so many times. Return how many bytes came, how many answers
    differed from the first, and how often the module had to be found again."""
    channel = radio.channel
    first = settings(radio)
    before = channel.uart.received, channel.resyncs
    other = 0
    for _ in range(times):
        try:
            if settings(radio) != first:
                other += 1
        except OSError:
            other += 1
    return [channel.uart.received - before[0], other, channel.resyncs - before[1]]


def status(radio, name):
    """Return a status variable; None if this firmware has none of that name."""
    try:
        return radio.get(name, "STS")
    except OSError as e:
        if getattr(e, "code", None) != 4:
            raise
        return None


def rssi(radio):
    """Return the strength of the signal in dBm; the module must have joined."""
    return radio.rssi


def restart(radio):
    """Reset the module; return how many ms it took, and whether by its RESET line."""
    ticks = radio.channel.clock.ticks_ms
    start = ticks()
    radio.reset()
    return [(ticks() - start) & 0x1FFFFFFF, radio.reset_line is not None]
