"""MicroPython: import a driver and make what it needs for a socket. Argument: driver.

Prints 1 if there was enough heap.
"""

import sys


class UART:
    """Takes everything and sends nothing."""

    baudrate = 115200
    in_waiting = 0

    def any(self):
        return 0

    def readinto(self, buffer):
        return None

    def write(self, data):
        return len(data)


if sys.argv[1] == "spwf04":
    from spwf04 import SPWF04, SocketPool

    kept = SocketPool(SPWF04(UART())).socket()
else:
    from adafruit_espatcontrol import adafruit_espatcontrol as control
    from adafruit_espatcontrol import adafruit_espatcontrol_socket as sockets

    sockets.set_interface(control.ESP_ATcontrol(UART(), 115200))
    kept = sockets.socket()

print(1)
