"""card feedback"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0005'
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('card_feedback',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('conversation_id', sa.String(length=32), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('card_id', sa.String(length=64), nullable=False),
    sa.Column('helpful', sa.Boolean(), nullable=False),
    sa.Column('reason', sa.String(length=32), nullable=True),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('conversation_id', 'seq', name='uq_card_feedback_message')
    )
    with op.batch_alter_table('card_feedback', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_card_feedback_card_id'), ['card_id'], unique=False)


def downgrade() -> None:
    with op.batch_alter_table('card_feedback', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_card_feedback_card_id'))

    op.drop_table('card_feedback')
