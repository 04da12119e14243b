-- Snoozed reviews, and decided ones that Ralio has given no verdict on.

ALTER TABLE reviews ADD COLUMN snoozed_until BIGINT;             -- null unless the review is snoozed
ALTER TABLE reviews ADD COLUMN snooze_reason TEXT;
ALTER TABLE reviews ADD COLUMN pauses TEXT NOT NULL DEFAULT '[]';  -- JSON: [start, end] of every snooze since it was opened
CREATE INDEX reviews_awaiting_verdict ON reviews (id) WHERE status = 'decided' AND due_at IS NOT NULL;
