-- The same reviews, named by the two statuses that they don't have. For a list of three, SQLite builds a temporary table
-- with every row that it writes: that was a fifth of the work of inserting a review.

DROP INDEX reviews_in_work;
CREATE INDEX reviews_in_work ON reviews (queue, status, opened_at) WHERE status NOT IN ('decided', 'closed');
DROP INDEX reviews_due;
CREATE INDEX reviews_due ON reviews (queue, due_at) WHERE status NOT IN ('decided', 'closed');
