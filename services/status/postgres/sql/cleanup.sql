-- The periods that rows lie in, and removing what belongs to nobody.

-- name: periods
SELECT name, first_id, end_id FROM periods;

-- name: make_period
SELECT make_period($1, $2, $3);

-- name: past_periods
SELECT name FROM periods WHERE end_id <= $1 ORDER BY end_id;

-- name: drop_period
SELECT drop_period($1);

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
-- The rows of what has expired go with their period, all at once; those of what somebody deleted go at once.
SELECT planned_images AS images, planned_products AS products,
       coalesce(deleted_at >= expires_at, false)
           AND EXISTS (SELECT FROM periods p WHERE p.first_id <= r.id AND r.id < p.end_id) AS go_with_their_period
FROM requests r
WHERE id = $1;

-- name: mark_purged
UPDATE requests SET purged_at = now() WHERE id = $1;

-- name: old_tombstones
-- Rows are left where a younger request still keeps their period.
SELECT r.id, r.planned_images AS images, r.planned_products AS products,
       EXISTS (SELECT FROM images i WHERE i.request_id = r.id)
           OR EXISTS (SELECT FROM products p WHERE p.request_id = r.id) AS has_rows
FROM requests r
WHERE r.deleted_at < now() - make_interval(secs => $1) AND r.purged_at IS NOT NULL
ORDER BY r.deleted_at
LIMIT 100;

-- name: forget_tombstone
DELETE FROM requests WHERE id = $1;

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
RETURNING run;

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

-- name: has_marks
SELECT EXISTS (SELECT FROM store_marks);

-- name: knows_mark
SELECT EXISTS (SELECT FROM store_marks WHERE mark = $1);

-- name: note_mark
INSERT INTO store_marks (mark) VALUES ($1);

-- name: forget_marks
DELETE FROM store_marks
WHERE number <= (SELECT number FROM store_marks ORDER BY number DESC OFFSET $1 LIMIT 1);
