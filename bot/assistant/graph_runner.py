"""Runs Rasa's graph of components in order, without planning each run anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner


class StraightGraphRunner(DaskGraphRunner):
    """Gives what Rasa's own runner gives, for less.

    Rasa's builds a Dask graph at every run, three times a reply, and lets Dask work out an order in which
    the nodes can run on many machines; here they run on one thread, always in the same order.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._orders: dict[tuple[str, ...], list[str]] = {}

    def run(self, inputs: dict[str, Any] | None = None, targets: list[str] | None = None) -> dict[str, Any]:
        """The outputs of the targets by name; `inputs` are given to the nodes that need them, by name.

        Raises:
            GraphComponentException: a component failed.
        """
        wanted = tuple(targets or self._graph_schema.target_names)
        if wanted not in self._orders:
            self._orders[wanted] = order(self._graph_schema, wanted)
        outputs = {name: (name, value) for name, value in (inputs or {}).items()}
        for name in self._orders[wanted]:
            # The name alone stands for an input that nobody gave, as it does in Rasa's runner.
            needed = (outputs.get(other, other) for other in self._graph_schema.nodes[name].needs.values())
            outputs[name] = self._instantiated_nodes[name](*needed)
        return dict(outputs[name] for name in wanted)


def order(schema: GraphSchema, targets: Sequence[str]) -> list[str]:
    """The nodes that the targets need, each after those it needs itself."""
    placed: dict[str, None] = {}

    def place(name: str) -> None:
        if name in placed or name not in schema.nodes:
            return
        for other in schema.nodes[name].needs.values():
            place(other)
        placed[name] = None

    for target in targets:
        place(target)
    return list(placed)
