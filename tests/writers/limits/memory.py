"""What a process keeps in memory."""

from tests.writers.limits.bound import Bound, Unit

TAKEN = "shared.consuming.work:"
MEMORY = (
    Bound(
        what="a part of an object on its way to a bucket",
        at="shared.store.parts:PART_BYTES",
        unit=Unit.BYTES,
        beyond="the next part",
    ),
    Bound(
        what="such parts of one object",
        at="shared.store.parts:PARTS_AT_ONCE",
        beyond="the writer waits",
    ),
    Bound(
        what="a page of products and images (status), one product at least",
        at="services.status.records.limits:PAGE_BYTES",
        unit=Unit.BYTES,
        beyond="the next page",
    ),
    Bound(
        what="rows in the memory of a status process that weigh more",
        at="services.status.records.limits:MOST_LARGE_ROWS",
        beyond="planning, ending or exporting them waits for its turn",
    ),
    Bound(
        what="images of a page",
        at="services.status.reading.reader:PAGE_IMAGES",
        beyond="the next page",
    ),
    Bound(
        what="images of a page of a stream",
        at="services.status.api.spellings:STREAMED_IMAGES",
        beyond="the next page",
    ),
    Bound(
        what="products of a page",
        at="services.status.requests.output_pages:PAGE_PRODUCTS",
        beyond="the next page",
    ),
    Bound(
        what="images planned at a time",
        at="services.status.records.rows:CHUNK_IMAGES",
        beyond="the next chunk",
    ),
    Bound(
        what="cells of an export's page",
        at="services.status.reading.reader:PRODUCTS_BYTES",
        unit=Unit.BYTES,
        beyond="the next page",
    ),
    Bound(
        what="a piece of an image that its host sends packed",
        at="services.processor.fetching.packed:PIECE_BYTES",
        unit=Unit.BYTES,
        beyond="the next piece",
    ),
    Bound(
        what="a piece of a workbook's markup, one row at least",
        at="services.status.reading.workbook_stream:PIECE_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="the next piece",
    ),
    Bound(
        what="of it, what is packed and not yet sent",
        at="services.status.rendering.workbook.packing:PIECE_BYTES",
        unit=Unit.BYTES,
        beyond="it is sent",
    ),
    Bound(
        what="images of a status that is answered as a whole",
        at="services.status.api.spellings:LARGEST_WHOLE_IMAGES",
        beyond="it is streamed",
    ),
    Bound(
        what="pages of it",
        at="services.status.api.spellings:WHOLE_PAGES",
        beyond="it is streamed",
    ),
    Bound(
        what="such answers being made",
        at="services.status.api.dependencies:MOST_WHOLE_ANSWERS",
        beyond="they wait",
    ),
    Bound(
        what="such answers that are remembered",
        at="services.status.api.answers.answer_cache:MOST_BYTES",
        unit=Unit.BYTES,
        beyond="those not asked for lately are forgotten",
    ),
    Bound(
        what="completions published at a time",
        at="services.status.jobs.publishing:BATCH_ROWS",
        beyond="the next batch",
    ),
    Bound(
        what="images asked for at a time",
        at="services.status.images.dispatching.dispatcher:BATCH_IMAGES",
        beyond="the next batch",
    ),
    Bound(
        what="images that end at a time because they repeat the URL of another",
        at="services.status.images.settling.repeats:STEP_IMAGES",
        beyond="the next step",
    ),
    Bound(
        what="messages of a batch",
        at=TAKEN + "BATCH_MOST",
        beyond="the next batch",
    ),
    Bound(
        what="their bytes, one message at least",
        at=TAKEN + "BATCH_BYTES",
        unit=Unit.BYTES,
        beyond="the next batch",
    ),
    Bound(
        what="messages taken and not yet settled, where they are handled in batches",
        at=TAKEN + "BATCHES_BYTES",
        unit=Unit.BYTES,
        beyond="they wait in Kafka",
    ),
    Bound(
        what="the same where they are handled one by one",
        at=TAKEN + "EACH_BYTES",
        unit=Unit.BYTES,
        beyond="they wait in Kafka",
    ),
    Bound(
        what="messages of one partition that wait in a process",
        at=TAKEN + "QUEUE_MOST",
        beyond="they wait in Kafka",
    ),
    Bound(
        what="what a broker gives at a time",
        at="shared.kafka.consumer:FETCH_BYTES",
        unit=Unit.BYTES,
        beyond="the next fetch",
    ),
    Bound(
        what="an upload's file in memory",
        at="services.ingest.csv_file.spool:SPOOL_BYTES",
        unit=Unit.BYTES,
        beyond="it lies on the disk",
    ),
    Bound(
        what="of it, what is not written yet",
        at="services.ingest.form.file_spool:WRITE_BYTES",
        unit=Unit.BYTES,
        beyond="it is written",
    ),
    Bound(
        what="a file that is judged in the lane of small ones",
        at="services.ingest.admission.lanes:SMALL_FILE_BYTES",
        unit=Unit.BYTES,
        beyond="the lane of large ones",
    ),
)
