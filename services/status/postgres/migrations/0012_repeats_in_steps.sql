-- Images that repeat the URL of another end in steps, however many there are: what is left of them is written down.
ALTER TABLE images ADD COLUMN repeats_from integer;  -- of one that has ended: from this ordinal on its repeats may be open
ALTER TABLE requests ADD COLUMN repeats_left boolean NOT NULL DEFAULT false;  -- some image has repeats_from
CREATE INDEX requests_repeats_left ON requests (tenant, images)
    WHERE repeats_left AND completed_at IS NULL AND NOT ending;
