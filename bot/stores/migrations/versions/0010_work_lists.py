"""the specialists' work on intakes, and who changed whose skills"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns are added in place: SQLite can't copy a table that the rows of another one point to.
    op.add_column("intakes", sa.Column("program", sa.String(length=32), nullable=True))
    op.execute("ALTER TABLE intakes ADD COLUMN specialist_id INTEGER REFERENCES specialists (id)")
    op.add_column("intakes", sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("intakes", sa.Column("outcome", sa.String(length=32), nullable=True))
    op.add_column("intakes", sa.Column("note", sa.Text(), nullable=True))
    op.add_column("intakes", sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "UPDATE intakes SET program = coalesce("
        "(SELECT claims.program FROM claims WHERE claims.id = intakes.claim_id), "
        "(SELECT conversations.program FROM conversations WHERE conversations.id = intakes.conversation_id))"
    )
    op.create_index("ix_intakes_work", "intakes", ["state", "finished_at", "filed_at"], unique=False)
    op.create_table(
        "skill_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("specialist_id", sa.Integer(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["specialist_id"], ["specialists.id"]),
        sa.ForeignKeyConstraint(["changed_by_id"], ["specialists.id"]),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.drop_table("skill_changes")
    op.drop_index("ix_intakes_work", table_name="intakes")
    with op.batch_alter_table("intakes") as batch_op:
        for name in ("finished_at", "note", "outcome", "taken_at", "specialist_id", "program"):
            batch_op.drop_column(name)
