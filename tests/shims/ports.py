"""Real ports on a pseudo-terminal: Adafruit Blinka's busio.UART, and pyserial."""

import os


def blinka(path):
    """A real busio.UART of Blinka on the terminal `path`.

    Blinka is told that this computer is a Raspberry Pi (PyPI's gpiod makes that import work), and
    where its port is. Its UART has in_waiting, and reads None if nothing is there. Its readinto()
    takes at most len(buf) bytes.
    """
    os.environ["BLINKA_FORCECHIP"] = "BCM2XXX"
    os.environ["BLINKA_FORCEBOARD"] = "RASPBERRY_PI_4B"
    from adafruit_blinka.microcontroller.generic_linux import uart

    uart.UART._PORT_SEARCH_PATTERNS = (path,)
    import board
    import busio

    return busio.UART(board.TXD, board.RXD, baudrate=115200, timeout=0)


def pyserial(path):
    """A serial.Serial on the terminal `path`; it reads b"" if nothing is there."""
    import serial

    return serial.Serial(path, 115200, timeout=0)
