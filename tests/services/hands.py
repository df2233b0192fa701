"""What is wired to the module's pins while a program runs."""

import contextlib
import threading
import time


@contextlib.contextmanager
def hands(module, moves):
    """Have moves(module) called again and again, beside what runs, until the block is over."""
    over = threading.Event()

    def work():
        while not over.is_set():
            moves(module)
            time.sleep(0.02)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
