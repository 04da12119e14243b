-- A card that is posted again leaves its former message behind: a search must not take that one for the new card.

ALTER TABLE deliveries ADD COLUMN replaced_ts TEXT;
