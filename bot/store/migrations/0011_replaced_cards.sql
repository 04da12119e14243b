-- A card that is posted again leaves its former message behind: a search must not take that one for the new card.

ALTER TABLE deliveries ADD COLUMN replaced_ts TEXT;

-- 1: what the call under way shows is out of date already, although the review has no newer version.
ALTER TABLE deliveries ADD COLUMN is_stale BIGINT NOT NULL DEFAULT 0;
