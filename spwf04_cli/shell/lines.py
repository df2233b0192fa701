"""Lines that a person types, or a script has: what each of them does."""

import sys

from .. import output
from ..reference.masking import keeps_secret, typed
from ..times import plural
from . import manual
from .console import Refused, unescaped
from .screen import show

PROMPT = "spwf04> "
_HELP = 18  # column where meanings begin in what help says
_WAIT_S = 60


class Shell:
    """Does what lines say. Who reads them is said by a derived class."""

    def __init__(self, console):
        self.console = console

    def ask(self, question, secret=False):
        """Return a line that is no command, but the answer to a question. secret: it is not shown.
        EOFError if no line comes."""
        raise NotImplementedError

    def enter(self, typed):
        """Do what a line says; return False if it ends the shell."""
        word, _, rest = typed.strip().partition(" ")
        if not word or word.startswith("#"):
            return True
        if word.lower() in ("quit", "exit"):
            return False
        try:
            if word.lower() in ("help", "?"):
                for text, means in manual.about(rest):
                    show(text, means, column=_HELP)
            elif word.lower() in ("wait", "pause"):
                self._wait(word.lower(), rest.split())
            else:
                self._command(typed)
        except (Refused, ValueError) as e:
            self.console.failed = True
            show(str(e), style="yellow")
        return True

    def _wait(self, word, numbers):
        try:
            values = [float(n) for n in numbers]
            number = int(values.pop(0)) if word == "wait" else None
            seconds = values.pop(0) if values or word == "pause" else _WAIT_S
        except (ValueError, IndexError):
            raise Refused(manual.BUILT_IN[word]) from None
        if not self.console.wait(number, seconds) and number is not None:
            raise Refused(f"WIND {number} has not come within {seconds:g} s.")

    def _command(self, typed):
        text, line = self.console.understood(typed)
        name = self.console.missing(line)
        if name is not None:
            text += "," + self.ask(name, secret=True)
        payload = None
        if line.data is not None:
            text, payload = self._payload(text, line)
        self.console.run(text, line, payload)

    def _payload(self, text, line):
        """(text, payload) of a command that has a payload. A length that is open is put in."""
        place = line.command.data
        count = line.argument(place)
        secret = keeps_secret(line)
        if count in ("", "?"):
            payload = unescaped(self.ask(f"payload of {line.name}", secret))
            arguments = list(line.arguments) + [""] * (place + 1 - len(line.arguments))
            arguments[place] = str(len(payload))
            return text.partition("=")[0] + "=" + ",".join(arguments), payload
        payload = b""
        while len(payload) < line.data:
            payload += unescaped(self.ask(plural(line.data - len(payload), "byte"), secret))
            if len(payload) > line.data:
                raise Refused(
                    f"The payload has {plural(len(payload), 'byte')}, not {line.data}: nothing "
                    "was sent. Type ? in place of the length to have it counted."
                )
        return text, payload or None


class Script(Shell):
    """Reads lines from standard input, and shows each as if it had been typed."""

    def ask(self, question, secret=False):
        """Return the next line."""
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        answer = line.rstrip("\r\n")
        output.say(f"{question}> {output.MASK if secret else answer}")
        return answer

    def run(self):
        """Do all lines until the input ends; return the exit code."""
        try:
            while line := sys.stdin.readline():
                line = line.rstrip("\r\n").lstrip("\ufeff")  # Notepad begins a file so
                output.say(PROMPT + typed(line))
                if not self.enter(line):
                    break
        except EOFError:
            self.console.failed = True
            show("The input ended where a payload was expected: the command was not sent.")
        return 1 if self.console.failed else 0
