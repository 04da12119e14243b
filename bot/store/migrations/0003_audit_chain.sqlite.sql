-- The audit becomes a chain. `id` is now the entry's number in it, without gaps, given together with its seal. Entries from
-- before get their seals at the next start of the bot (an empty one until then), which says so in an entry of its own.

ALTER TABLE audit ADD COLUMN seal TEXT NOT NULL DEFAULT '';
UPDATE audit SET id = -id;
UPDATE audit SET id = numbered.number
FROM (SELECT id AS old, row_number() OVER (ORDER BY id DESC) AS number FROM audit) AS numbered
WHERE audit.id = numbered.old;

CREATE TABLE audit_head (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    id   BIGINT NOT NULL,               -- the newest entry; on PostgreSQL its lock puts all instances in one order
    seal TEXT NOT NULL
);
INSERT INTO audit_head (one, id, seal) SELECT 1, coalesce(max(id), 0), '' FROM audit;

-- What a purge leaves in the place of the entries that it removed.
CREATE TABLE audit_purged (
    last      BIGINT PRIMARY KEY,
    first     BIGINT NOT NULL,
    last_seal TEXT NOT NULL,
    purge     BIGINT NOT NULL           -- the number of the purge's own entry
);
CREATE INDEX audit_purged_by ON audit_purged (purge, first);

-- Sessions that no purge may remove.
CREATE TABLE holds (
    review_id BIGINT PRIMARY KEY REFERENCES reviews (id),
    reason    TEXT NOT NULL,
    placed_by TEXT NOT NULL,
    placed_at BIGINT NOT NULL
);
CREATE INDEX deliveries_of_review ON deliveries (review_id);

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit WHEN OLD.seal <> ''
BEGIN
    SELECT RAISE(ABORT, 'the audit is only appended to');
END;
CREATE TRIGGER audit_is_not_removed BEFORE DELETE ON audit
WHEN NOT coalesce((SELECT first FROM audit_purged WHERE last >= OLD.id ORDER BY last LIMIT 1) <= OLD.id, false)
BEGIN
    SELECT RAISE(ABORT, 'the audit is only appended to; see the purge command');
END;
CREATE TRIGGER audit_purged_is_not_changed BEFORE UPDATE ON audit_purged
BEGIN
    SELECT RAISE(ABORT, 'the audit is only appended to');
END;
CREATE TRIGGER audit_purged_is_not_removed BEFORE DELETE ON audit_purged
BEGIN
    SELECT RAISE(ABORT, 'the audit is only appended to');
END;
