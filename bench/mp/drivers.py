"""MicroPython: an open socket of either driver, with the same two functions to use it."""

CHUNK = 730


def spwf04(uart, host, collect=True):
    """Return (receive, send): each moves up to CHUNK bytes and returns how many."""
    from spwf04 import SPWF04, SocketPool

    radio = SPWF04(uart)
    radio.connect("home", "correct horse")
    sock = SocketPool(radio).socket()
    sock.connect((host, 80))
    buffer = bytearray(CHUNK)
    data = bytes(CHUNK)

    def receive():
        return sock.recv_into(buffer)

    def send():
        return sock.send(data)

    return receive, send


class Time:
    """Takes the place of `time` in ESP_ATcontrol: a clock without time, memory or sleeps, because
    nothing is waited for here."""

    monotonic = int

    @staticmethod
    def sleep(seconds):
        pass


class NoCollection:
    """Takes the place of `gc`, to show what is allocated."""

    @staticmethod
    def collect():
        pass


def espat(uart, host, collect=True):
    """Return (receive, send), as spwf04() does. collect: keep its calls of gc.collect()."""
    from adafruit_espatcontrol import adafruit_espatcontrol as control
    from adafruit_espatcontrol import adafruit_espatcontrol_socket as sockets

    control.time = Time
    if not collect:
        control.gc = NoCollection
    driver = control.ESP_ATcontrol(uart, 115200)
    driver.connect({"ssid": "home", "password": "correct horse"})
    sockets.set_interface(driver)
    sock = sockets.socket()
    sock.settimeout(5)
    sock.connect((host, 80), "TCP")
    buffer = bytearray(CHUNK)
    data = bytes(CHUNK)

    def receive():
        part = sock.recv(CHUNK)
        n = len(part)
        buffer[:n] = part
        return n

    def send():
        sock.send(data)
        return CHUNK

    return receive, send


DRIVERS = {"spwf04": spwf04, "espat": espat}
