"""The settings of a module before the first experiment, in a file until they are put back.

The file may hold secrets, and stays on this computer: only its owner may read it.
"""

import contextlib
import json
import os
import pathlib

from .. import output

_OF_ONE = ("nv_serial", "nv_wifi_macaddr")  # no two modules have them in common


class Settings:
    """report: the path of the report, beside which they are."""

    def __init__(self, report):
        self._path = pathlib.Path(f"{report}.settings")

    def read(self):
        """{variable: value} of a run that was broken off; None if there is none."""
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, RecursionError):
            found = None
        if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
            todo = "Remove it, and look at the settings of the module yourself."
            raise output.Failure(f"{self._path} cannot be used", todo, output.USAGE)
        return found

    def tell(self):
        """Say that those of a run that was broken off are kept: the module may have others now."""
        if self._path.exists():
            output.note(
                f"{self._path} has the settings from before a run that was broken off. They are "
                "put back at the end; remove it first if the module is to keep those that it has."
            )

    def check(self, kept, shown):
        """output.Failure if the settings that were kept are not of the module that shows others.

        Modules of one firmware share a report, but put back on another one they would do harm.
        """
        if any(kept.get(name) != shown.get(name) for name in _OF_ONE):
            todo = "Run it with that module first, or name another report by --report."
            what = f"{self._path} has the settings of another module, to be put back"
            raise output.Failure(what, todo, output.USAGE)

    def write(self, settings):
        """Keep them. What was kept before stays until these are whole."""
        new = self._path.with_name(self._path.name + ".new")
        try:
            with contextlib.suppress(FileNotFoundError):
                new.unlink()
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with open(os.open(new, flags, 0o600), "w", encoding="utf-8") as file:
                json.dump(settings, file)
            os.replace(new, self._path)
        except OSError as e:
            raise output.Failure(f"{self._path} cannot be written: {e.strerror}") from None

    def forget(self):
        """Remove the file."""
        with contextlib.suppress(OSError):
            self._path.unlink()
