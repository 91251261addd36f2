-- A delivery that the notifier took for a replay is asked for again so that its clock no longer matters.
ALTER TABLE deliveries ADD COLUMN at_any_age boolean NOT NULL DEFAULT false;
