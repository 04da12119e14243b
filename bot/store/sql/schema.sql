-- name: schema_version()^
-- The newest migration that was applied; null for none.
SELECT max(version) AS version FROM schema_versions;

-- name: note_migration(version, name, applied_at)!
-- A migration was applied.
INSERT INTO schema_versions (version, name, applied_at) VALUES (:version, :name, :applied_at);

-- name: negate_newest_migration()!
-- A change that is undone by another one like it, in the same transaction: does the database let us write?
UPDATE schema_versions SET applied_at = -applied_at WHERE version = (SELECT max(version) FROM schema_versions);
