"""messages that hold claim data"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0006'
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('messages', sa.Column('private', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('conversations', sa.Column('claim_was_read', sa.Boolean(), nullable=False, server_default=sa.false()))
    _search_triggers('WHEN NOT new.private ')
    # What was said before this column was there: a conversation that ever read a claim keeps nothing in the open.
    op.execute(
        "UPDATE messages SET private = true WHERE author <> 'specialist' AND conversation_id IN "
        "(SELECT conversation_id FROM claim_reads WHERE conversation_id IS NOT NULL)"
    )
    if op.get_bind().dialect.name == 'sqlite':
        op.execute(
            'DELETE FROM message_words WHERE rowid IN (SELECT w.rowid FROM message_words w JOIN messages m '
            'ON m.conversation_id = w.conversation_id AND m.seq = w.seq WHERE m.private)'
        )


def _search_triggers(condition: str) -> None:
    """SQLite's index of words (0004) takes in the messages that meet the condition; a claim's data never gets there."""
    if op.get_bind().dialect.name != 'sqlite':
        return
    forget = (
        "DELETE FROM message_words WHERE message_words MATCH 'conversation_id:\"' || old.conversation_id || '\"' "
        'AND seq = old.seq;'
    )
    add = 'INSERT INTO message_words VALUES (new.conversation_id, new.seq, new.text);'
    op.execute('DROP TRIGGER message_words_added')
    op.execute('DROP TRIGGER message_words_changed')
    op.execute(f'CREATE TRIGGER message_words_added AFTER INSERT ON messages {condition}BEGIN {add} END')
    op.execute(f'CREATE TRIGGER message_words_changed AFTER UPDATE OF text ON messages {condition}BEGIN {forget} {add} END')


def downgrade() -> None:
    _search_triggers('')
    # Dropped in place: a batch would make SQLite's table anew and lose the triggers of the search (0004).
    op.execute('ALTER TABLE conversations DROP COLUMN claim_was_read')
    op.execute('ALTER TABLE messages DROP COLUMN private')
