-- One number may be answered twice: a post that was repeated after a crash, or one that could not be made at first.
ALTER TABLE attempts DROP CONSTRAINT attempts_pkey, ADD PRIMARY KEY (webhook_id, attempt, outcome);
