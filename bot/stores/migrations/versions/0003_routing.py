"""Offers of waiting escalations to specialists: skills, presence, priority, transfers and messages left.

Revision ID: 0003
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added in place: SQLite can't copy a table that the rows of another one point to.
    op.add_column("specialists", sa.Column("programs", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("specialists", sa.Column("languages", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("specialists", sa.Column("capacity", sa.Integer(), server_default="3", nullable=False))
    op.add_column(
        "specialists", sa.Column("availability", sa.String(length=32), server_default="available", nullable=False)
    )
    op.add_column("specialists", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("escalations", sa.Column("priority", sa.Integer(), server_default="4", nullable=False))
    op.add_column("escalations", sa.Column("offer_ends_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("escalations", sa.Column("waited_seconds", sa.Integer(), nullable=True))
    op.add_column("escalations", sa.Column("told_closed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("escalations", sa.Column("reference", sa.String(length=12), nullable=True))
    op.add_column("escalations", sa.Column("transfer_note", sa.Text(), nullable=True))
    for name in ("offered_to_id", "transferred_by_id"):
        op.execute(f"ALTER TABLE escalations ADD COLUMN {name} INTEGER REFERENCES specialists (id)")
    op.create_index("ix_escalations_queue", "escalations", ["state", "priority", "opened_at"], unique=False)
    op.create_index("ix_escalations_waits", "escalations", ["priority", "language", "opened_at"], unique=False)
    op.create_index("uq_escalations_reference", "escalations", ["reference"], unique=True)
    op.create_table(
        "escalation_offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("escalation_id", sa.Integer(), nullable=False),
        sa.Column("specialist_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["escalation_id"], ["escalations.id"]),
        sa.ForeignKeyConstraint(["specialist_id"], ["specialists.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_escalation_offers_escalation_id", "escalation_offers", ["escalation_id"], unique=False)
    op.create_index(
        "ix_escalation_offers_specialist", "escalation_offers", ["specialist_id", "offered_at"], unique=False
    )


def downgrade() -> None:
    # What only the newer tables know has no place in the older ones: nobody waits any more.
    op.execute("UPDATE escalations SET state = 'waiting' WHERE state = 'offered'")
    op.execute("UPDATE escalations SET state = 'resolved', outcome = 'follow_up' WHERE state = 'callback'")
    op.execute("UPDATE escalations SET outcome = 'left' WHERE outcome = 'gave_up'")
    op.drop_table("escalation_offers")
    with op.batch_alter_table("escalations") as batch_op:
        batch_op.drop_index("uq_escalations_reference")
        batch_op.drop_index("ix_escalations_waits")
        batch_op.drop_index("ix_escalations_queue")
        for name in ("transferred_by_id", "transfer_note", "reference", "told_closed_at", "waited_seconds"):
            batch_op.drop_column(name)
        for name in ("offer_ends_at", "offered_to_id", "priority"):
            batch_op.drop_column(name)
    for name in ("seen_at", "availability", "capacity", "languages", "programs"):
        op.execute(f"ALTER TABLE specialists DROP COLUMN {name}")
