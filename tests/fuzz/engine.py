"""One part of fuzzing, in a process of its own: python -m tests.fuzz.engine TARGET SECONDS FOLDER.

atheris never returns, so this writes FOLDER/done.json again and again: what was done so far.
"""

import json
import os
import pathlib
import random
import signal
import sys
import time

import atheris

_LONGEST = 4000  # bytes of an input
_MOST = 30.0  # seconds of the processor for one input: the computer may be busy, or be halted
_EVERY = 2.0  # seconds of the processor between two notes of what was done

with atheris.instrument_imports(include=["spwf04", "spwf04_sim", "spwf04_cli"]):
    from tests.fuzz import der, targets


class Part:
    """Calls a target until the processor has worked for so many seconds."""

    def __init__(self, name, seconds, folder):
        self._function = targets.TARGETS[name]
        self._seconds = seconds
        self._done = folder / "done.json"
        self._inputs = 0
        self._begun = self._noted = time.process_time()

    def __call__(self, data):
        """Try one input."""
        now = time.process_time()
        if now - self._noted > _EVERY:
            self._noted = now
            self.note()
            if now - self._begun >= self._seconds:
                os._exit(0)
        self._inputs += 1
        signal.setitimer(signal.ITIMER_VIRTUAL, _MOST)
        try:
            self._function(data)
        except BaseException:
            self.note()
            raise
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def note(self):
        """Write what was done."""
        spent = round(time.process_time() - self._begun)
        new = self._done.with_suffix(".new")
        new.write_text(json.dumps({"cpu_s": spent, "inputs": self._inputs}))
        new.replace(self._done)


def too_slow(*_):
    """End an input that takes too long."""
    raise TimeoutError(f"not done after {_MOST} s")


def changed(data, longest, seed):
    """A changed input for a reader of DER: mostly one whose lengths still fit."""
    chance = random.Random(seed)
    if chance.random() < 0.75:
        found = der.changed(bytes(data), chance, lambda part: atheris.Mutate(part, len(part) + 4))
        if found is not None and len(found) <= longest:
            return found
    return atheris.Mutate(data, longest)


def main():
    """Run it."""
    signal.signal(signal.SIGVTALRM, too_slow)
    os.setpgrp()  # Ctrl-C reaches the process that has started this one, which ends it
    name, seconds, folder = sys.argv[1], int(sys.argv[2]), pathlib.Path(sys.argv[3])
    arguments = [
        sys.argv[0],
        str(folder / "corpus"),
        f"-artifact_prefix={folder / 'found'}/",
        f"-dict={folder / 'words'}",
        f"-max_len={_LONGEST}",
        "-timeout=1000000",  # seconds that pass; see _MOST
        "-report_slow_units=1000000",
        "-rss_limit_mb=1500",
        "-print_final_stats=1",
    ]
    options = {"custom_mutator": changed} if name == "certificate_reader" else {}
    atheris.Setup(arguments, Part(name, seconds, folder), **options)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
