"""notes, ratings, audits, unanswered questions, and the search through transcripts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
# The same words as in bot/stores/transcript_search.py, which a change here would leave without its index.
POSTGRES_WORDS = (
    "to_tsvector('simple', regexp_replace(translate(lower(text), "
    "'áàâäãåéèêëíìîïóòôöõúùûüñçýÿ', 'aaaaaaeeeeiiiiooooouuuuncyy'), '[^a-z0-9]+', ' ', 'g'))"
)


def upgrade() -> None:
    with op.batch_alter_table('specialist_sessions') as batch_op:
        batch_op.add_column(sa.Column('browser', sa.String(length=160), nullable=True))
    op.create_index('ix_messages_created', 'messages', ['created_at'])
    specialists_own = sa.text('specialist_id IS NOT NULL')
    op.create_index(
        'ix_messages_specialist', 'messages', ['specialist_id'],
        sqlite_where=specialists_own, postgresql_where=specialists_own,
    )
    op.create_table('sign_ins',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('specialist_id', sa.Integer(), nullable=True),
    sa.Column('outcome', sa.String(length=32), nullable=False),
    sa.Column('address_hash', sa.String(length=16), nullable=False),
    sa.Column('tried_at', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['specialist_id'], ['specialists.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_sign_ins_tried_at', 'sign_ins', ['tried_at'])
    op.create_table('notes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('conversation_id', sa.String(length=32), nullable=False),
    sa.Column('specialist_id', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('created_at', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversations.id']),
    sa.ForeignKeyConstraint(['specialist_id'], ['specialists.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_notes_conversation_id', 'notes', ['conversation_id'])
    op.create_table('ratings',
    sa.Column('escalation_id', sa.Integer(), nullable=False),
    sa.Column('stars', sa.Integer(), nullable=False),
    sa.Column('words', sa.Text(), nullable=True),
    sa.Column('rated_at', MOMENT, nullable=False),
    sa.CheckConstraint('stars BETWEEN 1 AND 5', name='ck_ratings_stars'),
    sa.ForeignKeyConstraint(['escalation_id'], ['escalations.id']),
    sa.PrimaryKeyConstraint('escalation_id')
    )
    op.create_table('transcript_reads',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('specialist_id', sa.Integer(), nullable=False),
    sa.Column('look', sa.String(length=32), nullable=False),
    sa.Column('conversation_id', sa.String(length=32), nullable=True),
    sa.Column('words', sa.Text(), nullable=True),
    sa.Column('found', sa.Integer(), nullable=True),
    sa.Column('read_at', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['specialist_id'], ['specialists.id']),
    sa.PrimaryKeyConstraint('id')
    )
    op.create_index('ix_transcript_reads_read_at', 'transcript_reads', ['read_at'])
    op.create_table('unanswered_questions',
    sa.Column('conversation_id', sa.String(length=32), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('miss', sa.String(length=32), nullable=False),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('program', sa.String(length=32), nullable=True),
    sa.Column('asked_at', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['conversation_id', 'seq'], ['messages.conversation_id', 'messages.seq']),
    sa.PrimaryKeyConstraint('conversation_id', 'seq')
    )
    op.create_index('ix_unanswered_questions_asked_at', 'unanswered_questions', ['asked_at'])
    op.create_table('draft_examples',
    sa.Column('conversation_id', sa.String(length=32), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=32), nullable=False),
    sa.Column('intent', sa.String(length=64), nullable=True),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('language', sa.String(length=8), nullable=False),
    sa.Column('decided_by', sa.Integer(), nullable=False),
    sa.Column('decided_at', MOMENT, nullable=False),
    sa.ForeignKeyConstraint(['conversation_id', 'seq'], ['unanswered_questions.conversation_id', 'unanswered_questions.seq']),
    sa.ForeignKeyConstraint(['decided_by'], ['specialists.id']),
    sa.PrimaryKeyConstraint('conversation_id', 'seq')
    )
    _make_transcripts_searchable()


def _make_transcripts_searchable() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute(f'CREATE INDEX ix_messages_words ON messages USING gin ({POSTGRES_WORDS})')
        return
    # The conversation is a word of the index too, so that what leaves the transcript is found and leaves here as well.
    op.execute(
        "CREATE VIRTUAL TABLE message_words USING fts5("
        "conversation_id, seq UNINDEXED, text, tokenize = 'unicode61 remove_diacritics 2')"
    )
    op.execute('INSERT INTO message_words SELECT conversation_id, seq, text FROM messages')
    op.execute(
        'CREATE TRIGGER message_words_added AFTER INSERT ON messages BEGIN '
        'INSERT INTO message_words VALUES (new.conversation_id, new.seq, new.text); END'
    )
    forget = (
        "DELETE FROM message_words WHERE message_words MATCH 'conversation_id:\"' || old.conversation_id || '\"' "
        'AND seq = old.seq;'
    )
    op.execute(f'CREATE TRIGGER message_words_gone AFTER DELETE ON messages BEGIN {forget} END')
    op.execute(
        f'CREATE TRIGGER message_words_changed AFTER UPDATE OF text ON messages BEGIN {forget} '
        'INSERT INTO message_words VALUES (new.conversation_id, new.seq, new.text); END'
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP INDEX ix_messages_words')
    else:
        for name in ('added', 'gone', 'changed'):
            op.execute(f'DROP TRIGGER message_words_{name}')
        op.execute('DROP TABLE message_words')
    for name in ('draft_examples', 'unanswered_questions', 'transcript_reads', 'ratings', 'notes', 'sign_ins'):
        op.drop_table(name)
    op.drop_index('ix_messages_specialist', 'messages')
    op.drop_index('ix_messages_created', 'messages')
    with op.batch_alter_table('specialist_sessions') as batch_op:
        batch_op.drop_column('browser')
