-- What was done before a run began says nothing about how fast that run is.
ALTER TABLE requests ADD COLUMN done_before integer NOT NULL DEFAULT 0 CHECK (done_before >= 0);
