"""What info, scan, join, ap, time and ping do on a module; and what Ctrl-C does."""


def info(radio):
    """Return what the module says of itself, and its state in the network."""
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
    """Return the networks in reach, the strongest first."""
    names = ("ssid", "bssid", "channel", "rssi", "security", "hidden")
    found = []
    for entry in radio.scan():
        network = dict(zip(names, entry))
        network["bssid"] = ":".join(["%02X" % c for c in entry[1]])
        found.append(network)
    return sorted(found, key=lambda network: (-network["rssi"], network["ssid"]))


def join(radio, ssid, password, timeout, save, how):
    """Join a network; return its name and the addresses. save: save the network in the module's
    flash. how: other arguments of connect(), for WPS or a login."""
    radio.connect(ssid, password, timeout=timeout, **how)
    if save:
        radio.save()
    addresses = radio.ifconfig()[:3]  # the module does not tell the DNS server that DHCP gave
    name = radio.config("ssid")
    return {"ssid": name, "addresses": addresses, "rssi": radio.rssi, "saved": save}


def ap_start(radio, ssid, password, channel, timeout):
    """Make a network of the module's own; return the module's address in it."""
    radio.start_ap(ssid, password, channel, timeout=timeout)
    return radio.ipv4_address


def ap_stations(radio):
    """Return [MAC address, IPv4 address or None] of each station; None if the network has
    ended."""
    found = [[":".join(["%02X" % c for c in mac]), address] for mac, address in radio.stations()]
    return None if radio.ap is None else found


def ap_stop(radio):
    """End the module's own network."""
    radio.stop_ap()


def clock(radio):
    """Return the module's clock, and whether it was set."""
    return {"seconds": radio.time(), "set": radio.time_is_set()}


def ntp(radio, timeout):
    """If the clock is not set, have the module ask NTP; return whether it is set then."""
    return radio.ntp(timeout)


def ping(radio, host, size, timeout):
    """Send one echo request; return what came of it."""
    reply = radio.ping(host, size, timeout)
    return {"answered": reply.answered, "ms": reply.ms, "said": reply.said}


def settle(radio):
    """After Ctrl-C: wait for the command in flight or give it up, close the sockets, and find the
    module again. Return whether it is ready for the next command."""
    channel = radio.channel
    try:
        if not channel.wait(lambda: channel.exchange is None, 5000):
            channel.lose()
        if radio.pool is not None:
            for stream in list(radio.pool.owners):
                if stream is not None:
                    stream.close()
            channel.wait(lambda: not radio.pool.jobs, 5000)
        channel.command(b"AT\r", None, 2000)
        return True
    except OSError:
        return False
