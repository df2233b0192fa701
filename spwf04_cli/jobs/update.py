"""What update does on a module."""


def image_head(radio, host, port, path):
    """Have the module ask a server for a file's headers; return [status, length], each None if
    the server does not tell."""
    from spwf04 import SocketPool

    sock = SocketPool(radio).socket()
    sock.settimeout(20)
    end = radio.channel.deadline(40000)  # for the whole answer, however slowly it comes
    answer = b""
    try:
        sock.connect((host, port))
        sock.send(("HEAD %s HTTP/1.0\r\nHost: %s\r\n\r\n" % (path, host)).encode())
        piece = bytearray(256)
        while len(answer) < 4000 and b"\r\n\r\n" not in answer:
            if radio.channel.expired(end):
                return [None, None]
            n = sock.recv_into(piece)
            if not n:
                break
            answer += bytes(piece[:n])
    finally:
        sock.close()
    status = length = None
    for i, line in enumerate(answer.split(b"\r\n")):
        if i == 0 and line.startswith(b"HTTP/"):
            word = line.split(b" ")[1] if b" " in line else b""
            status = int(word) if word.isdigit() else None
        elif line.lower().startswith(b"content-length:"):
            word = line[15:].strip()
            length = int(word) if word.isdigit() else None
    return [status, length]


def update_fetch(radio, host, port, path, user, password, timeout):
    """Have the module fetch a firmware image; return what the module says."""
    return radio.fetch_update(host, port, path, user, password, timeout)


def update_apply(radio, timeout):
    """Restart the module into its new firmware; return [build, whether settings were lost]."""
    return list(radio.apply_update(timeout))


def files_fetch(radio, host, port, path, volume, timeout):
    """Have the module fetch an image of files, which erases those of a volume; return what the
    module says."""
    return radio.fetch_files(host, port, path, volume, True, "", "", timeout)
