-- Planning and ending go round the tenants, smallest request of each first.
DROP INDEX requests_unplanned;
CREATE INDEX requests_unplanned ON requests (tenant, images) WHERE planned_at IS NULL AND completed_at IS NULL;
DROP INDEX requests_ending;
CREATE INDEX requests_ending ON requests (tenant, images) WHERE ending AND completed_at IS NULL;
