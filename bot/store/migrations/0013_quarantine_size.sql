-- The size of a quarantined body, also of one that is not kept because the quarantine is full. length() counts bytes.
ALTER TABLE events ADD COLUMN body_size BIGINT;
UPDATE events SET body_size = length(body) WHERE body IS NOT NULL;
CREATE INDEX events_kept_bodies ON events (body_size) WHERE body IS NOT NULL;
CREATE INDEX events_dropped_bodies ON events (id) WHERE error IS NOT NULL AND body IS NULL;
