"""The one kind of error whose words reach a visitor or a specialist."""

from __future__ import annotations

from typing import Any


class Refused(Exception):
    """A request that can't be done, with a code, the HTTP status it becomes, and values for its words.

    The words stand in `data/words/service.yml` under `error.<code>`; nothing else about the
    failure leaves the product.
    """

    def __init__(self, code: str, status: int, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.values = values


def not_found() -> Refused:
    """An unknown conversation and a wrong token get the very same answer."""
    return Refused("not_found", 404)
