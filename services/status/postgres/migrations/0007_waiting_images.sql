-- Of an image that waits for its next attempt: why the last one failed, and when it is asked for again.
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
