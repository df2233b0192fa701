"""Sockets as streams: methods of Socket, imported when the first of them is called.

They stand on recv_into() and send() alone.
"""

try:
    import errno
except ImportError:
    from ..errors import errno

from ..const import const

_MOST = const(4096)  # bytes of one recv(): memory is not taken for more before they are there


def recv(sock, size):
    """Receive up to size bytes and return them, at most 4096 at once; b"" once at the end of the
    stream."""
    if type(size) is not int or size < 0:
        from ..checks import size as checked

        size = checked(size, "size")
    size = min(size, _MOST)
    buffer = bytearray(size)
    n = sock.recv_into(buffer)
    return bytes(buffer) if n == size else bytes(memoryview(buffer)[:n])


def readinto(sock, buffer, nbytes=-1):
    """As recv_into(); None instead of EAGAIN, 0 for good at the end of the stream."""
    if type(nbytes) is int and nbytes < 1:
        if nbytes == 0:
            return 0
        nbytes = 0  # as many as fit
    try:
        return sock.recv_into(buffer, nbytes)
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
    if nbytes is None:
        nbytes = -1
    if type(nbytes) is not int:
        from ..checks import size

        nbytes = size(nbytes)
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
    """As send(), of the first nbytes of data; str is sent as UTF-8, on all interpreters, because
    libraries write it. None instead of EAGAIN."""
    if type(data) is str:
        try:
            data = data.encode()
        except ValueError:
            pass  # which shows it: payload() says what is wrong
    if type(data) is not bytes and type(data) is not bytearray:
        from ..payload import payload

        data = payload(data, text=True)
    if type(nbytes) is not int:
        from ..checks import size

        nbytes = size(nbytes, "nbytes", -1)
    if 0 <= nbytes < len(data):
        data = data[:nbytes]
    try:
        return sock.send(data)
    except OSError as e:
        if e.errno != errno.EAGAIN:
            raise
        return None
