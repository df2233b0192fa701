"""What is done with the module's files."""


def file_list(radio):
    """Return [name, size, letter of the volume] of each file."""
    return [list(entry) for entry in radio.files.list()]


def file_find(radio, name):
    """Return [name, size, letter of the volume] of a file; None if there is none."""
    entry = radio.files.find(name)
    return list(entry) if entry is not None else None


def file_read(radio, name, at, size):
    """Return at most `size` bytes of a file, from byte `at` on."""
    piece = bytearray(size)
    return bytes(piece[: radio.files.read(name, at, piece)])


def file_same(radio, name, digest):
    """Return whether this is the SHA-256 of a file."""
    return radio.files.same(name, digest)


def file_begin(radio, name, size):
    """Begin to write a file of this size."""
    radio.files.begin(name, size)


def file_append(radio, name, part):
    """Write the next part of it, at most 1024 bytes."""
    radio.files.append(name, part)


def file_commit(radio, name, digest):
    """Compare the file that was written with its digest, and put it in place."""
    radio.files.commit(name, digest)


def file_give_up(radio, name):
    """Remove what was written of a file."""
    radio.files.give_up(name)


def file_remove(radio, name):
    """Delete a file."""
    radio.files.remove(name)


def file_space(radio):
    """Return what the module says of its free space, what the files take, and what is left on
    the RAM disk."""
    said, used = radio.files.space()
    return {"said": said, "used": used, "ram_left": radio.files.ram_left()}
