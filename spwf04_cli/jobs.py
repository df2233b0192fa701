"""What is done on a module: functions of a radio and plain values, that return plain values.

On the desk they are called; with --via-mcu the text of a function, and of those of this file
that it uses, is sent to the MCU and runs there. So they are written in the language that CPython,
MicroPython and CircuitPython share, import only spwf04, inside themselves, and take and return
what JSON has: numbers, str, bytes, lists, and dictionaries with str keys.
"""


def info(radio):
    """What the module says of itself."""
    return {
        "model": radio.get("nv_model"),
        "serial": radio.get("nv_serial"),
        "mac": radio.get("nv_wifi_macaddr"),
        "fw_version": radio.get("fw_version", "STS"),
        "build": radio.get("build", "STS"),
        "joined": radio.isconnected(),
        "ssid": radio.get("wifi_ssid"),
        "address": radio.ipv4_address,
        "hostname": radio.hostname,
        "clock": radio.time(),
        "clock_set": radio.time_is_set(),
    }


def scan(radio):
    """The networks in reach, the strongest first."""
    names = ("ssid", "bssid", "channel", "rssi", "security", "hidden")
    found = []
    for entry in radio.scan():
        network = dict(zip(names, entry))
        network["bssid"] = ":".join(["%02X" % c for c in entry[1]])
        found.append(network)
    return sorted(found, key=lambda network: (-network["rssi"], network["ssid"]))


def join(radio, ssid, password, timeout, save):
    """Join a network; its addresses. save: write it to the module's flash."""
    radio.connect(ssid, password, timeout=timeout)
    if save:
        radio.save()
    addresses = radio.ifconfig()[:3]  # the DNS server that DHCP gave cannot be asked for
    return {"addresses": addresses, "rssi": radio.rssi, "saved": save}


def clock(radio):
    """The module's clock, and whether it was set."""
    return {"seconds": radio.time(), "set": radio.time_is_set()}


def ntp(radio, timeout):
    """Have the module ask NTP if its clock is not set; whether it is then."""
    return radio.ntp(timeout)


def ping(radio, host, size, timeout):
    """One echo request."""
    from spwf04.ping import ping as once

    reply = once(radio, host, size, timeout)
    return {"answered": reply.answered, "ms": reply.ms, "said": reply.said}


def settle(radio):
    """After Ctrl-C: let the command in flight end, or give it up, close the sockets, and find the
    module again. True if it is ready for the next command."""
    channel = radio.channel
    try:
        if not channel.wait(lambda: channel._exchange is None, 5000):
            channel.lose()
        if radio._pool is not None:
            for sock in list(radio._pool._open):
                if sock is not None:
                    sock.close()
        channel.command(b"AT\r", None, 2000)
        return True
    except OSError:
        return False


# trust, ca -----------------------------------------------------------------------------------
def cost(radio):
    """What was spent since the driver was made: commands, bytes to and from the module, and ms
    of its clock."""
    port = radio.channel.port
    return [radio.channel.commands, port.sent, port.received, radio.channel.clock.ticks_ms()]


def join_if(radio, ssid, password):
    """Join a network, unless ssid is None; the module's address, None if it is not joined."""
    if ssid is not None:
        radio.connect(ssid, password)
    return radio.ipv4_address


def set_time(radio, seconds):
    """Set the module's clock, in seconds since 1970."""
    radio.set_time(seconds)


def ca_install(radio, der):
    """Install a CA; its identifier."""
    return radio.certs.install(der).ski


def ca_entries(radio):
    """The CAs that were installed by this driver, without asking the module."""
    return [_entry(entry) for entry in radio.certs.entries()]


def ca_list(radio):
    """The CAs on the module, as far as it shows them."""
    return [_entry(entry) for entry in radio.certs.list()]


def ca_remove(radio, ski):
    """Remove a CA; False if it is not there."""
    try:
        radio.certs.remove(ski)
    except KeyError:
        return False
    return True


def ca_clear(radio):
    """Remove all CAs, and the module's own certificate and key."""
    radio.certs.clear()


def ca_export(radio, ski):
    """DER of a CA that is in a file on the module; None if the module does not give it back."""
    from spwf04.x509 import load

    for entry in radio.certs.list():
        if entry.ski == ski and entry.source is not None:
            return bytes(load(entry.source))
    return None


def trust(radio, host, port, name, cas, keep):
    """Have the module itself verify a server, with one of these CAs (DER); the CA's identifier.

    keep: leave the CA there even if the server was not verified.
    """
    before = [entry.ski for entry in radio.certs.entries()]
    try:
        done = radio.certs.install_for(host, port, cas, name, None, 30, "module")
    except OSError:
        for entry in radio.certs.entries():
            if entry.ski not in before and not keep:
                try:
                    radio.certs.remove(entry.ski)
                except OSError:
                    pass
        raise
    return done.entry.ski


def verify(radio, host, port, name):
    """Connect to a server over TLS by the module, and close. Raises what that raises."""
    from spwf04 import SocketPool, SSLContext

    context = SSLContext(engine="module")
    sock = context.wrap_socket(SocketPool(radio).socket(), server_hostname=name)
    sock.settimeout(30)
    try:
        sock.connect((host, port))
    finally:
        sock.close()


def _entry(entry):
    return {
        "ski": entry.ski,
        "where": entry.where,
        "volume": entry.volume,
        "volatile": entry.volatile,
        "size": entry.size,
        "subject": entry.subject,
        "not_after": entry.not_after,
    }
