-- Images and products lie in periods. All of this is names and no rows: it takes milliseconds, once it has the tables.
DO $$
BEGIN
    SET LOCAL lock_timeout = '500ms';
    LOOP
        BEGIN
            LOCK TABLE images_now, requests, images, products IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            PERFORM pg_sleep(0.5);
        END;
    END LOOP;
END
$$;

ALTER TABLE images RENAME TO images_before;
ALTER TABLE products RENAME TO products_before;
ALTER INDEX images_pkey RENAME TO images_before_pkey;
ALTER INDEX images_due RENAME TO images_before_due;
ALTER INDEX images_in_flight RENAME TO images_before_in_flight;
ALTER INDEX images_by_state RENAME TO images_before_by_state;
ALTER INDEX images_repeats_left RENAME TO images_before_repeats_left;
ALTER INDEX images_repeats_in_order RENAME TO images_before_repeats_in_order;
ALTER INDEX products_pkey RENAME TO products_before_pkey;

-- Rows are made and removed under the lock of their request's row alone. To look each one's request up once more took
-- half of what planning costs here, and a period could not go without a lock on all requests.
ALTER TABLE images_before DROP CONSTRAINT images_request_id_fkey;
ALTER TABLE products_before DROP CONSTRAINT products_request_id_fkey;

CREATE TABLE images (LIKE images_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (request_id);
CREATE TABLE products (LIKE products_before INCLUDING DEFAULTS INCLUDING CONSTRAINTS) PARTITION BY RANGE (request_id);
ALTER TABLE images DROP CONSTRAINT images_before;
ALTER TABLE products DROP CONSTRAINT products_before;

ALTER TABLE images ADD CONSTRAINT images_pkey PRIMARY KEY (request_id, ordinal);
CREATE INDEX images_due ON ONLY images (request_id, run, due_at) WHERE state = 'planned' AND due_at IS NOT NULL;
CREATE INDEX images_in_flight ON ONLY images (take_by) WHERE state = 'requested';
CREATE INDEX images_by_state ON ONLY images (request_id, state, run, ordinal);
CREATE INDEX images_repeats_left ON ONLY images (request_id, ordinal) WHERE repeats_from IS NOT NULL;
CREATE INDEX images_repeats_in_order ON ONLY images (request_id, same_as, ordinal) WHERE same_as IS NOT NULL;
ALTER TABLE products ADD CONSTRAINT products_pkey PRIMARY KEY (request_id, number);

-- The constraints of 0016 show that every row fits, so none is read.
DO $$
DECLARE
    period periods := (SELECT p FROM periods p WHERE name = 'before');
    bounds text := format('FOR VALUES FROM (%L) TO (%L)', period.first_id, period.end_id);
BEGIN
    EXECUTE 'ALTER TABLE images ATTACH PARTITION images_before ' || bounds;
    EXECUTE 'ALTER TABLE products ATTACH PARTITION products_before ' || bounds;
END
$$;
ALTER TABLE images_before DROP CONSTRAINT images_before;
ALTER TABLE products_before DROP CONSTRAINT products_before;

-- What no period is for: an id without a time, or from a clock that is days ahead. It is rare, and removed row by row.
CREATE TABLE images_other PARTITION OF images DEFAULT WITH (fillfactor = 70);
CREATE TABLE products_other PARTITION OF products DEFAULT;

-- A view is bound to the table itself and not to its name.
CREATE OR REPLACE VIEW images_now AS
SELECT i.request_id, i.ordinal, i.id, i.product_number, i.product_id, i.input_url, i.same_as,
       image_reads_as(i.state, i.run, r.run, r.completed_at IS NOT NULL, r.failure_code) AS state,
       CASE WHEN i.state = 'done' THEN NULL
            WHEN i.state = 'failed' AND i.run = r.run THEN i.code
            WHEN r.completed_at IS NOT NULL THEN r.failure_code END AS code,
       CASE WHEN i.state = 'failed' AND i.run = r.run THEN i.detail END AS detail,
       CASE WHEN i.run = r.run THEN i.attempt ELSE 0 END AS attempt,
       i.ended_at, i.original_key, i.output_key, i.output_url, i.bytes_in, i.bytes_out, i.width, i.height,
       i.format, i.sha256,
       CASE WHEN waits THEN i.code END AS last_code,
       CASE WHEN waits THEN i.due_at END AS due_at
FROM images i
JOIN requests r ON r.id = i.request_id
CROSS JOIN LATERAL (
    SELECT i.state = 'planned' AND i.due_at IS NOT NULL AND i.run = r.run AND r.completed_at IS NULL
           AND r.cancel_requested_at IS NULL AND NOT r.ending AS waits
) AS w;

-- `made`; `known` where it is covered already; `strewn` where rows of it lie in the tables of others; `busy` where the
-- tables were not to be had at once.
CREATE FUNCTION make_period(period text, first_id uuid, end_id uuid) RETURNS text LANGUAGE plpgsql
SET lock_timeout = '500ms' AS $$
DECLARE
    bounds text := format('FOR VALUES FROM (%L) TO (%L)', first_id, end_id);
BEGIN
    LOCK TABLE periods IN SHARE ROW EXCLUSIVE MODE;
    IF EXISTS (SELECT FROM periods p WHERE p.first_id < make_period.end_id AND make_period.first_id < p.end_id) THEN
        RETURN 'known';
    END IF;
    IF EXISTS (SELECT FROM images_other i WHERE i.request_id >= make_period.first_id AND i.request_id < make_period.end_id)
       OR EXISTS (SELECT FROM products_other p WHERE p.request_id >= make_period.first_id AND p.request_id < make_period.end_id)
    THEN
        RETURN 'strewn';
    END IF;
    EXECUTE format('CREATE TABLE images_%s PARTITION OF images %s WITH (fillfactor = 70)', period, bounds);
    EXECUTE format('CREATE TABLE products_%s PARTITION OF products %s', period, bounds);
    INSERT INTO periods VALUES (period, first_id, end_id);
    RETURN 'made';
EXCEPTION
    WHEN check_violation THEN RETURN 'strewn';
    WHEN lock_not_available OR deadlock_detected THEN RETURN 'busy';
END
$$;

-- `dropped`, with all its rows; `needed` where some request of it is not purged yet; `busy` as above.
CREATE FUNCTION drop_period(period text) RETURNS text LANGUAGE plpgsql
SET lock_timeout = '500ms' AS $$
BEGIN
    IF period_is_needed(period) THEN
        RETURN 'needed';
    END IF;
    -- Behind this lock nobody plans: what is accepted from now on has its rows in the tables of others.
    LOCK TABLE ONLY images, ONLY products IN ACCESS EXCLUSIVE MODE;
    IF period_is_needed(period) THEN
        RETURN 'needed';
    END IF;
    EXECUTE format('DROP TABLE images_%s, products_%s', period, period);
    DELETE FROM periods WHERE name = period;
    RETURN 'dropped';
EXCEPTION
    WHEN lock_not_available OR deadlock_detected THEN RETURN 'busy';
END
$$;

CREATE FUNCTION period_is_needed(period text) RETURNS boolean LANGUAGE sql AS $$
SELECT EXISTS (SELECT FROM requests r JOIN periods p ON r.id >= p.first_id AND r.id < p.end_id
               WHERE p.name = period AND r.purged_at IS NULL)
$$;
