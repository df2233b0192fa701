"""HTTPS with the part `tls` of the driver, for a board with little memory."""

import pico  # your board: boards/pico.py and others

from spwf04 import SocketPool, SSLContext

radio = pico.radio()
radio.connect("network", "password")
radio.ntp()
radio.certs.install("our-ca.pem")  # one CA, which the module keeps; no bundle, no search

sock = SSLContext().wrap_socket(SocketPool(radio).socket(), server_hostname="www.example.com")
sock.settimeout(20)
sock.connect(("www.example.com", 443))
sock.send(b"GET / HTTP/1.0\r\nHost: www.example.com\r\n\r\n")

part = bytearray(256)  # all that a page of any size needs
total = 0
while True:
    n = sock.recv_into(part)
    if not n:
        break
    total += n  # use part[:n] here
sock.close()
print(total > 500)
