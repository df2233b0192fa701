"""A MicroPython that looks like a board: its REPL behind a serial port, for mpremote."""

import os
import pathlib
import select
import subprocess
import tempfile
import threading
import tty

from tests import HANG
from tests.shims.micropython import ROOT, micropython, tool

# A file system in RAM, as large as that in a microcontroller's flash
_FLASH = """
import os, sys
class Flash:
    def __init__(self, size):
        self.data = bytearray(size)
    def readblocks(self, n, buffer):
        buffer[:] = memoryview(self.data)[512 * n : 512 * n + len(buffer)]
    def writeblocks(self, n, buffer):
        self.data[512 * n : 512 * n + len(buffer)] = buffer
    def ioctl(self, what, argument):
        return {{4: len(self.data) // 512, 5: 512}}.get(what, 0)
if "flash" in globals():
    os.chdir("/")
    os.umount("/flash")
flash = Flash({kb} << 10)
os.VfsFat.mkfs(flash)
os.mount(os.VfsFat(flash), "/flash")
os.chdir("/flash")
sys.path[:] = ["", "/flash", "/flash/lib", ".frozen"]
"""


class Board:
    """with Board() as board: … board.mpremote("exec", "print(1)") …

    lib: the folder of its file system where packages are installed.
    """

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        self.lib = pathlib.Path(self._folder.name) / "lib"
        self.lib.mkdir()
        self._pairs = [os.openpty(), os.openpty()]  # mpremote's port, and the REPL's terminal
        for _, slave in self._pairs:
            tty.setraw(slave)
        (_, port), (_, console) = self._pairs
        self.port = os.ttyname(port)
        # A terminal that it opens would become its own, and would end it when closed
        deaf = ["sh", "-c", 'trap "" HUP; exec "$0" "$@"']
        self._process = subprocess.Popen(
            [*deaf, *micropython()],
            stdin=console,
            stdout=console,
            stderr=console,
            cwd=self._folder.name,
            env={**os.environ, "MICROPYPATH": f"{self.lib}:.frozen"},
            start_new_session=True,
        )
        self._ending = False
        self._thread = threading.Thread(target=self._bridge, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind, value, trace):
        self._ending = True
        self._thread.join()
        self._process.kill()
        self._process.wait()
        for pair in self._pairs:
            for end in pair:
                os.close(end)
        self._folder.cleanup()

    def _bridge(self):
        (a, _), (b, _) = self._pairs
        while not self._ending:
            readable, _, _ = select.select((a, b), (), (), 0.05)
            for end in readable:
                os.write(b if end == a else a, os.read(end, 4096))

    def flash(self, kb):
        """Give it only /flash, a FAT file system on so many KB of flash."""
        self.mpremote("exec", _FLASH.format(kb=kb))

    def mpremote(self, *command):
        """Run mpremote on this board; return its output. Raise AssertionError if it fails."""
        done = subprocess.run(
            [tool("mpremote"), "connect", self.port, "resume", *command],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=HANG,
            check=False,
        )
        output = done.stdout + done.stderr
        if done.returncode:
            raise AssertionError(output)
        return output
