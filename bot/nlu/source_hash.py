"""A hash of this package's own files, for fingerprints.

Rasa hashes the source of a component's class only; a change in a module the class calls would
otherwise leave `rasa train` with a stale part.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=1)
def own_source() -> str:
    """Hexadecimal SHA-256 of the Python and data files of this package."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for file in sorted([*folder.glob("*.py"), *folder.glob("data/*")]):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def hash_of(files: Iterable[Path]) -> str:
    """Hexadecimal SHA-256 of our source and of the contents of the given files."""
    digest = hashlib.sha256(own_source().encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()
