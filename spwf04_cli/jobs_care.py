"""What doctor and update do on a module: see jobs.py."""


# doctor --------------------------------------------------------------------------------------
def hear(radio, ms):
    """Send AT as it is, below the driver, and return the bytes that come within so many ms."""
    channel = radio.channel
    uart = channel.port.uart
    uart.write(b"\rAT\r")
    heard = b""
    end = channel.deadline(ms)
    while not channel.expired(end):
        n = uart.any() if hasattr(uart, "any") else uart.in_waiting
        if n:
            piece = bytearray(n)
            heard += bytes(piece[: uart.readinto(piece) or 0])
        else:
            channel.clock.idle()
    return heard


def rate(radio):
    """The rate of the host's UART in bit/s."""
    return radio.baudrate


def find_rate(radio, rate):
    """Try a rate of the UART: whether the module answers there."""
    try:
        radio.find_baudrate((rate,))
        return True
    except OSError:
        return False


def settings(radio):
    """The configuration: names and values, without the secrets. user_desc, the password of its web
    pages, is told: it is the description of most modules, and an update may lose it."""
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
    """Ask for the whole configuration so many times: bytes that came, answers that were not like
    the first, and how often the module had to be found again."""
    channel = radio.channel
    first = settings(radio)
    before = channel.port.received, channel.resyncs
    other = 0
    for _ in range(times):
        try:
            if settings(radio) != first:
                other += 1
        except OSError:
            other += 1
    return [channel.port.received - before[0], other, channel.resyncs - before[1]]


def status(radio, name):
    """A status variable; None if this firmware has none of that name."""
    try:
        return radio.get(name, "STS")
    except OSError as e:
        if getattr(e, "code", None) != 4:
            raise
        return None


def rssi(radio):
    """The signal's strength in dBm, while joined."""
    return radio.rssi


def restart(radio):
    """Reset the module; how many ms it took, and whether by its RESET line."""
    ticks = radio.channel.clock.ticks_ms
    start = ticks()
    radio.reset()
    return [(ticks() - start) & 0x1FFFFFFF, radio.reset_line is not None]


# update --------------------------------------------------------------------------------------
def image_head(radio, host, port, path):
    """Ask a server for the head of a file, by the module: [status, length], None for none."""
    from spwf04 import SocketPool

    sock = SocketPool(radio).socket()
    sock.settimeout(20)
    end = radio.channel.deadline(40000)  # for all of it, however slowly the bytes come
    answer = b""
    try:
        sock.connect((host, port))
        sock.send(("HEAD %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (path, host)).encode())
        piece = bytearray(256)
        while len(answer) < 4000 and b"\r\n\r\n" not in answer:
            if radio.channel.expired(end):
                return [None, None]
            n = sock.recv_into(piece)
            if not n:
                break
            answer += bytes(piece[:n])
    finally:
        sock.close()
    status = length = None
    for i, line in enumerate(answer.split(b"\r\n")):
        if i == 0 and line.startswith(b"HTTP/"):
            word = line.split(b" ")[1] if b" " in line else b""
            status = int(word) if word.isdigit() else None
        elif line.lower().startswith(b"content-length:"):
            word = line[15:].strip()
            length = int(word) if word.isdigit() else None
    return [status, length]


def update_fetch(radio, host, port, path, user, password, timeout):
    """Have the module fetch a firmware image: what it says."""
    return radio.fetch_update(host, port, path, user, password, timeout)


def update_apply(radio, timeout):
    """Restart it into the new firmware: [build, whether its settings were lost]."""
    return list(radio.apply_update(timeout))
