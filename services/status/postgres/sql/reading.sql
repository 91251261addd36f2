-- What the API reads, by name. Every query is bound to one request or to one tenant and walks an index.

-- name: requests_by_id
SELECT r.id, r.tenant, r.state, r.run, r.priority, r.filename, r.created_at, r.run_started_at, r.completed_at,
       r.expires_at, r.deleted_at, r.products, r.images, r.done, r.done_before, r.failed, r.failed_before, r.cancelled,
       r.planned_products, r.planned_images, r.next_ordinal, r.bytes_in, r.bytes_out, r.failure_code, r.failure_counts,
       r.output_csv_path, r.webhook_url, r.cancel_requested_at,
       d.state AS delivery_state, d.attempts AS delivery_attempts
FROM requests r
LEFT JOIN deliveries d ON d.request_id = r.id AND d.run = r.run
WHERE r.id = ANY($1::uuid[]);

-- name: requests_of_tenant
-- Each state's newest are a range of the index requests_in_state; those of the wanted states are merged.
WITH newest AS (
    SELECT n.id
    FROM unnest($4::text[]) AS s (wanted)
    CROSS JOIN LATERAL (
        SELECT id, created_at FROM requests
        WHERE tenant = $1 AND state = s.wanted AND deleted_at IS NULL AND (created_at, id) < ($2, $3)
        ORDER BY created_at DESC, id DESC LIMIT $5
    ) AS n
    ORDER BY n.created_at DESC, n.id DESC
    LIMIT $5
)
SELECT r.id, r.tenant, r.state, r.run, r.priority, r.filename, r.created_at, r.run_started_at, r.completed_at,
       r.expires_at, r.deleted_at, r.products, r.images, r.done, r.done_before, r.failed, r.failed_before, r.cancelled,
       r.planned_products, r.planned_images, r.next_ordinal, r.bytes_in, r.bytes_out, r.failure_code, r.failure_counts,
       r.output_csv_path, r.webhook_url, r.cancel_requested_at,
       d.state AS delivery_state, d.attempts AS delivery_attempts
FROM newest n
JOIN requests r ON r.id = n.id
LEFT JOIN deliveries d ON d.request_id = r.id AND d.run = r.run
ORDER BY r.created_at DESC, r.id DESC;

-- name: requests_found
-- Of the tenant's next $5 requests those whose file's name holds the text, or whose id begins with it, $7 at most; and
-- where there are as many to look through, the last of them, behind which the next call goes on.
WITH looked_at AS MATERIALIZED (
    SELECT n.id, n.created_at, n.filename
    FROM unnest($4::text[]) AS s (wanted)
    CROSS JOIN LATERAL (
        SELECT id, created_at, filename FROM requests
        WHERE tenant = $1 AND state = s.wanted AND deleted_at IS NULL AND (created_at, id) < ($2, $3)
        ORDER BY created_at DESC, id DESC LIMIT $5
    ) AS n
    ORDER BY n.created_at DESC, n.id DESC
    LIMIT $5
)
(SELECT id, created_at, true AS is_found FROM looked_at
 WHERE strpos(lower(filename), lower($6)) > 0 OR starts_with(id::text, lower($6))
 ORDER BY created_at DESC, id DESC LIMIT $7)
UNION ALL
(SELECT id, created_at, false FROM looked_at ORDER BY created_at DESC, id DESC OFFSET $5 - 1);

-- name: usage_of_tenant
-- Of each state the newest $3.
SELECT n.state, (n.expires_at AT TIME ZONE 'UTC')::date AS expires_on, count(*) AS requests,
       sum(n.images)::bigint AS images, sum(n.done)::bigint AS done,
       sum(n.bytes_in)::bigint AS bytes_in, sum(n.bytes_out)::bigint AS bytes_out
FROM unnest($2::text[]) AS s (wanted)
CROSS JOIN LATERAL (
    SELECT state, expires_at, images, done, bytes_in, bytes_out FROM requests
    WHERE tenant = $1 AND state = s.wanted AND deleted_at IS NULL
    ORDER BY created_at DESC, id DESC LIMIT $3
) AS n
GROUP BY n.state, expires_on
ORDER BY expires_on, n.state;

-- name: image_page
-- Ordinals have no gaps, so a page is a range of them: no limit to sort for. Of that range come as many as fit into $4
-- bytes, at least one. A name may have megabytes: it comes with the first image of its product alone, and the first name of
-- a page counts nothing, as a page with nothing else would not be smaller.
SELECT ordinal, id, input_url, output_url, state, started, product_number, product_id, begins_product,
       CASE WHEN begins_product THEN serial_number END AS serial_number,
       CASE WHEN begins_product THEN product_name END AS product_name
FROM (
    SELECT *, sum(bytes) OVER (ORDER BY ordinal) - bytes AS bytes_before
    FROM (
        SELECT *, $5::bigint + octet_length(input_url) + coalesce(octet_length(output_url), 0)
                  + CASE WHEN begins_product AND ordinal > $2 THEN octet_length(product_name) ELSE 0 END AS bytes
        FROM (
            SELECT i.ordinal, i.id::text AS id, i.input_url, i.output_url, i.state,
                   i.state <> 'planned' OR i.attempt > 0 AS started, i.product_number,
                   i.product_id::text AS product_id, p.serial_number, p.name AS product_name,
                   lag(i.product_number) OVER (ORDER BY i.ordinal) IS DISTINCT FROM i.product_number AS begins_product
            FROM images_now i
            CROSS JOIN LATERAL (
                SELECT serial_number, name FROM products
                WHERE request_id = $1 AND number = i.product_number
                OFFSET 0  -- one look-up each, whatever a planner without statistics believes, as right after planning
            ) AS p
            WHERE i.request_id = $1 AND i.ordinal >= $2 AND i.ordinal < $3
        ) AS named
    ) AS weighed
) AS measured
WHERE bytes_before < $4
ORDER BY ordinal;

-- name: archive_page
-- What a file's name in the ZIP is made of, and why an image is not in it; of long texts only what is told.
SELECT i.ordinal, i.state, i.code, i.detail, i.output_key, i.product_number, i.ordinal - p.first_ordinal + 1 AS place,
       CASE WHEN i.state <> 'done' THEN left(i.input_url, 2000) END AS input_url, p.row_number, p.serial_number,
       p.product_name
FROM images_now i
CROSS JOIN LATERAL (
    SELECT first_ordinal, row_number, left(serial_number, 100) AS serial_number, left(name, 200) AS product_name
    FROM products
    WHERE request_id = $1 AND number = i.product_number
    OFFSET 0  -- one look-up each, whatever the planner believes
) AS p
WHERE i.request_id = $1 AND i.ordinal >= $2 AND i.ordinal < $3
ORDER BY i.ordinal;

-- name: ended_images
-- A page is a range of ordinals, whatever of it is left out.
SELECT i.ordinal, i.product_number, i.output_url, i.state, i.code, i.detail, i.bytes_out
FROM images_now i
WHERE i.request_id = $1 AND i.ordinal >= $2 AND i.ordinal < $3 AND ($4::text IS NULL OR i.state = $4)
ORDER BY i.ordinal;

-- name: columns
SELECT columns FROM requests WHERE id = $1;

-- name: products
-- The first of these, at least one: as many as have $3 bytes of cells. They are weighed one by one, as cells that are
-- compressed must be unpacked for it, and those that nobody wants yet are left alone. One of more than $4 comes alone, and
-- its cells only if $5, for which it must be asked for again: it has to wait for its turn.
WITH RECURSIVE page (place, number, bytes, is_large) AS (
    SELECT 0, NULL::integer, 0::bigint, false
    UNION ALL
    SELECT page.place + 1, p.number, page.bytes + p.bytes, p.bytes > $4
    FROM page
    CROSS JOIN LATERAL (
        SELECT number, CASE WHEN pg_column_compression(cells) IS NULL THEN pg_column_size(cells)
                            ELSE octet_length(cells::text) END AS bytes
        FROM products WHERE request_id = $1 AND number = ($2::integer[])[page.place + 1]
        OFFSET 0  -- one look-up each, whatever the planner believes
    ) AS p
    WHERE page.bytes < $3 AND (p.bytes <= $4 OR page.place = 0)
)
SELECT p.number, p.cells, p.first_ordinal, p.images
FROM page
CROSS JOIN LATERAL (
    SELECT number, CASE WHEN $5::boolean OR NOT page.is_large THEN cells END AS cells, first_ordinal, images
    FROM products WHERE request_id = $1 AND number = page.number
    OFFSET 0
) AS p
ORDER BY p.number;

-- name: images
SELECT i.ordinal, i.id::text AS id, i.product_id::text AS product_id, i.input_url, i.output_url, i.original_key,
       i.same_as, i.state, i.code, i.detail, i.last_code, i.due_at, i.attempt, i.bytes_in, i.bytes_out, i.width,
       i.height, i.format, i.ended_at
FROM images_now i
WHERE i.request_id = $1 AND i.ordinal >= $2
ORDER BY i.ordinal
LIMIT $3;

-- name: images_in_state
-- What an image reads as follows from its stored state, its run and its request: so of each stored state and run
-- either all images qualify or none, and those of one that does are a range of the index images_by_state. Where some
-- failures stand, those of earlier runs are looked at one by one.
WITH by_state AS (
    SELECT i.ordinal
    FROM requests r
    CROSS JOIN unnest(ARRAY['planned', 'requested', 'done', 'failed', 'cancelled']) AS s (stored)
    CROSS JOIN generate_series(1, r.run) AS image_run
    CROSS JOIN LATERAL (
        SELECT ordinal FROM images
        WHERE request_id = r.id AND state = s.stored AND run = image_run AND ordinal >= $2
        ORDER BY ordinal LIMIT $4
    ) AS i
    WHERE r.id = $1 AND (s.stored <> 'failed' OR image_run = r.run OR r.standing = '{}')
      AND image_reads_as(s.stored, image_run, r.run, r.completed_at IS NOT NULL, r.failure_code) = $3
), by_code AS (
    SELECT i.ordinal
    FROM requests r
    CROSS JOIN generate_series(1, r.run - 1) AS image_run
    CROSS JOIN LATERAL (
        SELECT ordinal FROM images
        WHERE request_id = r.id AND state = 'failed' AND run = image_run AND ordinal >= $2
          AND image_reads_as(state, image_run_now(state, run, code, r.run, r.standing), r.run,
                             r.completed_at IS NOT NULL, r.failure_code) = $3
        ORDER BY ordinal LIMIT $4
    ) AS i
    WHERE r.id = $1 AND r.standing <> '{}'
), wanted AS (
    SELECT ordinal FROM by_state
    UNION ALL
    SELECT ordinal FROM by_code
    ORDER BY ordinal
    LIMIT $4
)
SELECT i.*
FROM wanted w
CROSS JOIN LATERAL (
    SELECT i.ordinal, i.id::text AS id, i.product_id::text AS product_id, i.input_url, i.output_url, i.original_key,
           i.same_as, i.state, i.code, i.detail, i.last_code, i.due_at, i.attempt, i.bytes_in, i.bytes_out, i.width,
           i.height, i.format, i.ended_at
    FROM images_now i
    WHERE i.request_id = $1 AND i.ordinal = w.ordinal
    OFFSET 0  -- one look-up each, whatever the planner believes
) AS i
ORDER BY i.ordinal;

-- name: deliveries
SELECT d.webhook_id, d.run, d.state, d.attempts, d.due_at, d.delivered_at
FROM deliveries d
WHERE d.request_id = $1 AND d.run >= $2
ORDER BY d.run
LIMIT $3;

-- name: attempts
SELECT a.webhook_id, a.attempt, a.outcome, a.attempted_at, a.duration_ms, a.status_code, a.error, a.response_excerpt
FROM attempts a
WHERE a.webhook_id = ANY ($1::uuid[])
ORDER BY a.webhook_id, a.attempt, a.attempted_at;

-- name: completion
SELECT event_id, body
FROM completions
WHERE request_id = $1 AND run = $2;

-- name: completions_after
SELECT sequence, event_id, completed_at, body
FROM (
    SELECT sequence, event_id, completed_at, body,
           sum(octet_length(body)) OVER (ORDER BY sequence) - octet_length(body) AS bytes_before
    FROM (
        SELECT c.sequence, c.event_id, c.completed_at, c.body
        FROM completions c
        WHERE c.tenant = $1 AND c.sequence > $2
          -- No join: a planner without statistics would read all requests for it.
          AND (SELECT r.deleted_at IS NULL FROM requests r WHERE r.id = c.request_id)
        ORDER BY c.sequence
        LIMIT $3
    ) AS page
) AS measured
WHERE bytes_before < $4
ORDER BY sequence;

-- name: completion_sequence
-- Also of a request that was deleted since: who read its event goes on behind it.
SELECT sequence
FROM completions
WHERE event_id = $1 AND tenant = $2;

-- name: backlog
SELECT o.*, a.images AS answered_images, a.work_seconds, a.now
FROM answered a
CROSS JOIN (
    SELECT coalesce(sum(images - done - failed) FILTER (WHERE NOT ending AND cancel_requested_at IS NULL), 0)::bigint AS open_images,
           coalesce(sum(images - done - failed)
                    FILTER (WHERE NOT ending AND cancel_requested_at IS NULL AND in_flight = 0
                            AND planned_at IS NOT NULL AND next_ordinal >= planned_images AND next_due_at > now()),
                    0)::bigint AS resting_images,
           coalesce(sum(in_flight), 0)::bigint AS in_flight,
           count(*) FILTER (WHERE state = 'pending') AS pending,
           count(*) FILTER (WHERE state = 'processing') AS processing,
           coalesce(extract(epoch FROM now() - min(run_started_at)), 0)::double precision AS oldest_seconds,
           (SELECT count(*) FROM deliveries WHERE due_at < now() - interval '1 minute') AS deliveries_overdue,
           (SELECT count(*) FROM deliveries WHERE asked_at < now() - interval '15 minutes') AS deliveries_unanswered
    FROM requests
    WHERE completed_at IS NULL
) AS o;
