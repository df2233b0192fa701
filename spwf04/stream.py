"""Sockets as streams: methods of Socket, imported when the first of them is called.

They stand on recv_into() and send() alone.
"""

try:
    import errno
except ImportError:
    from .errors import errno


def recv(sock, size):
    """Receive up to size bytes and return them; b"" once at the end of the stream."""
    buffer = bytearray(size)
    n = sock.recv_into(buffer)
    return bytes(buffer) if n == size else bytes(memoryview(buffer)[:n])


def readinto(sock, buffer, nbytes=-1):
    """As recv_into(); None instead of EAGAIN, 0 for good at the end of the stream."""
    try:
        return sock.recv_into(buffer, len(buffer) if nbytes < 0 else nbytes)
    except OSError as e:
        if e.errno == errno.EAGAIN:
            return None
        if sock._ended is True:
            return 0
        raise


def read(sock, nbytes=-1):
    """Read nbytes, or everything up to the end of the stream (-1).

    Fewer at the end. Non-blocking: what is there, None if nothing is.
    """
    if nbytes == 0:
        return b""
    data = bytearray()
    part = bytearray(nbytes if 0 < nbytes < 512 else 512)
    while nbytes < 0 or len(data) < nbytes:
        want = len(part) if nbytes < 0 else min(len(part), nbytes - len(data))
        n = sock.readinto(part, want)
        if not n:
            if n is None and not data:
                return None
            break
        data.extend(part if n == len(part) else memoryview(part)[:n])
    return bytes(data)


def readline(sock):
    """Read up to and with the next LF, or to the end of the stream."""
    data = bytearray()
    one = bytearray(1)
    while True:
        n = sock.readinto(one, 1)
        if not n:
            return None if n is None and not data else bytes(data)
        data.extend(one)
        if one[0] == 10:
            return bytes(data)


def sendall(sock, data):
    """As send(); returns None."""
    sock.send(data)


def write(sock, data, nbytes=-1):
    """As send(), of the first nbytes of data; str is sent as UTF-8. None instead of EAGAIN."""
    if isinstance(data, str):
        data = data.encode()
    if 0 <= nbytes < len(data):
        data = memoryview(data)[:nbytes]
    try:
        return sock.send(data)
    except OSError as e:
        if e.errno != errno.EAGAIN:
            raise
        return None
