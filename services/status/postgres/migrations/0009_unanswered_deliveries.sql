-- A delivery that was asked for and is never answered is asked for again.
ALTER TABLE deliveries ADD COLUMN asked_at timestamptz;  -- an answer is awaited since then
UPDATE deliveries SET asked_at = now() WHERE due_at IS NULL AND state IN ('waiting', 'retrying');
CREATE INDEX deliveries_asked ON deliveries (asked_at) WHERE asked_at IS NOT NULL;
