"""What one upload may hold."""

from tests.writers.limits.bound import INGEST, Bound, Unit

CSV, FORM = "services.ingest.csv_file.limits:CsvLimits.", "services.ingest.form."
TOO_LARGE = "413 `too-large`, with the row"
UPLOAD = (
    Bound(what="the CSV", at=INGEST + "max_file_bytes", unit=Unit.BYTES, beyond="413 `too-large`"),
    Bound(
        what="the form around it",
        at=FORM + "reader:OVERHEAD_BYTES",
        unit=Unit.BYTES,
        beyond="413 `too-large`",
    ),
    Bound(what="parts of the form", at=FORM + "builder:MAX_PARTS", beyond="400 `invalid-form`"),
    Bound(
        what="a field of the form",
        at=FORM + "builder:MAX_FIELD_BYTES",
        unit=Unit.BYTES,
        beyond="400 `invalid-form`",
    ),
    Bound(
        what="names of columns with images in the field `columns`",
        at=FORM + "columns:MOST_NAMES",
        beyond="400 `invalid-form`",
    ),
    Bound(
        what="the file's name",
        at=FORM + "filename:MAX_FILENAME_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="the rest is cut off",
    ),
    Bound(
        what="an Idempotency-Key",
        at="services.ingest.api.idempotency_key:MAX_KEY_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="400",
    ),
    Bound(what="rows", at=INGEST + "max_rows", beyond=TOO_LARGE),
    Bound(what="images", at=INGEST + "max_images", beyond=TOO_LARGE),
    Bound(what="blank rows", at=CSV + "blank_rows", beyond=TOO_LARGE),
    Bound(what="columns", at=INGEST + "max_columns", beyond=TOO_LARGE),
    Bound(what="image URLs in a row", at=INGEST + "max_urls_per_row", beyond=TOO_LARGE),
    Bound(
        what="a cell, and a line",
        at=INGEST + "max_cell_characters",
        unit=Unit.CHARACTERS,
        beyond=TOO_LARGE,
    ),
    Bound(what="a row", at=INGEST + "max_row_characters", unit=Unit.CHARACTERS, beyond=TOO_LARGE),
    Bound(what="lines in a row", at=CSV + "row_lines", beyond=TOO_LARGE),
    Bound(
        what="a URL, of an image or a webhook",
        at="shared.contract.limits:MAX_URL_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="the row is invalid; of a webhook, 400",
    ),
    Bound(
        what="the host of a URL, of an image or a webhook",
        at="services.ingest.url_host:MAX_HOST_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="the row is invalid; of a webhook, 400",
    ),
    Bound(
        what="a label of that host",
        at="services.ingest.url_host:MAX_LABEL_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="the row is invalid; of a webhook, 400",
    ),
    Bound(
        what="rows with titles above the header",
        at="services.ingest.csv_file.header.search:MOST_TITLE_ROWS",
        beyond="400: the header is not found",
    ),
    Bound(what="errors that one answer lists", at=CSV + "errors_listed", beyond="only counted"),
    Bound(
        what="distinct URLs whose repeats are found, in slots of which three quarters are used",
        at="services.ingest.csv_file.image_urls.memory:MOST_SLOTS",
        beyond="a repeat is fetched again",
    ),
    Bound(
        what="a file whose URLs are remembered as they are, not by digests in those slots",
        at="services.ingest.csv_file.image_urls.memory:PLAIN_FILE_BYTES",
        unit=Unit.BYTES,
        beyond="by digests, which takes longer",
    ),
    Bound(
        what="what they may take",
        at="services.ingest.csv_file.image_urls.memory:PLAIN_BYTES",
        unit=Unit.BYTES,
        beyond="the others by digests",
    ),
    Bound(
        what="silence of an upload",
        at=INGEST + "silence_seconds",
        unit=Unit.SECONDS,
        beyond="408 `too-slow`",
    ),
    Bound(
        what="what must come in that time, at least",
        at=FORM + "reader:PACE_BYTES",
        unit=Unit.BYTES,
        beyond="it counts as silence",
    ),
    Bound(
        what="an upload altogether",
        at=INGEST + "upload_seconds",
        unit=Unit.SECONDS,
        beyond="408 `too-slow`",
    ),
    Bound(
        what="a step with the store",
        at="services.ingest.acceptance.store_step:STORE_SECONDS",
        unit=Unit.SECONDS,
        beyond="503",
    ),
    Bound(
        what="its header and options, as one message",
        at="shared.kafka.producer:MAX_MESSAGE_BYTES",
        unit=Unit.BYTES,
        beyond="413 `too-large`",
    ),
)
