"""What is done with the module's files."""


def file_list(radio):
    """[name, size, volume's letter] of each file."""
    return [list(entry) for entry in radio.files.list()]


def file_find(radio, name):
    """[name, size, volume's letter] of a file; None if there is none."""
    entry = radio.files.find(name)
    return list(entry) if entry is not None else None


def file_read(radio, name, at, size):
    """Bytes of a file from `at` on."""
    piece = bytearray(size)
    return bytes(piece[: radio.files.read(name, at, piece)])


def file_same(radio, name, digest):
    """Whether the SHA-256 of a file is this one."""
    return radio.files.same(name, digest)


def file_begin(radio, name, size):
    """Before a file is written."""
    radio.files.begin(name, size)


def file_append(radio, name, part):
    """A part of it, at most 1024 bytes."""
    radio.files.append(name, part)


def file_commit(radio, name, digest):
    """All of it is there: compare, and put it in place."""
    radio.files.commit(name, digest)


def file_give_up(radio, name):
    """Remove what was written of it."""
    radio.files.give_up(name)


def file_remove(radio, name):
    """Delete a file."""
    radio.files.remove(name)


def file_space(radio):
    """What the module says of its free space, what files take, what is left on the RAM disk."""
    said, used = radio.files.space()
    return {"said": said, "used": used, "ram_left": radio.files.ram_left()}
