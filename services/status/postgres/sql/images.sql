-- An image's life: dispatched, answered, lost, tried again.

-- name: lock_requests
SELECT id, run, ending OR completed_at IS NOT NULL AS closed, repeats > 0 AS has_repeats
FROM requests
WHERE id = ANY ($1::uuid[])
ORDER BY id
FOR NO KEY UPDATE;

-- name: images_of_results
SELECT i.request_id, i.ordinal, i.id, i.state, i.run, i.attempt, i.failures, i.losses, i.refusals,
       coalesce(extract(epoch FROM now() - i.refused_at), 0)::double precision AS refused_seconds,
       $3 - extract(epoch FROM i.take_by - now())::double precision AS out_seconds
FROM unnest($1::uuid[], $2::integer[]) AS w (request_id, ordinal)
JOIN images i ON i.request_id = w.request_id AND i.ordinal = w.ordinal;

-- name: write_results
-- What results mean for images, for their requests and for the answers of the partition they came by. One statement, as
-- each is a round trip during which the requests' rows are held.
WITH settled AS (
    UPDATE images i
    SET state = c.state, failures = c.failures, losses = c.losses, refusals = c.refusals,
        refused_at = CASE WHEN c.refusals > 0 THEN coalesce(i.refused_at, now()) END, code = c.code, detail = c.detail,
        due_at = CASE WHEN c.state = 'planned' THEN now() + make_interval(secs => c.due_in_seconds) END,
        take_by = NULL,
        ended_at = CASE WHEN c.state IN ('done', 'failed') THEN now() END,
        original_key = c.original_key, output_key = c.output_key, output_url = c.output_url,
        bytes_in = c.bytes_in, bytes_out = c.bytes_out, width = c.width, height = c.height, format = c.format,
        sha256 = c.sha256
    FROM unnest($1::uuid[], $2::integer[], $3::text[], $4::smallint[], $5::smallint[], $6::smallint[], $7::text[],
                $8::text[], $9::double precision[], $10::text[], $11::text[], $12::text[], $13::bigint[], $14::bigint[],
                $15::integer[], $16::integer[], $17::text[], $18::text[])
         AS c (request_id, ordinal, state, failures, losses, refusals, code, detail, due_in_seconds, original_key,
               output_key, output_url, bytes_in, bytes_out, width, height, format, sha256)
    WHERE i.request_id = c.request_id AND i.ordinal = c.ordinal
), counted AS (
    INSERT INTO answers AS a (partition, images, work_seconds, succeeded, out_seconds, answered_at)
    SELECT w.partition, w.images, w.work_seconds, w.succeeded, w.out_seconds, now()
    FROM unnest($28::integer[], $29::bigint[], $30::double precision[], $31::bigint[], $32::double precision[])
         AS w (partition, images, work_seconds, succeeded, out_seconds)
    ON CONFLICT (partition) DO UPDATE
    SET images = a.images + excluded.images, work_seconds = a.work_seconds + excluded.work_seconds,
        succeeded = a.succeeded + excluded.succeeded, out_seconds = a.out_seconds + excluded.out_seconds,
        answered_at = now()
)
UPDATE requests r
SET done = r.done + n.done, failed = r.failed + n.failed, in_flight = r.in_flight - n.landed,
    bytes_in = r.bytes_in + n.bytes_in, bytes_out = r.bytes_out + n.bytes_out,
    failure_counts = counts_added(r.failure_counts, n.failure_counts::jsonb),
    next_due_at = least(r.next_due_at, now() + make_interval(secs => n.due_in_seconds)),
    repeats_left = coalesce(n.repeats_left, r.repeats_left)
FROM unnest($19::uuid[], $20::integer[], $21::integer[], $22::text[], $23::integer[], $24::bigint[], $25::bigint[],
            $26::double precision[], $27::boolean[])
     AS n (request_id, done, failed, failure_counts, landed, bytes_in, bytes_out, due_in_seconds, repeats_left)
WHERE r.id = n.request_id
RETURNING r.id, r.ending, r.in_flight, r.images - r.done - r.failed AS images;

-- name: end_repeats
-- Images that only repeat the URL of another end with it: of each of these firsts that has ended, no more than the next
-- $5 from the ordinal `start` on. Where it walked over as many, more may be left behind the last.
WITH firsts AS (
    SELECT f.*, w.run AS current_run, w.start
    FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::integer[]) AS w (request_id, ordinal, run, start)
    JOIN images f ON f.request_id = w.request_id AND f.ordinal = w.ordinal
    WHERE f.state IN ('done', 'failed') AND (f.run = w.run OR f.state = 'done')
), walked AS (
    SELECT f.request_id, f.ordinal AS first_ordinal, i.ordinal
    FROM firsts f
    CROSS JOIN LATERAL (SELECT ordinal FROM images
                        WHERE request_id = f.request_id AND same_as = f.ordinal AND ordinal >= f.start
                        ORDER BY ordinal LIMIT $5) AS i
), ended AS (
    UPDATE images i
    SET state = f.state, run = f.run, code = f.code, detail = f.detail, ended_at = now(), original_key = f.original_key,
        output_key = f.output_key, output_url = f.output_url, bytes_in = f.bytes_in, bytes_out = f.bytes_out,
        width = f.width, height = f.height, format = f.format, sha256 = f.sha256
    FROM walked w
    JOIN firsts f ON f.request_id = w.request_id AND f.ordinal = w.first_ordinal
    WHERE i.request_id = w.request_id AND i.ordinal = w.ordinal
      AND i.state <> 'done' AND (i.run < f.current_run OR i.state = 'planned')
    RETURNING i.request_id, i.same_as
)
SELECT f.request_id, f.ordinal, f.state, f.code, w.walked, w.last_ordinal, coalesce(e.ended, 0) AS ended
FROM firsts f
JOIN (SELECT request_id, first_ordinal, count(*) AS walked, max(ordinal) AS last_ordinal
      FROM walked GROUP BY request_id, first_ordinal) AS w ON w.request_id = f.request_id AND w.first_ordinal = f.ordinal
LEFT JOIN (SELECT request_id, same_as, count(*) AS ended FROM ended GROUP BY request_id, same_as) AS e
       ON e.request_id = f.request_id AND e.same_as = f.ordinal;

-- name: note_repeats
UPDATE images i
SET repeats_from = c.repeats_from
FROM unnest($1::uuid[], $2::integer[], $3::integer[]) AS c (request_id, ordinal, repeats_from)
WHERE i.request_id = c.request_id AND i.ordinal = c.ordinal;

-- name: find_repeats_left
-- In turns between tenants, as for planning. What was cancelled or has ended waits for its next run.
WITH RECURSIVE tenants AS (
    (SELECT tenant FROM requests
     WHERE repeats_left AND completed_at IS NULL AND NOT ending AND tenant > $3
     ORDER BY tenant LIMIT 1)
    UNION ALL
    SELECT (SELECT r.tenant FROM requests r
            WHERE r.repeats_left AND r.completed_at IS NULL AND NOT r.ending AND r.tenant > t.tenant
            ORDER BY r.tenant LIMIT 1)
    FROM tenants t
    WHERE t.tenant IS NOT NULL
)
SELECT o.id, t.tenant
FROM tenants t
CROSS JOIN LATERAL (SELECT r.id FROM requests r
                    WHERE r.tenant = t.tenant AND r.repeats_left AND r.completed_at IS NULL AND NOT r.ending
                      AND r.id <> ALL ($1::uuid[]) AND r.images <= $2
                    ORDER BY r.images LIMIT 20) AS o
LIMIT 60;

-- name: repeats_left
SELECT ordinal, repeats_from
FROM images
WHERE request_id = $1 AND repeats_from IS NOT NULL
ORDER BY ordinal
LIMIT $2;

-- name: images_left
SELECT tenant, sum(images - done - failed)::bigint AS images
FROM requests
WHERE completed_at IS NULL AND NOT ending
GROUP BY tenant;

-- name: has_open_requests
-- Also those that have nothing to ask for before an image is due again.
SELECT EXISTS (SELECT FROM requests
               WHERE completed_at IS NULL AND NOT ending AND cancel_requested_at IS NULL AND planned_images > 0);

-- name: find_candidates
-- Every request with something in flight, and of those that wait with nothing in flight only the next $1 in turn: first
-- the tenant with the fewest images in flight, of that tenant the request that was asked for least. To read and weigh all
-- of 10,000 would be for nothing. An image is overdue that has to be taken within $2 seconds: it was asked for long ago.
-- As each statement is a round trip, this one also marks the batches $3 as published, and tells in each row what was
-- answered so far. If no request is open, there is one row with that alone.
WITH published AS (
    DELETE FROM batches WHERE id = ANY ($3::bigint[])
), open AS (
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
SELECT l.id, l.tenant, l.priority, l.in_flight, coalesce(o.overdue, 0) AS overdue, l.ended, l.fresh, l.due,
       a.images, a.work_seconds, a.succeeded, a.out_seconds, a.now
FROM answered a
LEFT JOIN looked_at l ON true
LEFT JOIN (SELECT request_id, count(*) AS overdue FROM images
           WHERE state = 'requested' AND take_by < now() + make_interval(secs => $2)
           GROUP BY request_id) AS o ON o.request_id = l.id
ORDER BY l.created_at, l.id;

-- name: lock_for_dispatch
-- A request whose row is held by somebody waits for the next pass; the others go.
SELECT id
FROM requests
WHERE id = ANY ($1::uuid[]) AND completed_at IS NULL AND NOT ending AND cancel_requested_at IS NULL
  AND (sweeping_until IS NULL OR sweeping_until < now())
ORDER BY id
FOR NO KEY UPDATE SKIP LOCKED;

-- name: claim_images
-- Claims what was granted of each of these requests, whose rows the transaction holds, and keeps it as a batch.
-- Fresh images are found by walking over the ordinals from the request's cursor, at most $4 of them. Which images are
-- picked is settled before their rows are read: else a plan that was made while the table was empty reads all images of
-- the request for each claim. Failures that stand in this run are left alone.
WITH wanted AS (
    SELECT * FROM unnest($1::uuid[], $2::integer[], $3::integer[]) AS w (request_id, fresh, due)
), walks AS MATERIALIZED (
    SELECT r.id AS request_id, r.run, r.standing, r.quality, r.format, r.traceparent, r.next_ordinal AS start,
           least(r.next_ordinal + $4, r.planned_images) AS stop, w.fresh, w.due
    FROM wanted w
    JOIN requests r ON r.id = w.request_id
), picked AS MATERIALIZED (
    SELECT w.request_id, w.run, p.ordinal, p.is_fresh
    FROM walks w
    CROSS JOIN LATERAL (
        (SELECT i.ordinal, false AS is_fresh FROM images i
         WHERE i.request_id = w.request_id AND i.state = 'planned' AND i.due_at <= now() AND i.run = w.run
         ORDER BY i.due_at LIMIT w.due)
        UNION ALL
        (SELECT i.ordinal, true FROM images i
         WHERE i.request_id = w.request_id AND i.ordinal >= w.start AND i.ordinal < w.stop
           AND i.same_as IS NULL AND i.state <> 'done'
           AND (image_run_now(i.state, i.run, i.code, w.run, w.standing) < w.run
                OR (i.state = 'planned' AND i.attempt = 0))
         ORDER BY i.ordinal LIMIT w.fresh)
    ) AS p
), claimed AS (
    UPDATE images i
    SET state = 'requested', due_at = NULL, take_by = now() + make_interval(secs => $5), run = p.run,
        attempt = CASE WHEN i.run = p.run THEN i.attempt + 1 ELSE 1 END,
        failures = CASE WHEN i.run = p.run THEN i.failures ELSE 0 END,
        losses = CASE WHEN i.run = p.run THEN i.losses ELSE 0 END,
        refusals = CASE WHEN i.run = p.run THEN i.refusals ELSE 0 END,
        refused_at = CASE WHEN i.run = p.run THEN i.refused_at END,
        code = CASE WHEN i.run = p.run THEN i.code END, detail = CASE WHEN i.run = p.run THEN i.detail END, ended_at = NULL
    FROM picked p
    WHERE i.request_id = p.request_id AND i.ordinal = p.ordinal
    RETURNING i.request_id, i.ordinal, i.id, i.run, i.attempt, i.input_url, i.take_by, i.failures, i.code, p.is_fresh
), walked AS (
    -- The next walk begins behind the last fresh image that was taken, or at the end of this walk.
    SELECT w.request_id, w.start, w.due, count(c.ordinal) AS images,
           count(c.ordinal) FILTER (WHERE NOT c.is_fresh) AS due_images,
           CASE WHEN w.fresh = 0 THEN w.start
                WHEN count(c.ordinal) FILTER (WHERE c.is_fresh) < w.fresh THEN w.stop
                ELSE max(c.ordinal) FILTER (WHERE c.is_fresh) + 1 END AS next_ordinal
    FROM walks w
    LEFT JOIN claimed c ON c.request_id = w.request_id
    GROUP BY w.request_id, w.start, w.stop, w.fresh, w.due
), counted AS (
    UPDATE requests r
    SET state = 'processing', in_flight = r.in_flight + w.images, next_ordinal = w.next_ordinal,
        -- This statement still sees those that it claims as due, and they were the first.
        next_due_at = CASE WHEN w.due = 0 THEN r.next_due_at
                           ELSE (SELECT i.due_at FROM images i
                                 WHERE i.request_id = r.id AND i.state = 'planned' AND i.due_at IS NOT NULL
                                   AND i.run = r.run
                                 ORDER BY i.due_at OFFSET w.due_images LIMIT 1) END
    FROM walked w
    WHERE r.id = w.request_id
), batch AS (
    INSERT INTO batches (request_ids, ordinals, attempts)
    SELECT array_agg(request_id), array_agg(ordinal), array_agg(attempt)
    FROM claimed
    HAVING count(*) > 0
    RETURNING id
)
SELECT b.id AS batch_id, d.next_ordinal > d.start AS cursor_went_on, c.request_id, c.ordinal, c.id, c.run, c.attempt,
       c.input_url, c.take_by, c.failures, c.code, w.quality, w.format, w.traceparent
FROM walks w
JOIN walked d ON d.request_id = w.request_id
LEFT JOIN claimed c ON c.request_id = w.request_id
LEFT JOIN batch b ON true
ORDER BY c.request_id, c.ordinal;

-- name: set_aside_images
-- Images that were claimed in this transaction and are not asked for: no attempt was made. The rest stays in the batch $4.
WITH aside AS (
    UPDATE images i
    SET state = 'planned', take_by = NULL, attempt = i.attempt - 1, due_at = now() + make_interval(secs => c.seconds)
    FROM unnest($1::uuid[], $2::integer[], $3::double precision[]) AS c (request_id, ordinal, seconds)
    WHERE i.request_id = c.request_id AND i.ordinal = c.ordinal
    RETURNING i.request_id, i.due_at
), counted AS (
    UPDATE requests r
    SET in_flight = r.in_flight - a.images, next_due_at = least(r.next_due_at, a.due_at)
    FROM (SELECT request_id, count(*) AS images, min(due_at) AS due_at FROM aside GROUP BY request_id) AS a
    WHERE r.id = a.request_id
)
UPDATE batches
SET request_ids = $5::uuid[], ordinals = $6::integer[], attempts = $7::integer[]
WHERE id = $4;

-- name: call_back_images
-- Images that were set aside are due now. Of those that were asked for since, the time at which they come again stands.
-- That they are not due is no condition: else all images are read that are not.
WITH called AS (
    UPDATE images i
    SET due_at = CASE WHEN i.due_at > now() THEN now() ELSE i.due_at END
    FROM unnest($1::uuid[], $2::integer[]) AS c (request_id, ordinal)
    WHERE i.request_id = c.request_id AND i.ordinal = c.ordinal
      AND i.state = 'planned' AND i.code IS NULL
    RETURNING i.request_id
)
UPDATE requests r
SET next_due_at = least(r.next_due_at, now())
WHERE r.id = ANY ($1::uuid[]) AND EXISTS (SELECT FROM called c WHERE c.request_id = r.id);

-- name: read_asked
-- What became of these attempts; the codes are those of hosts that did not answer, and of those that take no more for now.
-- A 5xx is no answer either: who stands before a host that is away says that.
SELECT a.request_id, a.ordinal, a.attempt,
       coalesce(i.state = 'requested' AND i.attempt = a.attempt, false) AS is_out,
       coalesce(i.state = 'done' OR (i.code <> ALL ($4::text[]) AND NOT starts_with(i.code, 'http_5')), false) AS is_answered,
       CASE WHEN i.state = 'planned' AND i.attempt = a.attempt AND i.code = ANY ($5::text[])
            THEN extract(epoch FROM i.due_at - now())::double precision END AS turned_away_seconds
FROM unnest($1::uuid[], $2::integer[], $3::integer[]) AS a (request_id, ordinal, attempt)
LEFT JOIN images i ON i.request_id = a.request_id AND i.ordinal = a.ordinal;

-- name: find_overdue
-- As in find_candidates.
SELECT request_id, ordinal, run, attempt, input_url
FROM images
WHERE state = 'requested' AND take_by < now() + make_interval(secs => $1)
ORDER BY take_by
LIMIT 500;

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
FROM unnest($1::uuid[], $2::integer[], $3::integer[]) AS c (request_id, ordinal, attempt)
CROSS JOIN LATERAL (
    SELECT run, quality, format, traceparent FROM requests
    WHERE id = c.request_id AND NOT ending AND completed_at IS NULL
    OFFSET 0  -- else all that its request has in flight is looked through for each
) AS r
WHERE i.request_id = c.request_id AND i.ordinal = c.ordinal AND i.attempt = c.attempt AND i.state = 'requested'
  AND i.run = r.run
RETURNING i.request_id, i.ordinal, i.id, i.run, i.attempt, i.input_url, i.take_by, i.failures,
          r.quality, r.format, r.traceparent;

-- name: seconds_since_answer
SELECT extract(epoch FROM now() - max(answered_at))::double precision FROM answers;

-- name: find_lost
SELECT request_id, ordinal, run, attempt
FROM images
WHERE state = 'requested' AND take_by < now() - make_interval(secs => $1)
ORDER BY take_by
LIMIT 500;
