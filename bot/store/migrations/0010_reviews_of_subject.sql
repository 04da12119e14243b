-- The reviews of one subject, by when they were opened; sessions that were never in review are left out.

CREATE INDEX reviews_of_subject ON reviews (subject_id, entity_type, opened_at, id) WHERE opened_at IS NOT NULL;
