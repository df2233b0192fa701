"""Servers on this computer that the module connects to."""

import contextlib
import socket
import threading


@contextlib.contextmanager
def tcp(bench, serve, limit_s=60):
    """A TCP server; yields its port. serve(connection): called in a thread for each client."""
    with socket.create_server(("", 0)) as listener:
        port = listener.getsockname()[1]
        bench.around.reach(port)
        threading.Thread(target=_accept, args=(listener, serve, limit_s), daemon=True).start()
        try:
            yield port
        finally:
            with contextlib.suppress(OSError):  # else the thread would wait for ever
                listener.shutdown(socket.SHUT_RDWR)


def _accept(listener, serve, limit_s):
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            connection.settimeout(limit_s)
            threading.Thread(target=_one, args=(connection, serve), daemon=True).start()


def _one(connection, serve):
    with contextlib.suppress(OSError), connection:
        serve(connection)
