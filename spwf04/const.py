"""const(), where MicroPython's is missing; and the words of a MemoryError."""

try:
    from micropython import const  # pyright: ignore[reportAssignmentType]
except ImportError:
    # Not a def: jedi, by which Thonny and IPython complete names, would find out that it returns 0
    # for TYPE_CHECKING, and pass over what stands under it
    const = int


# What a MemoryError says that connect() or radio.certs raises. It is here, because this file is
# always loaded: when memory runs out, there is none to make it, or to load a file
NO_MEMORY = (
    "this board has too little memory free for that. Freeze the driver into the firmware, or give "
    "the interpreter a larger heap; or call radio.certs.install_for() once at the program's "
    "start, before the program takes memory"
)
