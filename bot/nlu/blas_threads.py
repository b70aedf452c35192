"""Keeps the matrix products of a single message on one core."""

import os
import threading
from functools import lru_cache

from threadpoolctl import ThreadpoolController

# From this many messages on, all cores pay; below it they mostly wait for one another, and take the time
# from the other requests of the server.
MANY = 64
_lock = threading.Lock()
_threads = 0


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    """Looking for the libraries takes a second, so it is done once, after numpy has loaded them."""
    return ThreadpoolController()


def share_blas_threads(messages: int) -> None:
    """From now on one BLAS thread for a few messages, all of them for many.

    The number belongs to the process and is left as it is afterwards: a server sets it once and not at every message.
    """
    global _threads
    wanted = 1 if messages < MANY else os.cpu_count() or 1
    with _lock:
        if wanted != _threads:
            _controller().limit(limits=wanted, user_api="blas")
            _threads = wanted
