"""Alembic's entry: migrations run over a connection that `bot.migrations` hands in."""

from __future__ import annotations

from typing import Any

from alembic import context

from bot.stores.tables import Base, Moment, Vocabulary


def _render(kind: str, item: Any, _autogen_context: Any) -> Any:
    # A migration must not change when the product's own column types do, so it names SQL's types.
    if kind == "type" and isinstance(item, Vocabulary):
        return f"sa.String(length={item.impl.length})"
    if kind == "type" and isinstance(item, Moment):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    render_item=_render,
)
with context.begin_transaction():
    context.run_migrations()
