"""Keeps the matrix products of a single message on one core."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from threadpoolctl import ThreadpoolController

# From this many messages on, all cores pay; below it they mostly wait for one another, and take the time
# from the other requests of the server.
MANY = 64
# The number of threads belongs to the process: two at once would restore it wrongly.
_lock = threading.RLock()


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    """Looking for the libraries takes a second, so it is done once, after numpy has loaded them."""
    return ThreadpoolController()


@contextmanager
def few_blas_threads(messages: int) -> Iterator[None]:
    """Runs the block with one BLAS thread for a few messages and with all of them for many."""
    threads = 1 if messages < MANY else os.cpu_count() or 1
    with _lock, _controller().limit(limits=threads, user_api="blas"):
        yield
