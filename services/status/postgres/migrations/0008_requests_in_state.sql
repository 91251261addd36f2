-- A tenant's requests, the newest first, also those of one state alone however many others it has.
CREATE INDEX requests_in_state ON requests (tenant, state, created_at DESC, id DESC) WHERE deleted_at IS NULL;
DROP INDEX requests_by_tenant;
