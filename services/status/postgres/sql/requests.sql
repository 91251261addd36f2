-- A request's life: accepted, planned, changed, ended.

-- name: left_behind
-- Of each kind of work whether there is any, or will be in so many seconds. What somebody is at counts: he may have died.
SELECT EXISTS (SELECT FROM requests WHERE planned_at IS NULL AND completed_at IS NULL) AS plan,
       EXISTS (SELECT FROM requests
               WHERE completed_at IS NULL AND NOT ending AND cancel_requested_at IS NULL AND planned_images > 0)
           OR EXISTS (SELECT FROM batches) AS dispatch,
       EXISTS (SELECT FROM requests WHERE repeats_left AND completed_at IS NULL AND NOT ending) AS repeats,
       EXISTS (SELECT FROM requests WHERE ending AND completed_at IS NULL) AS complete,
       EXISTS (SELECT FROM completions WHERE published_at IS NULL) AS announce,
       EXISTS (SELECT FROM deliveries WHERE due_at < now() + make_interval(secs => $1)) AS deliver,
       EXISTS (SELECT FROM requests
               WHERE deleted_at IS NOT NULL AND completed_at IS NOT NULL AND purged_at IS NULL) AS purge;

-- name: accept_requests
INSERT INTO requests (id, tenant, priority, filename, columns, quality, format, source_key, source_bytes,
                      source_sha256, rows_key, skipped_rows, created_at, products, images, webhook_url,
                      webhook_target, traceparent, deadline_at)
SELECT a.id, a.tenant, a.priority, a.filename, a.columns::jsonb, a.quality, a.format, a.source_key, a.source_bytes,
       a.source_sha256, a.rows_key, a.skipped_rows, a.created_at, a.products, a.images, a.webhook_url,
       a.webhook_target, a.traceparent, now() + make_interval(secs => $19)
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::text[],
            $9::bigint[], $10::text[], $11::text[], $12::integer[], $13::timestamptz[], $14::integer[],
            $15::integer[], $16::text[], $17::text[], $18::text[])
     AS a (id, tenant, priority, filename, columns, quality, format, source_key, source_bytes, source_sha256,
           rows_key, skipped_rows, created_at, products, images, webhook_url, webhook_target, traceparent)
ON CONFLICT (id) DO NOTHING
RETURNING tenant, images;

-- name: find_unplanned
-- Tenants take turns, each with its smallest request first: beginning behind the tenant that was served last.
WITH RECURSIVE tenants AS (
    (SELECT tenant FROM requests
     WHERE planned_at IS NULL AND completed_at IS NULL AND tenant > $3
     ORDER BY tenant LIMIT 1)
    UNION ALL
    SELECT (SELECT r.tenant FROM requests r
            WHERE r.planned_at IS NULL AND r.completed_at IS NULL AND r.tenant > t.tenant
            ORDER BY r.tenant LIMIT 1)
    FROM tenants t
    WHERE t.tenant IS NOT NULL
)
SELECT o.id, t.tenant
FROM tenants t
CROSS JOIN LATERAL (SELECT r.id FROM requests r
                    WHERE r.tenant = t.tenant AND r.planned_at IS NULL AND r.completed_at IS NULL AND NOT r.ending
                      AND r.id <> ALL ($1::uuid[]) AND r.images <= $2
                    ORDER BY r.images LIMIT 20) AS o
LIMIT 60;

-- name: planning
SELECT rows_key, run, products, images, planned_products, planned_images, planned_at IS NOT NULL OR ending AS over
FROM requests
WHERE id = $1;

-- name: lock_planning
SELECT planned_products, run, planned_at IS NOT NULL OR ending AS over
FROM requests
WHERE id = $1
FOR NO KEY UPDATE;

-- name: advance_planning
UPDATE requests
SET planned_products = planned_products + $2, planned_images = planned_images + $3, repeats = repeats + $4,
    done = done + $5, failed = failed + $6, failure_counts = counts_added(failure_counts, $7::text::jsonb),
    planned_at = CASE WHEN $8 THEN now() END
WHERE id = $1
RETURNING ending;

-- name: fail_request
UPDATE requests
SET failure_code = $2
WHERE id = $1 AND NOT ending AND completed_at IS NULL
RETURNING id;

-- name: pass_deadlines
UPDATE requests
SET failure_code = $1
WHERE id IN (SELECT id FROM requests
             WHERE deadline_at <= now() AND completed_at IS NULL AND NOT ending
             ORDER BY id LIMIT 100 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING id;

-- name: find_ending
-- In turns between tenants, as for planning.
WITH RECURSIVE tenants AS (
    (SELECT tenant FROM requests
     WHERE ending AND completed_at IS NULL AND tenant > $3
     ORDER BY tenant LIMIT 1)
    UNION ALL
    SELECT (SELECT r.tenant FROM requests r
            WHERE r.ending AND r.completed_at IS NULL AND r.tenant > t.tenant
            ORDER BY r.tenant LIMIT 1)
    FROM tenants t
    WHERE t.tenant IS NOT NULL
)
SELECT o.id, t.tenant
FROM tenants t
CROSS JOIN LATERAL (SELECT r.id FROM requests r
                    WHERE r.tenant = t.tenant AND r.ending AND r.completed_at IS NULL
                      AND r.id <> ALL ($1::uuid[]) AND r.images <= $2
                    ORDER BY r.images LIMIT 20) AS o
LIMIT 60;

-- name: ending_request
SELECT r.*, now() AS read_at, NULL AS delivery_state, 0 AS delivery_attempts
FROM requests r
WHERE r.id = $1 AND r.ending AND r.completed_at IS NULL;

-- name: product_page
-- The next products: at most $3, and as many as fit with their images into $4 bytes, at least one. They are weighed one by
-- one, as cells that are compressed must be unpacked for it, and those behind the page's end are left alone. One that is
-- larger comes alone, and its cells and name only if $6, for which it must be asked for again: it has to wait for its turn.
WITH RECURSIVE page (number, bytes) AS (
    SELECT $2::integer - 1, 0::bigint
    UNION ALL
    SELECT p.number, page.bytes + p.bytes
    FROM page
    CROSS JOIN LATERAL (
        -- The cells hold the addresses of the images too.
        SELECT number, images * $5::bigint + 2 * CASE WHEN pg_column_compression(cells) IS NULL THEN pg_column_size(cells)
                                                      ELSE octet_length(cells::text) END AS bytes
        FROM products WHERE request_id = $1 AND number = page.number + 1
        OFFSET 0  -- one look-up each, whatever the planner believes
    ) AS p
    WHERE page.bytes < $4 AND page.number + 1 < $2 + $3 AND (p.bytes <= $4 OR page.number < $2)
), told AS (
    SELECT max(number) AS last, $6::boolean OR max(bytes) FILTER (WHERE number = $2) <= $4 AS is_whole FROM page
)
SELECT p.number, p.id, p.serial_number, CASE WHEN is_whole THEN name END AS name, CASE WHEN is_whole THEN cells END AS cells,
       p.first_ordinal, p.images
FROM told, products p
WHERE p.request_id = $1 AND p.number >= $2 AND p.number <= told.last
ORDER BY p.number;

-- name: ended_image_page
SELECT ordinal, id, product_number, product_id, input_url, state, output_url
FROM images
WHERE request_id = $1 AND ordinal >= $2 AND ordinal < $3
ORDER BY ordinal;

-- name: lock_completions
SELECT pg_advisory_xact_lock(hashtextextended('pixmill completions', 0));

-- name: end_run
UPDATE requests
SET state = $3, completed_at = $4::timestamptz, failed = $5, cancelled = $6, in_flight = 0, next_due_at = NULL,
    output_csv_path = $7, expires_at = $4::timestamptz + make_interval(secs => $8)
WHERE id = $1 AND run = $2 AND ending AND completed_at IS NULL
RETURNING id;

-- name: recall_images
-- What was in flight when the run ended; few, and found among what is in flight at all.
UPDATE images SET state = 'cancelled', take_by = NULL WHERE request_id = $1 AND state = 'requested';

-- name: insert_completion
INSERT INTO completions (event_id, request_id, tenant, run, completed_at, body) VALUES ($1, $2, $3, $4, $5, $6);

-- name: insert_delivery
INSERT INTO deliveries (webhook_id, request_id, run, due_at, asked_at)
VALUES ($1, $2, $3, CASE WHEN $4::double precision > 0 THEN now() + make_interval(secs => $4) END,
        CASE WHEN $4 > 0 THEN NULL ELSE now() END);

-- name: lock_owned
SELECT id, state, run, cancelled, failure_code, failure_counts, standing, failed + cancelled AS unsuccessful
FROM requests
WHERE id = $1 AND tenant = $2 AND deleted_at IS NULL
FOR NO KEY UPDATE;

-- name: request_cancel
-- Few images that are not planned yet are planned all the same, so that each can be shown; of more than $2 no row is made
-- before the next run.
UPDATE requests
SET cancel_requested_at = coalesce(cancel_requested_at, now()),
    planned_at = CASE WHEN planned_at IS NULL AND images - planned_images > $2 THEN now() ELSE planned_at END
WHERE id = $1;

-- name: start_run
-- Of what failed, $3 images stand: as many of each code as $4 says, since the runs that $5 says.
UPDATE requests
SET run = run + 1, state = 'processing', done_before = done, completed_at = NULL, expires_at = NULL, output_csv_path = NULL,
    failed = $3, failed_before = $3, failure_counts = $4::text::jsonb, standing = $5::text::jsonb,
    cancelled = 0, in_flight = 0, next_ordinal = 0, next_due_at = NULL, cancel_requested_at = NULL,
    failure_code = NULL, swept_at = NULL, run_started_at = now(), deadline_at = now() + make_interval(secs => $2),
    planned_at = CASE WHEN planned_products = products THEN planned_at END
WHERE id = $1;

-- name: bury_request
UPDATE requests SET deleted_at = now() WHERE id = $1;

-- name: ask_delivery_again
-- One that was asked for, or is just being, is on its way: it is not posted a second time beside that.
UPDATE deliveries
SET state = 'retrying', due_at = CASE WHEN asked_at IS NULL AND claimed_at IS NULL THEN now() ELSE due_at END,
    schedule_from = attempts, next_attempt = greatest(next_attempt, attempts + 1)
WHERE webhook_id = $1;

-- name: delivery_of_run
SELECT webhook_id, state FROM deliveries WHERE request_id = $1 AND run = $2 FOR NO KEY UPDATE;

-- name: count_stuck
-- None of these goes away by itself: something is wrong with Pixmill or around it.
SELECT 'unplanned' AS why, count(*) AS requests
FROM requests
WHERE planned_at IS NULL AND completed_at IS NULL AND NOT ending AND recorded_at < now() - make_interval(secs => $1)
UNION ALL
SELECT 'idle', count(*)
FROM requests
WHERE completed_at IS NULL AND NOT ending AND planned_at < now() - make_interval(secs => $1)
  AND run_started_at < now() - make_interval(secs => $1)
  AND in_flight = 0 AND next_ordinal >= planned_images AND next_due_at IS NULL
UNION ALL
SELECT 'ending', count(*)
FROM requests
WHERE ending AND completed_at IS NULL AND run_started_at < now() - make_interval(secs => $1)
  AND coalesce(cancel_requested_at, deleted_at, run_started_at) < now() - make_interval(secs => $1)
UNION ALL
SELECT 'unannounced', count(*)
FROM completions
WHERE published_at IS NULL AND completed_at < now() - make_interval(secs => $1);
