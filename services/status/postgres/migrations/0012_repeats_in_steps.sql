-- Images that repeat the URL of another end in steps, however many there are: what is left of them is written down.
ALTER TABLE images ADD COLUMN repeats_from integer;  -- of one that has ended: from this ordinal on its repeats may be open
CREATE INDEX images_repeats_left ON images (request_id, ordinal) WHERE repeats_from IS NOT NULL;
ALTER TABLE requests ADD COLUMN repeats_left boolean NOT NULL DEFAULT false;  -- some image has repeats_from
CREATE INDEX requests_repeats_left ON requests (tenant, images)
    WHERE repeats_left AND completed_at IS NULL AND NOT ending;

-- A step goes along a first image's repeats in their order.
DROP INDEX images_repeats;
CREATE INDEX images_repeats ON images (request_id, same_as, ordinal) WHERE same_as IS NOT NULL;
