"""Finds a job by its name."""

from . import certificates, doctor, files, mail, pins, radio, update

FILES = (radio, files, doctor, update, certificates, pins, mail)


def job(name):
    """The function of this folder that has this name; AttributeError if there is none."""
    for module in FILES:
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(name)
