"""a PIN on every claim, and an audit table that only grows"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# A row younger than this can't be deleted by anyone who does not first take the triggers away.
KEPT_YEARS = 7
REFUSAL = f"claim_reads only grows: rows are never changed, and not deleted before {KEPT_YEARS} years"

# SQLite rebuilds a table for many changes and drops its triggers with it: a later migration that changes
# claim_reads has to make these again. REPLACE fires no delete trigger there, so taken ids are refused too.
SQLITE = (
    f"""
    CREATE TRIGGER claim_reads_refuse_update BEFORE UPDATE ON claim_reads
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """,
    f"""
    CREATE TRIGGER claim_reads_refuse_delete BEFORE DELETE ON claim_reads
    WHEN OLD.read_at > datetime('now', '-{KEPT_YEARS} years')
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """,
    f"""
    CREATE TRIGGER claim_reads_refuse_replace BEFORE INSERT ON claim_reads
    WHEN EXISTS (SELECT 1 FROM claim_reads WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """,
)
POSTGRESQL = (
    f"""
    CREATE FUNCTION claim_reads_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.read_at <= now() - interval '{KEPT_YEARS} years' THEN
                RETURN OLD;
            END IF;
        END IF;
        RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
    END
    $$
    """,
    """
    CREATE TRIGGER claim_reads_refuse_change BEFORE UPDATE OR DELETE ON claim_reads
    FOR EACH ROW EXECUTE FUNCTION claim_reads_refuse()
    """,
    """
    CREATE TRIGGER claim_reads_refuse_truncate BEFORE TRUNCATE ON claim_reads
    FOR EACH STATEMENT EXECUTE FUNCTION claim_reads_refuse()
    """,
)


def upgrade() -> None:
    op.add_column("claims", sa.Column("pin_hash", sa.String(length=200), nullable=True))
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name in ("update", "delete", "replace"):
            op.execute(f"DROP TRIGGER claim_reads_refuse_{name}")
    else:
        for name in ("change", "truncate"):
            op.execute(f"DROP TRIGGER claim_reads_refuse_{name} ON claim_reads")
        op.execute("DROP FUNCTION claim_reads_refuse()")
    op.execute("ALTER TABLE claims DROP COLUMN pin_hash")
