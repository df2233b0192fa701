"""The settings of a module before the first experiment, in a file until they are put back.

The file may hold secrets, and stays on this computer: only its owner may read it.
"""

import contextlib
import json
import os
import pathlib

from .. import output


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
        except (OSError, ValueError):
            found = None
        if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
            todo = "Remove it, and look at the settings of the module yourself."
            raise output.Failure(f"{self._path} cannot be used", todo, output.USAGE)
        return found

    def write(self, settings):
        """Keep them."""
        try:
            with contextlib.suppress(FileNotFoundError):
                self._path.unlink()
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
            with open(os.open(self._path, flags, 0o600), "w", encoding="utf-8") as file:
                json.dump(settings, file)
        except OSError as e:
            raise output.Failure(f"{self._path} cannot be written: {e.strerror}") from None

    def forget(self):
        """Remove the file."""
        with contextlib.suppress(OSError):
            self._path.unlink()
