-- What the dispatcher needs to be fair.

-- Planning and ending go round the tenants, smallest request of each first.
DROP INDEX requests_unplanned;
CREATE INDEX requests_unplanned ON requests (tenant, images) WHERE planned_at IS NULL AND completed_at IS NULL;
DROP INDEX requests_ending;
CREATE INDEX requests_ending ON requests (tenant, images) WHERE ending AND completed_at IS NULL;

-- How long images that end well are out: what is out for much longer hangs, and must not hold the places of others.
ALTER TABLE answers
    ADD COLUMN succeeded bigint NOT NULL DEFAULT 0,
    ADD COLUMN out_seconds double precision NOT NULL DEFAULT 0;  -- of these, from being asked for to being settled
