-- The marks that this database has put into its store, the latest of a few days: a database that does not know the
-- mark it finds there is older than the store, or another's.
CREATE TABLE store_marks (
    number bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    mark   uuid NOT NULL UNIQUE
);

-- Once more, for the output CSVs of former runs.
UPDATE requests SET swept_at = NULL WHERE run > 1 AND swept_at IS NOT NULL;
