"""Real servers as processes: nginx, mosquitto, openssl s_server."""

import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import time

import pytest

from tests import HANG


def need(name):
    """Return the path of a server's program.

    If it is missing, the test fails in CI. Elsewhere it is skipped, and names the command that
    installs the program.
    """
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path:
        return path
    text = f"{name} is not installed: apt-get install {name}"
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)


def free_port():
    """Return a port of loopback on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


@contextlib.contextmanager
def running(command, port, folder):
    """Run a process that listens on a port; yield its address."""
    log = pathlib.Path(folder) / "log.txt"
    with open(log, "wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.PIPE, cwd=folder
        )
    try:
        end = time.monotonic() + HANG
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if time.monotonic() > end or process.poll() is not None:
                    raise AssertionError(f"{command[0]}: {log.read_text()}") from None
                time.sleep(0.05)
        yield ("127.0.0.1", port)
    finally:
        process.terminate()
        process.wait(HANG)


def write_pem(folder, name, certificates, key=None):
    """Write certificates (PEM bytes each) and a key into files; return their paths as str."""
    folder = pathlib.Path(folder)
    (folder / f"{name}.pem").write_bytes(b"".join(certificates))
    if key is not None:
        (folder / f"{name}.key").write_bytes(key)
    return str(folder / f"{name}.pem"), str(folder / f"{name}.key")
