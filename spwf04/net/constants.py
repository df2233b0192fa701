"""Constants of SocketPool, numbered as in CircuitPython's socketpool, and of SPWF04."""

AF_INET = 2
AF_INET6 = 10
SOCK_STREAM = 1
SOCK_DGRAM = 2
SOCK_RAW = 3
SOL_SOCKET = 4095
SO_REUSEADDR = 4
IPPROTO_IP = 0
IPPROTO_TCP = 6
IPPROTO_UDP = 17
TCP_NODELAY = 1
EAI_NONAME = -2

TLS_MODE = 2  # for adafruit_connection_manager.create_fake_ssl_context()
