-- A run may try again what failed with some codes only. The other failures stand, and their images keep the run in which
-- they failed. Whoever waits for a table holds up all who come behind: so for a moment at a time, until it is had.
DO $$
BEGIN
    SET LOCAL lock_timeout = '500ms';
    LOOP
        BEGIN
            LOCK TABLE images_now, requests IN ACCESS EXCLUSIVE MODE;
            EXIT;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            PERFORM pg_sleep(0.5);
        END;
    END LOOP;
END
$$;

ALTER TABLE requests
    ADD COLUMN standing jsonb NOT NULL DEFAULT '{}',       -- of each of their codes: its failures since which run stand
    ADD COLUMN failed_before integer NOT NULL DEFAULT 0;   -- how many of `failed` these are

-- The run in which an image counts.
CREATE FUNCTION image_run_now(stored text, image_run integer, code text, request_run integer, standing jsonb)
RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN stored = 'failed' AND image_run < request_run AND image_run >= (standing ->> code)::integer
            THEN request_run ELSE image_run END
$$;

CREATE OR REPLACE VIEW images_now AS
SELECT i.request_id, i.ordinal, i.id, i.product_number, i.product_id, i.input_url, i.same_as,
       image_reads_as(i.state, n.run, r.run, r.completed_at IS NOT NULL, r.failure_code) AS state,
       CASE WHEN i.state = 'done' THEN NULL
            WHEN i.state = 'failed' AND n.run = r.run THEN i.code
            WHEN r.completed_at IS NOT NULL THEN r.failure_code END AS code,
       CASE WHEN i.state = 'failed' AND n.run = r.run THEN i.detail END AS detail,
       CASE WHEN n.run = r.run THEN i.attempt ELSE 0 END AS attempt,
       i.ended_at, i.original_key, i.output_key, i.output_url, i.bytes_in, i.bytes_out, i.width, i.height,
       i.format, i.sha256,
       CASE WHEN waits THEN i.code END AS last_code,
       CASE WHEN waits THEN i.due_at END AS due_at
FROM images i
JOIN requests r ON r.id = i.request_id
CROSS JOIN LATERAL (
    SELECT image_run_now(i.state, i.run, i.code, r.run, r.standing) AS run,
           i.state = 'planned' AND i.due_at IS NOT NULL AND i.run = r.run AND r.completed_at IS NULL
           AND r.cancel_requested_at IS NULL AND NOT r.ending AS waits
) AS n;
