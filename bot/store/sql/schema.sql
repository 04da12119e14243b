-- name: schema_version()^
-- The newest migration that was applied; null for none.
SELECT max(version) AS version FROM schema_versions;

-- name: note_migration(version, name, applied_at)!
-- A migration was applied.
INSERT INTO schema_versions (version, name, applied_at) VALUES (:version, :name, :applied_at);
