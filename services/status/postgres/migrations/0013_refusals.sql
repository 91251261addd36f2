-- An image that its host turns away for the moment (429) waits, and fails only after an hour of that.
ALTER TABLE images
    ADD COLUMN refusals smallint NOT NULL DEFAULT 0,  -- in this run
    ADD COLUMN refused_at timestamptz;                -- the first of them
