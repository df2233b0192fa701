"""A UDP server: each datagram goes back to its sender."""

import pico  # your board: boards/pico.py and others

from spwf04 import SocketPool

radio = pico.radio()
radio.connect("network", "password")
pool = SocketPool(radio)
sock = pool.socket(pool.AF_INET, pool.SOCK_DGRAM)
sock.bind(("0.0.0.0", 5005))
print("port 5005 of", radio.ipv4_address)
while True:
    data, address = sock.recvfrom(730)
    sock.sendto(data, address)
