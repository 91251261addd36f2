-- What the engine writes, by name. Locks are taken in one order: request rows by id, then image rows, then deliveries by
-- webhook id, then the lock of completions; whoever changes an image holds its request's row. Jobs that look for due
-- rows skip what is locked.

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
RETURNING images;

-- name: count_open_images
SELECT coalesce(sum(images - done - failed), 0)::bigint
FROM requests
WHERE completed_at IS NULL AND NOT ending;

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
    done = done + $5, failed = failed + $6, planned_at = CASE WHEN $7 THEN now() END
WHERE id = $1
RETURNING ending;

-- name: fail_request
UPDATE requests
SET failure_code = $2
WHERE id = $1 AND NOT ending AND completed_at IS NULL
RETURNING id;

-- name: pass_deadlines
UPDATE requests
SET failure_code = 'expired'
WHERE id IN (SELECT id FROM requests
             WHERE deadline_at <= now() AND completed_at IS NULL AND NOT ending
             ORDER BY id LIMIT 100 FOR NO KEY UPDATE SKIP LOCKED)
RETURNING id;

-- name: lock_requests
SELECT id, run, ending OR completed_at IS NOT NULL AS closed, repeats > 0 AS has_repeats
FROM requests
WHERE id = ANY ($1::uuid[])
ORDER BY id
FOR NO KEY UPDATE;

-- name: images_of_results
SELECT i.request_id, i.ordinal, i.id, i.state, i.run, i.attempt, i.failures, i.losses,
       $3 - extract(epoch FROM i.take_by - now())::double precision AS out_seconds
FROM unnest($1::uuid[], $2::integer[]) AS w (request_id, ordinal)
JOIN images i ON i.request_id = w.request_id AND i.ordinal = w.ordinal;

-- name: settle_images
UPDATE images i
SET state = c.state, failures = c.failures, losses = c.losses, code = c.code, detail = c.detail,
    due_at = CASE WHEN c.state = 'planned' THEN now() + make_interval(secs => c.due_in_seconds) END,
    take_by = NULL,
    ended_at = CASE WHEN c.state IN ('done', 'failed') THEN now() END,
    original_key = c.original_key, output_key = c.output_key, output_url = c.output_url,
    bytes_in = c.bytes_in, bytes_out = c.bytes_out, width = c.width, height = c.height, format = c.format,
    sha256 = c.sha256
FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::smallint[], $5::smallint[], $6::text[], $7::text[],
            $8::double precision[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::bigint[],
            $14::integer[], $15::integer[], $16::text[], $17::text[])
     AS c (request_id, ordinal, state, failures, losses, code, detail, due_in_seconds, original_key, output_key,
           output_url, bytes_in, bytes_out, width, height, format, sha256)
WHERE i.request_id = c.request_id AND i.ordinal = c.ordinal;

-- name: end_repeats
-- Images that only repeat the URL of another end with it.
UPDATE images i
SET state = f.state, run = f.run, code = f.code, detail = f.detail, ended_at = now(), original_key = f.original_key,
    output_key = f.output_key, output_url = f.output_url, bytes_in = f.bytes_in, bytes_out = f.bytes_out,
    width = f.width, height = f.height, format = f.format, sha256 = f.sha256
FROM unnest($1::uuid[], $2::integer[], $3::integer[]) AS w (request_id, ordinal, run)
JOIN images f ON f.request_id = w.request_id AND f.ordinal = w.ordinal
WHERE i.request_id = f.request_id AND i.same_as = f.ordinal
  AND f.state IN ('done', 'failed') AND (f.run = w.run OR f.state = 'done')
  AND i.state <> 'done' AND (i.run < w.run OR i.state = 'planned')
RETURNING i.request_id, i.state;

-- name: count_results
UPDATE requests r
SET done = r.done + c.done, failed = r.failed + c.failed, in_flight = r.in_flight - c.landed,
    bytes_in = r.bytes_in + c.bytes_in, bytes_out = r.bytes_out + c.bytes_out,
    next_due_at = least(r.next_due_at, now() + make_interval(secs => c.due_in_seconds))
FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::integer[], $5::bigint[], $6::bigint[],
            $7::double precision[])
     AS c (request_id, done, failed, landed, bytes_in, bytes_out, due_in_seconds)
WHERE r.id = c.request_id
RETURNING r.id, r.ending;

-- name: count_answers
INSERT INTO answers AS a (partition, images, work_seconds, succeeded, out_seconds, answered_at)
VALUES ($1, $2, $3, $4, $5, now())
ON CONFLICT (partition) DO UPDATE
SET images = a.images + excluded.images, work_seconds = a.work_seconds + excluded.work_seconds,
    succeeded = a.succeeded + excluded.succeeded, out_seconds = a.out_seconds + excluded.out_seconds,
    answered_at = now();

-- name: read_answers
SELECT coalesce(sum(images), 0)::bigint AS images, coalesce(sum(work_seconds), 0) AS work_seconds,
       coalesce(sum(succeeded), 0)::bigint AS succeeded, coalesce(sum(out_seconds), 0) AS out_seconds,
       extract(epoch FROM clock_timestamp())::double precision AS now
FROM answers;

-- name: images_left
SELECT tenant, sum(images - done - failed)::bigint AS images
FROM requests
WHERE completed_at IS NULL AND NOT ending
GROUP BY tenant;

-- name: find_candidates
-- Every request with something in flight, and of those that wait without anything only the next $1 in turn: the tenant
-- with the fewest images in flight, of that tenant the request that was asked least for. All of 10,000 would be read and
-- weighed for nothing. Overdue is what must be taken within $2 seconds, as it was asked for so long ago.
WITH open AS (
    SELECT r.id, r.tenant, r.priority, r.in_flight, r.done + r.failed AS ended, r.next_ordinal, r.created_at,
           greatest(r.planned_images - r.next_ordinal, 0) AS fresh,
           CASE WHEN r.next_due_at > now() OR r.next_due_at IS NULL THEN 0
                ELSE (SELECT count(*) FROM (SELECT FROM images i
                                            WHERE i.request_id = r.id AND i.state = 'planned' AND i.due_at <= now()
                                              AND i.run = r.run
                                            LIMIT 500) AS due) END AS due,
           sum(r.in_flight) OVER (PARTITION BY r.tenant)
               + row_number() OVER (PARTITION BY r.tenant, r.in_flight > 0
                                    ORDER BY r.next_ordinal, r.created_at, r.id) AS place
    FROM requests r
    WHERE r.completed_at IS NULL AND NOT r.ending AND r.cancel_requested_at IS NULL AND r.deadline_at > now()
      AND (r.sweeping_until IS NULL OR r.sweeping_until < now())
      AND (r.in_flight > 0 OR r.next_ordinal < r.planned_images OR r.next_due_at <= now())
), looked_at AS (
    SELECT * FROM open WHERE in_flight > 0
    UNION ALL
    (SELECT * FROM open WHERE in_flight = 0 ORDER BY place LIMIT $1)
)
SELECT l.id, l.tenant, l.priority, l.in_flight, coalesce(o.overdue, 0) AS overdue, l.ended, l.fresh, l.due
FROM looked_at l
LEFT JOIN (SELECT request_id, count(*) AS overdue FROM images
           WHERE state = 'requested' AND take_by < now() + make_interval(secs => $2)
           GROUP BY request_id) AS o ON o.request_id = l.id
ORDER BY l.created_at, l.id;

-- name: lock_for_dispatch
-- A request whose row is held by somebody waits for the next pass; the others go.
SELECT id, run, next_ordinal, planned_images, quality, format, traceparent
FROM requests
WHERE id = ANY ($1::uuid[]) AND completed_at IS NULL AND NOT ending AND cancel_requested_at IS NULL
  AND (sweeping_until IS NULL OR sweeping_until < now())
ORDER BY id
FOR NO KEY UPDATE SKIP LOCKED;

-- name: claim_images
WITH wanted AS (
    SELECT * FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::integer[], $5::integer[], $6::integer[])
        AS w (request_id, run, start, stop, fresh, due)
), picked AS (
    SELECT w.request_id, w.run, p.ordinal, p.is_fresh
    FROM wanted w
    CROSS JOIN LATERAL (
        (SELECT i.ordinal, false AS is_fresh FROM images i
         WHERE i.request_id = w.request_id AND i.state = 'planned' AND i.due_at <= now() AND i.run = w.run
         ORDER BY i.due_at LIMIT w.due)
        UNION ALL
        (SELECT i.ordinal, true FROM images i
         WHERE i.request_id = w.request_id AND i.ordinal >= w.start AND i.ordinal < w.stop
           AND i.same_as IS NULL AND i.state <> 'done'
           AND (i.run < w.run OR (i.state = 'planned' AND i.attempt = 0))
         ORDER BY i.ordinal LIMIT w.fresh)
    ) AS p
)
UPDATE images i
SET state = 'requested', due_at = NULL, take_by = now() + make_interval(secs => $7), run = p.run,
    attempt = CASE WHEN i.run = p.run THEN i.attempt + 1 ELSE 1 END,
    failures = CASE WHEN i.run = p.run THEN i.failures ELSE 0 END,
    losses = CASE WHEN i.run = p.run THEN i.losses ELSE 0 END,
    code = CASE WHEN i.run = p.run THEN i.code END, detail = CASE WHEN i.run = p.run THEN i.detail END, ended_at = NULL
FROM picked p
WHERE i.request_id = p.request_id AND i.ordinal = p.ordinal
RETURNING i.request_id, i.ordinal, i.id, i.run, i.attempt, i.input_url, i.take_by, p.is_fresh;

-- name: set_aside_images
-- Claimed in this transaction and not asked for: no attempt was made.
UPDATE images i
SET state = 'planned', take_by = NULL, attempt = i.attempt - 1, due_at = now() + make_interval(secs => c.seconds)
FROM unnest($1::uuid[], $2::integer[], $3::double precision[]) AS c (request_id, ordinal, seconds)
WHERE i.request_id = c.request_id AND i.ordinal = c.ordinal;

-- name: read_asked
-- What became of these attempts; the codes are those of hosts that did not answer.
SELECT a.request_id, a.ordinal, a.attempt,
       coalesce(i.state = 'requested' AND i.attempt = a.attempt, false) AS is_out,
       coalesce(i.state = 'done' OR i.code <> ALL ($4::text[]), false) AS is_answered
FROM unnest($1::uuid[], $2::integer[], $3::integer[]) AS a (request_id, ordinal, attempt)
LEFT JOIN images i ON i.request_id = a.request_id AND i.ordinal = a.ordinal;

-- name: find_overdue
-- As in find_candidates.
SELECT request_id, ordinal, attempt, input_url
FROM images
WHERE state = 'requested' AND take_by < now() + make_interval(secs => $1)
ORDER BY take_by
LIMIT 500;

-- name: count_claims
UPDATE requests r
SET state = 'processing', in_flight = r.in_flight + c.claimed, next_ordinal = c.next_ordinal,
    next_due_at = CASE WHEN NOT c.due_changed THEN r.next_due_at
                       ELSE (SELECT min(i.due_at) FROM images i
                             WHERE i.request_id = r.id AND i.state = 'planned' AND i.due_at IS NOT NULL
                               AND i.run = r.run) END
FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::boolean[]) AS c (request_id, claimed, next_ordinal, due_changed)
WHERE r.id = c.request_id;

-- name: insert_batch
INSERT INTO batches (request_ids, ordinals, attempts) VALUES ($1, $2, $3) RETURNING id;

-- name: delete_batch
DELETE FROM batches WHERE id = $1;

-- name: release_batch
UPDATE batches SET claimed_at = '-infinity' WHERE id = $1;

-- name: claim_due_batch
UPDATE batches
SET claimed_at = now()
WHERE id = (SELECT id FROM batches WHERE claimed_at < now() - make_interval(secs => $1)
            ORDER BY claimed_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, request_ids, ordinals, attempts;

-- name: renew_images
-- What is still in flight of an unsent batch gets the time it lost.
UPDATE images i
SET take_by = now() + make_interval(secs => $4)
FROM unnest($1::uuid[], $2::integer[], $3::integer[]) AS c (request_id, ordinal, attempt), requests r
WHERE i.request_id = c.request_id AND i.ordinal = c.ordinal AND i.attempt = c.attempt AND i.state = 'requested'
  AND r.id = i.request_id AND r.run = i.run AND NOT r.ending AND r.completed_at IS NULL
RETURNING i.request_id, i.ordinal, i.id, i.run, i.attempt, i.input_url, i.take_by, r.quality, r.format, r.traceparent;

-- name: seconds_since_answer
SELECT extract(epoch FROM now() - max(answered_at))::double precision FROM answers;

-- name: find_lost
SELECT request_id, ordinal, run, attempt
FROM images
WHERE state = 'requested' AND take_by < now() - make_interval(secs => $1)
ORDER BY take_by
LIMIT 500;

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
SELECT number, id, serial_number, name, cells, first_ordinal, images
FROM products
WHERE request_id = $1 AND number >= $2
ORDER BY number
LIMIT $3;

-- name: image_page
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
INSERT INTO deliveries (webhook_id, request_id, run, due_at)
VALUES ($1, $2, $3, CASE WHEN $4::double precision > 0 THEN now() + make_interval(secs => $4) END);

-- name: claim_completions
UPDATE completions c
SET claimed_at = now()
FROM requests r
WHERE r.id = c.request_id
  AND c.sequence IN (SELECT sequence FROM completions
                     WHERE published_at IS NULL
                       AND (claimed_at IS NULL OR claimed_at < now() - make_interval(secs => $1))
                     ORDER BY sequence LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING c.sequence, c.request_id, c.tenant, c.completed_at, c.body, r.webhook_target, r.traceparent;

-- name: mark_completions
UPDATE completions SET published_at = now() WHERE sequence = ANY ($1::bigint[]);

-- name: release_completions
UPDATE completions SET claimed_at = NULL WHERE sequence = ANY ($1::bigint[]) AND published_at IS NULL;

-- name: lock_deliveries
SELECT webhook_id, state, attempts, next_attempt, schedule_from, due_at IS NULL OR claimed_at IS NOT NULL AS asked
FROM deliveries
WHERE webhook_id = ANY ($1::uuid[])
ORDER BY webhook_id
FOR NO KEY UPDATE;

-- name: insert_attempts
INSERT INTO attempts (webhook_id, attempt, outcome, attempted_at, duration_ms, status_code, error, response_excerpt)
SELECT * FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::timestamptz[], $5::double precision[], $6::integer[],
                     $7::text[], $8::text[])
ON CONFLICT DO NOTHING;

-- name: settle_deliveries
UPDATE deliveries d
SET state = c.state, attempts = c.attempts, next_attempt = c.next_attempt, claimed_at = NULL,
    due_at = now() + make_interval(secs => c.due_in_seconds),
    delivered_at = CASE WHEN c.state = 'delivered' THEN coalesce(d.delivered_at, now()) ELSE d.delivered_at END
FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::integer[], $5::double precision[])
     AS c (webhook_id, state, attempts, next_attempt, due_in_seconds)
WHERE d.webhook_id = c.webhook_id;

-- name: claim_due_deliveries
UPDATE deliveries d
SET claimed_at = now()
FROM requests r, completions c
WHERE r.id = d.request_id AND c.event_id = d.webhook_id
  AND d.webhook_id = ANY (ARRAY(SELECT webhook_id FROM deliveries
                                WHERE due_at <= now()
                                  AND (claimed_at IS NULL OR claimed_at < now() - make_interval(secs => $1))
                                ORDER BY due_at LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED))
RETURNING d.webhook_id, d.request_id, d.next_attempt, d.due_at, d.claimed_at, c.tenant, c.body, r.webhook_target,
          r.traceparent;

-- name: mark_deliveries_asked
UPDATE deliveries d
SET due_at = NULL, claimed_at = NULL
FROM unnest($1::uuid[], $2::timestamptz[]) AS c (webhook_id, claimed_at)
WHERE d.webhook_id = c.webhook_id AND d.claimed_at = c.claimed_at;

-- name: release_deliveries
UPDATE deliveries d
SET claimed_at = NULL
FROM unnest($1::uuid[], $2::timestamptz[]) AS c (webhook_id, claimed_at)
WHERE d.webhook_id = c.webhook_id AND d.claimed_at = c.claimed_at;

-- name: lock_owned
SELECT id, state, run, images, done, failed + cancelled AS unsuccessful
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
UPDATE requests
SET run = run + 1, state = 'processing', done_before = done, completed_at = NULL, expires_at = NULL, output_csv_path = NULL,
    failed = 0, cancelled = 0, in_flight = 0, next_ordinal = 0, next_due_at = NULL, cancel_requested_at = NULL,
    failure_code = NULL, swept_at = NULL, run_started_at = now(), deadline_at = now() + make_interval(secs => $2),
    planned_at = CASE WHEN planned_products = products THEN planned_at END
WHERE id = $1;

-- name: bury_request
UPDATE requests SET deleted_at = now() WHERE id = $1;

-- name: ask_delivery_again
UPDATE deliveries
SET state = 'retrying', due_at = now(), claimed_at = NULL, schedule_from = attempts,
    next_attempt = greatest(next_attempt, attempts + 1)
WHERE webhook_id = $1;

-- name: delivery_of_run
SELECT webhook_id, state FROM deliveries WHERE request_id = $1 AND run = $2 FOR NO KEY UPDATE;

-- name: bury_expired
UPDATE requests
SET deleted_at = now()
WHERE id IN (SELECT id FROM requests WHERE expires_at <= now() AND deleted_at IS NULL AND completed_at IS NOT NULL
             ORDER BY id LIMIT 100 FOR NO KEY UPDATE SKIP LOCKED);

-- name: find_unpurged
SELECT id FROM requests
WHERE deleted_at IS NOT NULL AND completed_at IS NOT NULL AND purged_at IS NULL
  AND id <> ALL ($1::uuid[]) AND images <= $2
ORDER BY deleted_at
LIMIT 20;

-- name: delete_images
DELETE FROM images WHERE request_id = $1 AND ordinal >= $2 AND ordinal < $3;

-- name: delete_products
DELETE FROM products WHERE request_id = $1 AND number >= $2 AND number < $3;

-- name: planned_rows
SELECT planned_images AS images, planned_products AS products FROM requests WHERE id = $1;

-- name: mark_purged
UPDATE requests SET purged_at = now() WHERE id = $1;

-- name: forget_tombstones
DELETE FROM requests
WHERE id IN (SELECT id FROM requests
             WHERE deleted_at < now() - make_interval(secs => $1) AND purged_at IS NOT NULL
             ORDER BY deleted_at LIMIT 100);

-- name: find_unswept
SELECT id FROM requests
WHERE completed_at < now() - interval '1 day' AND swept_at IS NULL AND deleted_at IS NULL
  AND id <> ALL ($1::uuid[]) AND images <= $2
ORDER BY completed_at
LIMIT 20;

-- name: claim_sweep
-- Whoever starts a run after this waits with its first dispatch, so that no file of it can be among those removed.
UPDATE requests
SET sweeping_until = now() + make_interval(secs => $2)
WHERE id = $1 AND completed_at IS NOT NULL AND deleted_at IS NULL
RETURNING id;

-- name: release_sweep
UPDATE requests SET sweeping_until = NULL WHERE id = $1;

-- name: named_files
SELECT original_key, output_key FROM images WHERE request_id = $1 AND ordinal = ANY ($2::integer[]);

-- name: count_named_files
SELECT count(original_key) + count(output_key)
FROM images
WHERE request_id = $1 AND state = 'done' AND same_as IS NULL;

-- name: mark_swept
UPDATE requests SET swept_at = now(), sweeping_until = NULL WHERE id = $1 AND completed_at IS NOT NULL;

-- name: known_requests
SELECT id FROM requests WHERE id = ANY ($1::uuid[]);

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
