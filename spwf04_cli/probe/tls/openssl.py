"""The server of the program `openssl`, for what Python's library cannot do."""

import contextlib
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from ..experiment import Untried
from .certificates import key_pem

_START_S = 10
_ANSWER_S = 15


class Server:
    """A server that runs. port: where. It writes what it sends and gets into a file."""

    def __init__(self, process, port, log):
        self._process = process
        self._log = log
        self.port = port

    def type(self, text):
        """Type a line."""
        with contextlib.suppress(OSError):
            self._process.stdin.write(text.encode() + b"\n")
            self._process.stdin.flush()
        self._typed_at = len(self._log.read_text("latin-1"))

    def wait(self, bench, words):
        """Wait until one of these words is in what came from the module since something was
        typed; return it, None if none came. The module goes on meanwhile."""
        end = time.monotonic() + _ANSWER_S
        while time.monotonic() < end:
            bench.line.listen(0.05)
            said = self._log.read_text("latin-1")[self._typed_at :].splitlines()
            came = [line for line in said if line.startswith("<<<")]
            for word in words:
                if any(word in line for line in came):
                    return word
            time.sleep(0.02)
        return None


@contextlib.contextmanager
def server(bench, chain, key):
    """A Server with TLS 1.2. Untried if this computer has no openssl."""
    program = shutil.which("openssl")
    if program is None:
        raise Untried("this computer has no program openssl")
    with tempfile.TemporaryDirectory() as folder:
        own, log = pathlib.Path(folder) / "server.pem", pathlib.Path(folder) / "log"
        own.write_bytes(b"".join(c.pem for c in chain) + key_pem(key))
        port = _free_port()
        command = [program, "s_server", "-accept", str(port), "-tls1_2", "-msg"]
        command += ["-cert", str(own), "-cipher", "ALL:@SECLEVEL=0"]
        with (
            log.open("wb") as out,
            subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.DEVNULL
            ) as process,
        ):
            try:
                _await(process, log)
                bench.around.reach(port)
                yield Server(process, port, log)
            finally:
                process.kill()


def _free_port():
    with socket.create_server(("", 0)) as listener:
        return listener.getsockname()[1]


def _await(process, log):
    """Wait until it says that it takes clients."""
    end = time.monotonic() + _START_S
    while time.monotonic() < end and process.poll() is None:
        if "ACCEPT" in log.read_text("latin-1"):
            return
        time.sleep(0.02)
    raise Untried("openssl does not start")
