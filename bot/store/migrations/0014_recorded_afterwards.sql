-- Decisions that were recorded when Ralio's verdict was already known.

ALTER TABLE reviews ADD COLUMN recorded_afterwards BOOLEAN NOT NULL DEFAULT FALSE;
