-- What large tables need: images by what they read as, and which requests' files have been swept.

-- What an image reads as follows from its row and its request's; said once, for the view and for the queries that
-- ask for images of one state.
CREATE FUNCTION image_reads_as(stored text, image_run integer, request_run integer, ended boolean, failure_code text)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN stored = 'done' THEN 'done'
            WHEN stored = 'failed' AND image_run = request_run THEN 'failed'
            WHEN ended AND failure_code IS NOT NULL THEN 'failed'
            WHEN ended THEN 'cancelled'
            WHEN image_run < request_run THEN 'planned'
            ELSE stored END
$$;

CREATE OR REPLACE VIEW images_now AS
SELECT i.request_id, i.ordinal, i.id, i.product_number, i.product_id, i.input_url, i.same_as,
       image_reads_as(i.state, i.run, r.run, r.completed_at IS NOT NULL, r.failure_code) AS state,
       CASE WHEN i.state = 'done' THEN NULL
            WHEN i.state = 'failed' AND i.run = r.run THEN i.code
            WHEN r.completed_at IS NOT NULL THEN r.failure_code END AS code,
       CASE WHEN i.state = 'failed' AND i.run = r.run THEN i.detail END AS detail,
       CASE WHEN i.run = r.run THEN i.attempt ELSE 0 END AS attempt,
       i.ended_at, i.original_key, i.output_key, i.output_url, i.bytes_in, i.bytes_out, i.width, i.height,
       i.format, i.sha256
FROM images i JOIN requests r ON r.id = i.request_id;

-- With the run, so that no planner prefers images_by_state for what is due: that range holds all that was never asked
-- for.
DROP INDEX images_due;
CREATE INDEX images_due ON images (request_id, run, due_at) WHERE state = 'planned' AND due_at IS NOT NULL;
ALTER TABLE requests
    ADD COLUMN swept_at timestamptz,        -- since its end, what no row names is gone from its folder
    ADD COLUMN sweeping_until timestamptz,  -- nothing is dispatched meanwhile
    ADD CHECK (planned_products <= products AND planned_images <= images AND next_ordinal <= planned_images);
CREATE INDEX requests_unswept ON requests (completed_at)
    WHERE completed_at IS NOT NULL AND swept_at IS NULL AND deleted_at IS NULL;
CREATE INDEX requests_unpurged ON requests (deleted_at)
    WHERE deleted_at IS NOT NULL AND completed_at IS NOT NULL AND purged_at IS NULL;
CREATE INDEX images_by_state ON images (request_id, state, run, ordinal);
