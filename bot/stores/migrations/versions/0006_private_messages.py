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
    # What was said before this column was there: a conversation that ever read a claim keeps nothing in the open.
    op.execute(
        "UPDATE messages SET private = true WHERE author <> 'specialist' AND conversation_id IN "
        "(SELECT conversation_id FROM claim_reads WHERE conversation_id IS NOT NULL)"
    )


def downgrade() -> None:
    # Dropped in place: a batch would make SQLite's table anew and lose the triggers of the search (0004).
    op.execute('ALTER TABLE conversations DROP COLUMN claim_was_read')
    op.execute('ALTER TABLE messages DROP COLUMN private')
