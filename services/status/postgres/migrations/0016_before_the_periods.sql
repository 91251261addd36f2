-- transactional: false
-- Images and products come to lie in periods: a week of requests each, told by the time in a request's id. What is there
-- becomes the first of them, `before`. This file only gets it ready, while the version before goes on: no row is
-- written again, and each table is read once.
CREATE TABLE IF NOT EXISTS periods (
    name     text PRIMARY KEY,             -- of its tables behind images_ and products_
    first_id uuid NOT NULL UNIQUE,
    end_id   uuid NOT NULL UNIQUE,         -- the first of the next one
    CHECK (first_id < end_id)
);

-- What a broken attempt left is removed first. `before` ends a day ahead or more, so that what comes meanwhile still
-- belongs to it; where there is nothing yet it ends today.
DO $$
DECLARE
    days integer := CASE WHEN EXISTS (SELECT FROM requests) THEN 2 ELSE 0 END;
    bound text := lpad(to_hex((extract(epoch FROM date_trunc('day', now(), 'UTC')) * 1000)::bigint + days * 86400000), 12, '0');
    end_id uuid := (bound || repeat('0', 20))::uuid;
    odd uuid := (SELECT id FROM requests WHERE id >= end_id ORDER BY id LIMIT 1);
    within text := format('CHECK (request_id >= %L AND request_id < %L) NOT VALID', repeat('0', 32)::uuid, end_id);
BEGIN
    IF odd IS NOT NULL THEN
        RAISE EXCEPTION 'the id of request % is not of a time before tomorrow: delete this request, or wait until then', odd;
    END IF;
    DELETE FROM periods;
    INSERT INTO periods VALUES ('before', repeat('0', 32)::uuid, end_id);
    -- Whoever waits for a table holds up all who come behind: so for a moment at a time, until it is had.
    SET LOCAL lock_timeout = '500ms';
    LOOP
        BEGIN
            LOCK TABLE images, products IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            PERFORM pg_sleep(0.5);
        END;
    END LOOP;
    ALTER TABLE images DROP CONSTRAINT IF EXISTS images_before;
    ALTER TABLE products DROP CONSTRAINT IF EXISTS products_before;
    EXECUTE 'ALTER TABLE images ADD CONSTRAINT images_before ' || within;
    EXECUTE 'ALTER TABLE products ADD CONSTRAINT products_before ' || within;
END
$$;

ALTER TABLE images VALIDATE CONSTRAINT images_before;
ALTER TABLE products VALIDATE CONSTRAINT products_before;

-- Whether a period still has a request that is not purged.
DROP INDEX CONCURRENTLY IF EXISTS requests_unpurged_by_id;
CREATE INDEX CONCURRENTLY requests_unpurged_by_id ON requests (id) WHERE purged_at IS NULL;
