"""A module on a pseudo-terminal: for Blinka, pyserial, MicroPython, a terminal program."""

import os
import select
import sys
import threading
import traceback

try:
    import termios
    import tty
except ImportError:  # Windows
    termios = tty = None

# Seconds between two looks. Many modules share a processor: one with nothing to do looks seldom
_SHORTEST, _LONGEST = 0.0005, 0.005


class NoTerminals(OSError):
    """This computer has no pseudo-terminals."""


class PtyPort:
    """with PtyPort(module) as port: … port.path …

    The module runs in a thread of its own until the block ends. vmin0: reads of the terminal
    return at once even if nothing is there, for programs that cannot set this themselves.
    failure: the exception that ended the thread, or None. It is shown at once on stderr; the
    module then answers nothing more, and the end of the block raises it.

    Raises NoTerminals where there are no pseudo-terminals (Windows).
    """

    failure = None

    def __init__(self, module, vmin0=False):
        self.module = module
        if termios is None or tty is None:
            raise NoTerminals(
                "this computer has no pseudo-terminals: use the simulated module in the process "
                "of your program, spwf04_sim.SimulatedModule(world).uart(), or with the command "
                "line, --port sim or sim:WORLD.toml#NAME"
            )
        self._master, self._slave = os.openpty()  # an open slave keeps the terminal alive
        tty.setraw(self._slave)
        if vmin0:
            settings = termios.tcgetattr(self._slave)
            settings[6][termios.VMIN] = 0
            settings[6][termios.VTIME] = 0
            termios.tcsetattr(self._slave, termios.TCSANOW, settings)
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self._unsent = b""
        self._ending = False
        self._thread = threading.Thread(target=self._run_or_fail, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, value, trace):
        self._ending = True
        self._thread.join()
        self.close()
        if self.failure is not None and (kind is None or issubclass(kind, Exception)):
            raise self.failure  # what the block raised is shown with it

    def close(self):
        """Close the terminal."""
        os.close(self._master)
        os.close(self._slave)

    def _run_or_fail(self):
        try:
            self._run()
        except Exception as e:
            self.failure = e
            print(f"The simulated module on {self.path} has failed:", file=sys.stderr)
            traceback.print_exception(type(e), e, e.__traceback__)

    def _pause(self):
        """Seconds to wait for input before the module is looked at again."""
        module = self.module
        if module.busy:
            return _SHORTEST
        due = module.next_due()
        return _LONGEST if due is None else min(max(due - module.clock.now(), _SHORTEST), _LONGEST)

    def has_unread(self):
        """True if bytes of the module wait for the program that has the terminal open."""
        return bool(select.select((self._slave,), (), (), 0)[0])

    def carry(self):
        """Move what there is between the terminal and the module; True if it was anything."""
        module = self.module
        moved = False
        while select.select((self._master,), (), (), 0)[0]:
            module.receive(os.read(self._master, 4096))
            moved = True
        self._unsent = self._unsent or module.transmit(4096)
        if self._unsent:
            try:
                n = os.write(self._master, self._unsent[:1024])
            except BlockingIOError:  # the terminal is full
                return moved
            self._unsent = self._unsent[n:]
            moved = True
        return moved

    def _run(self):
        module = self.module
        while not self._ending:
            files = [self._master, *module.filenos()]
            pause = _SHORTEST if self._unsent else self._pause()
            try:
                select.select(files, (), (), pause)
            except (OSError, ValueError):  # a socket was closed meanwhile
                pass
            self.carry()
