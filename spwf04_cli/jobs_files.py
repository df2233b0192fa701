"""What is done with the module's files: see jobs.py."""


def file_list(radio):
    """[name, size, volume's letter] of each file."""
    from spwf04.commands.files import listing

    return [list(entry) for entry in listing(radio)]


def file_find(radio, name):
    """[name, size, volume's letter] of a file; None if there is none."""
    from spwf04.commands.files import find

    entry = find(radio, name)
    return list(entry) if entry is not None else None


def file_read(radio, name, at, size):
    """Bytes of a file from `at` on."""
    from spwf04.commands.files import read

    piece = bytearray(size)
    return bytes(piece[: read(radio, name, at, piece)])


def file_same(radio, name, digest):
    """Whether the SHA-256 of a file is this one."""
    from spwf04.commands.files import same

    return same(radio, name, digest)


def file_begin(radio, name, size):
    """Before a file is written."""
    from spwf04.commands.files import begin

    begin(radio, name, size)


def file_append(radio, name, part):
    """A part of it, at most 1024 bytes."""
    from spwf04.commands.files import append

    append(radio, name, part)


def file_commit(radio, name, digest):
    """All of it is there: compare, and put it in place."""
    from spwf04.commands.files import commit

    commit(radio, name, digest)


def file_give_up(radio, name):
    """Remove what was written of it."""
    from spwf04.commands.files import give_up

    give_up(radio, name)


def file_remove(radio, name):
    """Delete a file."""
    from spwf04.commands.files import remove

    remove(radio, name)


def file_space(radio):
    """What the module says of its free space, what files take, what is left on the RAM disk."""
    from spwf04.commands.files import listing, ram_left, space

    said, used = space(radio)
    return {"said": said, "used": used, "ram_left": ram_left(radio, listing(radio))}
