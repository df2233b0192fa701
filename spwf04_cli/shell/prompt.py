"""Reads lines from a person at the terminal: completion, history, secrets that are hidden.

prompt_toolkit does the reading. While the prompt waits, indications are shown above it.
"""

import asyncio
import os
import pathlib

from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.formatted_text.utils import fragment_list_to_text
from prompt_toolkit.history import DummyHistory, FileHistory
from prompt_toolkit.layout.processors import Processor, Transformation
from prompt_toolkit.layout.utils import explode_text_fragments
from prompt_toolkit.patch_stdout import patch_stdout

from .. import output, reference
from ..reference.masking import secret_spans, shown
from . import manual
from .lines import PROMPT, Shell
from .screen import show

_POLL_S = 0.03


class Words(Completer):
    """Completes commands, built-in words, variables, values and sockets."""

    def __init__(self, console):
        self._console = console

    def get_completions(self, document, complete_event):
        """Yield the words that may stand at the cursor."""
        text = document.text_before_cursor.lstrip()
        if text.lower().startswith("help "):
            yield from _matching(text[5:], self._topics())
            return
        head, equals, rest = text.partition("=")
        prefix = head[:5] if head[:5].upper() == "AT+S." else ""
        if not equals:
            found = {name: command.does for name, command in reference.COMMANDS.items()}
            if not prefix:
                found.update(manual.BUILT_IN)
            yield from _matching(head[len(prefix) :], found)
            return
        name = head[len(prefix) :].upper()
        arguments = rest.split(",")
        yield from _matching(arguments[-1], self._values(name, len(arguments) - 1, arguments))

    def _topics(self):
        found = {name: command.does for name, command in reference.COMMANDS.items()}
        found.update({name: reference.variable(name) for name in reference.VARIABLES})
        return found

    def _values(self, name, n, arguments):
        if name in ("GCFG", "SCFG") and n == 0:
            return {variable: reference.variable(variable) for variable in reference.VARIABLES}
        if name == "SCFG" and n == 1:
            return reference.VARIABLES.get(arguments[0], ("", {}))[1]
        if name == "STS" and n == 0:
            return reference.STATUS
        if name == "HELP" and n == 0:
            return {known: command.does for known, command in reference.COMMANDS.items()}
        if name in ("SOCKW", "SOCKR", "SOCKQ", "SOCKC") and n == 0:
            return dict.fromkeys(self._console.sockets, "open")
        if name == "SOCKON" and n == 3:
            return {**reference.CHOICES[name, n], arguments[0]: "TLS, this name checked"}
        return reference.CHOICES.get((name, n), {})


def _matching(begun, words):
    for word, meaning in words.items():
        if word.lower().startswith(begun.lower()):
            yield Completion(word, -len(begun), display_meta=meaning)


class Hidden(Processor):
    """Shows asterisks for a secret while it is typed."""

    def apply_transformation(self, transformation_input):
        """Replace each character by one, so that the cursor stays right."""
        fragments = explode_text_fragments(transformation_input.fragments)
        for start, end in secret_spans(fragment_list_to_text(fragments)):
            for n in range(start, min(end, len(fragments))):
                fragments[n] = (fragments[n][0], "*")
        return Transformation(fragments)


def remembered(text):
    """The part of a line that the history may keep; "" if none."""
    spans = secret_spans(text)
    if not spans:
        return text.strip() if _understood(text) else ""
    head = text[: spans[0][0]].strip()
    # The value is asked for again then. Nothing is kept of other lines with a secret
    return head.rstrip(",") if head.upper().replace("AT+S.", "").startswith("SCFG") else ""


def _understood(text):
    """True if it is certain where a secret would stand in this line."""
    word = text.split(None, 1)[0].lower() if text.strip() else ""
    line = reference.parse(text.strip()) or reference.parse("AT+S." + text.strip())
    if line is None or line.command is None:
        return word in manual.BUILT_IN or word in ("quit", "exit", "?")
    return len(line.arguments) <= max(1, len(line.command.names))


class Kept(FileHistory):
    """A history in a file that only its owner can read. It holds no secrets."""

    def __init__(self, path):
        pathlib.Path(path).touch(mode=0o600)
        super().__init__(path)

    def append_string(self, string):
        """Add a line, without its secrets."""
        kept = remembered(string)
        if kept:
            super().append_string(kept)


def history_file():
    """The path of the history."""
    return os.environ.get("SPWF04_HISTORY") or str(pathlib.Path.home() / ".spwf04_history")


class Person(Shell):
    """Reads lines from the terminal. history: True keeps them in a file."""

    def __init__(self, console, history=True):
        super().__init__(console)
        self._commands = PromptSession(
            history=Kept(history_file()) if history else None,
            completer=Words(console),
            complete_while_typing=False,
            input_processors=[Hidden()],
            bottom_toolbar=_toolbar,
        )
        self._answers = PromptSession(history=DummyHistory())

    def ask(self, question, secret=False):
        """Return the answer that is typed."""
        return self._read(self._answers, f"{question}> ", is_password=secret)

    def run(self):
        """Do lines until the person ends the shell; return the exit code."""
        while True:
            try:
                line = self._read(self._commands, PROMPT)
            except EOFError:
                return 0
            except KeyboardInterrupt:
                if self._commands.default_buffer.text:
                    continue  # what was typed is dropped
                return output.INTERRUPTED
            try:
                if not self.enter(line):
                    return 0
            except EOFError:
                show("Not sent.", style="yellow")
            except KeyboardInterrupt:
                show("Given up. The next command looks for the module again.", style="yellow")

    def _read(self, session, prompt, **more):
        with patch_stdout(raw=True):
            return session.prompt(prompt, pre_run=self._begin_listening, **more)

    def _begin_listening(self):
        get_app().create_background_task(self._listen())

    async def _listen(self):
        while True:
            try:
                self.console.poll()
            except Exception as e:  # most likely, the adapter was pulled out
                get_app().exit(exception=e)
                return
            await asyncio.sleep(_POLL_S)


def _toolbar():
    """What the line does that is being typed, or how it continues."""
    text = get_app().current_buffer.text.strip()
    line = reference.parse(text) or reference.parse("AT+S." + text)
    if line is None or line.command is None:
        return ""
    if "=" not in text and line.command.arguments:
        return f"{manual.usage(line.name)}   {line.command.does}"
    whole = reference.parse(shown(text if text[:2].upper() == "AT" else "AT+S." + text))
    return output.clean(reference.explain(whole)) if whole is not None else ""
