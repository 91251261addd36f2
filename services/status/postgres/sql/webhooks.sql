-- Announcing ends and following deliveries.

-- name: claim_completions
UPDATE completions c
SET claimed_at = now()
FROM requests r
WHERE r.id = c.request_id
  AND c.sequence IN (SELECT sequence FROM completions
                     WHERE published_at IS NULL
                       AND (claimed_at IS NULL OR claimed_at < now() - make_interval(secs => $1))
                     ORDER BY sequence LIMIT $2 FOR UPDATE SKIP LOCKED)
RETURNING c.sequence, c.request_id, c.event_id, c.tenant, c.completed_at, c.body, r.webhook_target, r.traceparent;

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
SET state = c.state, attempts = c.attempts, next_attempt = c.next_attempt, claimed_at = NULL, asked_at = NULL,
    due_at = now() + make_interval(secs => c.due_in_seconds), at_any_age = c.at_any_age,
    delivered_at = CASE WHEN c.state = 'delivered' THEN coalesce(d.delivered_at, now()) ELSE d.delivered_at END
FROM unnest($1::uuid[], $2::text[], $3::integer[], $4::integer[], $5::double precision[], $6::boolean[])
     AS c (webhook_id, state, attempts, next_attempt, due_in_seconds, at_any_age)
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
RETURNING d.webhook_id, d.request_id, d.next_attempt, d.due_at, d.claimed_at, d.at_any_age, c.tenant, c.body,
          r.webhook_target, r.traceparent;

-- name: next_due_delivery
-- In seconds. One that is claimed is somebody's, for as long as he lives.
SELECT extract(epoch FROM due_at - now())::double precision
FROM deliveries
WHERE due_at IS NOT NULL AND claimed_at IS NULL
ORDER BY due_at LIMIT 1;

-- name: mark_deliveries_asked
UPDATE deliveries d
SET due_at = NULL, claimed_at = NULL, asked_at = now()
FROM unnest($1::uuid[], $2::timestamptz[]) AS c (webhook_id, claimed_at)
WHERE d.webhook_id = c.webhook_id AND d.claimed_at = c.claimed_at;

-- name: release_deliveries
UPDATE deliveries d
SET claimed_at = NULL
FROM unnest($1::uuid[], $2::timestamptz[]) AS c (webhook_id, claimed_at)
WHERE d.webhook_id = c.webhook_id AND d.claimed_at = c.claimed_at;

-- name: find_unanswered_deliveries
-- The first attempt is asked for by the completion itself, once that is published.
SELECT d.webhook_id, d.asked_at
FROM deliveries d
JOIN completions c ON c.event_id = d.webhook_id
WHERE d.asked_at < now() - make_interval(secs => $1) AND c.published_at < now() - make_interval(secs => $1)
ORDER BY d.asked_at
LIMIT 100;

-- name: ask_unanswered_deliveries
UPDATE deliveries d
SET due_at = now(), asked_at = NULL
FROM unnest($1::uuid[], $2::timestamptz[]) AS c (webhook_id, asked_at)
WHERE d.webhook_id = c.webhook_id AND d.asked_at = c.asked_at AND d.state IN ('waiting', 'retrying');
