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
    with op.batch_alter_table('conversations') as batch:
        batch.drop_column('claim_was_read')
    with op.batch_alter_table('messages') as batch:
        batch.drop_column('private')
