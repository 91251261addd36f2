-- Requests, their products and images, and the deliveries of their ends.
-- Ordinals and numbers count from 0 in the order of the CSV; ids are derived from (request, ordinal), so planning
-- the same row twice is planning it once.

CREATE TABLE requests (
    id               uuid PRIMARY KEY,
    tenant           text NOT NULL,
    state            text NOT NULL DEFAULT 'pending'
                     CHECK (state IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
    run              integer NOT NULL DEFAULT 1 CHECK (run >= 1),
    priority         text NOT NULL CHECK (priority IN ('high', 'normal', 'bulk')),
    filename         text NOT NULL,
    columns          jsonb NOT NULL,               -- the input's header as it was spelled
    quality          smallint NOT NULL,
    format           text NOT NULL,
    source_key       text NOT NULL,
    source_bytes     bigint NOT NULL,
    source_sha256    text NOT NULL,
    rows_key         text NOT NULL,
    skipped_rows     integer NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL,
    recorded_at      timestamptz NOT NULL DEFAULT now(),
    planned_at       timestamptz,
    run_started_at   timestamptz NOT NULL DEFAULT now(),
    completed_at     timestamptz,
    expires_at       timestamptz,
    deleted_at       timestamptz,                  -- a tombstone: 404 to everyone
    -- counts: of the whole request, kept by the transactions that change images
    products         integer NOT NULL,
    images           integer NOT NULL,
    planned_products integer NOT NULL DEFAULT 0,   -- planning resumes here
    planned_images   integer NOT NULL DEFAULT 0,
    next_ordinal     integer NOT NULL DEFAULT 0,   -- first dispatches walk from here
    in_flight        integer NOT NULL DEFAULT 0 CHECK (in_flight >= 0),
    done             integer NOT NULL DEFAULT 0 CHECK (done >= 0),
    failed           integer NOT NULL DEFAULT 0 CHECK (failed >= 0),
    cancelled        integer NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
    bytes_in         bigint NOT NULL DEFAULT 0,
    bytes_out        bigint NOT NULL DEFAULT 0,
    repeats          integer NOT NULL DEFAULT 0,   -- planned images that only repeat the URL of another
    next_due_at      timestamptz,                  -- of its earliest retry
    deadline_at      timestamptz NOT NULL,         -- of this run
    cancel_requested_at timestamptz,
    failure_code     text,                         -- of the request as a whole: source_missing, internal
    output_csv_path  text,                         -- its key in the store, once a run has ended
    webhook_url      text,                         -- as people may see it
    webhook_target   text,                         -- encrypted
    traceparent      text,
    purged_at        timestamptz,                  -- of a tombstone: its products, images and files are gone
    -- From here on no result counts any more; what remains is to write the output CSV and to end the run.
    ending           boolean NOT NULL GENERATED ALWAYS AS (
        failure_code IS NOT NULL OR deleted_at IS NOT NULL
        OR (planned_at IS NOT NULL AND (done + failed >= images OR cancel_requested_at IS NOT NULL))
    ) STORED,
    CHECK (done + failed + cancelled <= images),
    CHECK ((completed_at IS NULL) = (state IN ('pending', 'processing')))
) WITH (fillfactor = 50);

CREATE INDEX requests_by_tenant ON requests (tenant, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX requests_open ON requests (tenant, priority, created_at)
    WHERE completed_at IS NULL;
CREATE INDEX requests_unplanned ON requests (images) WHERE planned_at IS NULL AND completed_at IS NULL;
CREATE INDEX requests_ending ON requests (images) WHERE ending AND completed_at IS NULL;
CREATE INDEX requests_deadline ON requests (deadline_at) WHERE completed_at IS NULL;
CREATE INDEX requests_expiring ON requests (expires_at) WHERE expires_at IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX requests_deleted ON requests (deleted_at) WHERE deleted_at IS NOT NULL;

CREATE TABLE products (
    request_id       uuid NOT NULL REFERENCES requests ON DELETE CASCADE,
    number           integer NOT NULL,
    id               uuid NOT NULL,
    row_number       integer NOT NULL,             -- as a spreadsheet shows it
    serial_number    text NOT NULL,
    name             text NOT NULL,
    cells            jsonb NOT NULL,               -- the row's cells as they were, in the input's columns
    first_ordinal    integer NOT NULL,
    images           integer NOT NULL,
    PRIMARY KEY (request_id, number)
);

CREATE TABLE images (
    request_id       uuid NOT NULL REFERENCES requests ON DELETE CASCADE,
    ordinal          integer NOT NULL,
    id               uuid NOT NULL,
    product_number   integer NOT NULL,
    product_id       uuid NOT NULL,
    input_url        text NOT NULL,
    same_as          integer,                      -- the ordinal whose result ends this image too
    state            text NOT NULL DEFAULT 'planned'
                     CHECK (state IN ('planned', 'requested', 'done', 'failed', 'cancelled')),
    run              integer NOT NULL DEFAULT 1,
    attempt          integer NOT NULL DEFAULT 0,   -- of the latest dispatch in this run
    failures         smallint NOT NULL DEFAULT 0,
    losses           smallint NOT NULL DEFAULT 0,
    due_at           timestamptz,                  -- of a retry that waits
    take_by          timestamptz,                  -- of the dispatch in flight
    ended_at         timestamptz,
    code             text,
    detail           text,
    original_key     text,
    output_key       text,
    output_url       text,                         -- empty until there is one
    bytes_in         bigint,
    bytes_out        bigint,
    width            integer,
    height           integer,
    format           text,
    sha256           text,
    PRIMARY KEY (request_id, ordinal),
    CHECK ((state = 'done') = (output_url IS NOT NULL)),
    CHECK ((state = 'failed') <= (code IS NOT NULL))
) WITH (fillfactor = 70);

CREATE INDEX images_due ON images (request_id, due_at) WHERE state = 'planned' AND due_at IS NOT NULL;
CREATE INDEX images_in_flight ON images (take_by) WHERE state = 'requested';
CREATE INDEX images_repeats ON images (request_id, same_as) WHERE same_as IS NOT NULL;

-- The images as everyone but the engine should read them. Cancel and retry change only the request's row; what
-- they mean for an image is worked out here.
CREATE VIEW images_now AS
SELECT i.request_id, i.ordinal, i.id, i.product_number, i.product_id, i.input_url, i.same_as,
       CASE WHEN i.state = 'done' THEN 'done'
            WHEN i.state = 'failed' AND i.run = r.run THEN 'failed'
            WHEN r.completed_at IS NOT NULL AND r.failure_code IS NOT NULL THEN 'failed'
            WHEN r.completed_at IS NOT NULL THEN 'cancelled'
            WHEN i.run < r.run THEN 'planned'
            ELSE i.state END AS state,
       CASE WHEN i.state = 'done' THEN NULL
            WHEN i.state = 'failed' AND i.run = r.run THEN i.code
            WHEN r.completed_at IS NOT NULL THEN r.failure_code END AS code,
       CASE WHEN i.state = 'failed' AND i.run = r.run THEN i.detail END AS detail,
       CASE WHEN i.run = r.run THEN i.attempt ELSE 0 END AS attempt,
       i.ended_at, i.original_key, i.output_key, i.output_url, i.bytes_in, i.bytes_out, i.width, i.height,
       i.format, i.sha256
FROM images i JOIN requests r ON r.id = i.request_id;

-- How many results came, and when the last: the measure of the dispatch window. One row a partition of image.done,
-- which one consumer writes, so that two consumers never wait for each other.
CREATE TABLE answers (
    partition        integer PRIMARY KEY,
    images           bigint NOT NULL,
    work_seconds     double precision NOT NULL,
    answered_at      timestamptz NOT NULL
) WITH (fillfactor = 20);

-- One row per run that ended: the event, rendered once.
CREATE TABLE completions (
    sequence         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id         uuid NOT NULL UNIQUE,
    request_id       uuid NOT NULL REFERENCES requests ON DELETE CASCADE,
    tenant           text NOT NULL,
    run              integer NOT NULL,
    completed_at     timestamptz NOT NULL,
    body             text NOT NULL,                -- request.completed, byte for byte
    claimed_at       timestamptz,                  -- being published since; due again if that never ends
    published_at     timestamptz,
    UNIQUE (request_id, run)
);

CREATE INDEX completions_by_tenant ON completions (tenant, sequence);
CREATE INDEX completions_unpublished ON completions (sequence) WHERE published_at IS NULL;

CREATE TABLE deliveries (
    webhook_id       uuid PRIMARY KEY,             -- the id of the completion that is delivered
    request_id       uuid NOT NULL REFERENCES requests ON DELETE CASCADE,
    run              integer NOT NULL,
    state            text NOT NULL DEFAULT 'waiting'
                     CHECK (state IN ('waiting', 'retrying', 'delivered', 'exhausted', 'gone', 'undeliverable')),
    attempts         integer NOT NULL DEFAULT 0,   -- posts that were really made
    next_attempt     integer NOT NULL DEFAULT 1,   -- the number of the attempt that is asked for, or will be
    schedule_from    integer NOT NULL DEFAULT 0,   -- attempts made before the schedule began (again)
    due_at           timestamptz,                  -- when status asks by webhook.retry; empty: an answer is awaited
    claimed_at       timestamptz,                  -- being published since; due again if that never ends
    delivered_at     timestamptz
);

CREATE INDEX deliveries_by_request ON deliveries (request_id, run);
CREATE INDEX deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE attempts (
    webhook_id       uuid NOT NULL REFERENCES deliveries ON DELETE CASCADE,
    attempt          integer NOT NULL,
    outcome          text NOT NULL,
    attempted_at     timestamptz NOT NULL,
    duration_ms      double precision NOT NULL,
    status_code      integer,
    error            text,
    response_excerpt text,
    PRIMARY KEY (webhook_id, attempt)
);

-- Dispatches that were claimed for publishing. A sent batch is deleted; one that stays is due again with the same ids.
CREATE TABLE batches (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    request_ids      uuid[] NOT NULL,
    ordinals         integer[] NOT NULL,
    attempts         integer[] NOT NULL,
    claimed_at       timestamptz NOT NULL DEFAULT now()
);
