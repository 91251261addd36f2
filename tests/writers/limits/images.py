"""What one image may take."""

from tests.writers.limits.bound import PROCESSOR, STATUS, Bound, Unit

DECODER, FETCH = "services.processor.decoders.limits:DecoderLimits.", "services.processor.fetching.fetcher:"
HOST = "shared.outbound.client:Timeouts."
IMAGES = (
    Bound(
        what="an image as it is fetched",
        at=PROCESSOR + "max_image_bytes",
        unit=Unit.BYTES,
        beyond="`too_large`",
    ),
    Bound(what="its pixels", at=PROCESSOR + "max_image_pixels", beyond="`too_many_pixels`"),
    Bound(
        what="frames of an animation",
        at="services.processor.codec.opening:MAX_FRAMES",
        beyond="the image fails",
    ),
    Bound(
        what="a PNG's colour profile, unpacked",
        at="services.processor.codec.png.sound_chunks:MAX_PROFILE_BYTES",
        unit=Unit.BYTES,
        beyond="it is left out, as browsers do",
    ),
    Bound(
        what="the head of its host's answer, as of a webhook's receiver",
        at="shared.outbound.answer:HEAD_BYTES",
        unit=Unit.BYTES,
        beyond="`connection_lost`",
    ),
    Bound(
        what="answers of its host that only say it is still to come (1xx), as of a webhook's receiver",
        at="shared.outbound.answer:MAX_INTERIM_ANSWERS",
        beyond="`connection_lost`",
    ),
    Bound(what="redirects", at=FETCH + "MAX_REDIRECTS", beyond="`too_many_redirects`"),
    Bound(
        what="fetching it",
        at=PROCESSOR + "fetch_seconds",
        unit=Unit.SECONDS,
        beyond="`timed_out`, `too_slow`: comes again",
    ),
    Bound(
        what="a try to connect to its host, as to a webhook's receiver",
        at=HOST + "connect_seconds",
        unit=Unit.SECONDS,
        beyond="another address of it, or `timed_out`: comes again",
    ),
    Bound(
        what="the head of its host's answer, once there is a connection",
        at=HOST + "head_seconds",
        unit=Unit.SECONDS,
        beyond="`timed_out`: comes again",
    ),
    Bound(
        what="silence of its host",
        at=HOST + "silence_seconds",
        unit=Unit.SECONDS,
        beyond="`timed_out`: comes again",
    ),
    Bound(
        what="bytes in a second, at least, once some seconds have passed",
        at=FETCH + "FetchLimits.least_bytes_per_second",
        beyond="`too_slow`",
    ),
    Bound(
        what="CPU for decoding and encoding it",
        at=PROCESSOR + "decode_seconds",
        unit=Unit.SECONDS,
        beyond="`crashed_decoder`",
    ),
    Bound(
        what="memory of a decoder",
        at=PROCESSOR + "decoder_memory_bytes",
        unit=Unit.BYTES,
        beyond="`crashed_decoder`",
    ),
    Bound(
        what="the same where nothing is set, on a large machine",
        at="services.processor.settings:MOST_DECODER_BYTES",
        unit=Unit.BYTES,
        beyond="`crashed_decoder`",
    ),
    Bound(
        what="tiny images on their way to one decoder",
        at="services.processor.decoders.turns:TINY_TOGETHER",
        beyond="they wait for their turn",
    ),
    Bound(what="pixels of a tiny one", at=DECODER + "tiny_pixels", beyond="it has a decoder for itself"),
    Bound(
        what="the same in bytes",
        at=DECODER + "tiny_bytes",
        unit=Unit.BYTES,
        beyond="it has a decoder for itself",
    ),
    Bound(
        what="images that a decoder makes before it is replaced",
        at=DECODER + "recycle_images",
        beyond="a new one",
    ),
    Bound(
        what="an image that was asked for, until a processor takes it",
        at="services.status.images.window:TAKE_BY_SECONDS",
        unit=Unit.SECONDS,
        beyond="given back, comes again",
    ),
    Bound(
        what="one attempt",
        at="services.processor.handler:ATTEMPT_SECONDS",
        unit=Unit.SECONDS,
        beyond="given back, comes again",
    ),
    Bound(what="failures", at="services.status.images.rules:MAX_FAILURES", beyond="the image has failed"),
    Bound(what="losses", at="services.status.images.rules:MAX_LOSSES", beyond="`abandoned`"),
    Bound(
        what="refusals by its host (429, 503 with Retry-After), of everything or of this image",
        at="services.processor.fetching.host_gate:REFUSES_SECONDS",
        unit=Unit.SECONDS,
        beyond="`http_429`",
    ),
    Bound(
        what="the wait for a host that answered before and is away",
        at="services.processor.fetching.outages:PATIENCE_SECONDS",
        unit=Unit.SECONDS,
        beyond="each of its images has three attempts",
    ),
    Bound(
        what="the wait before it is asked for again",
        at="services.status.images.rules:LONGEST_BACKOFF_SECONDS",
        unit=Unit.SECONDS,
        beyond="",
    ),
    Bound(
        what="a Retry-After that is believed",
        at="shared.outbound.retry_after:LONGEST_SECONDS",
        unit=Unit.SECONDS,
        beyond="asked again then",
    ),
    Bound(
        what="the detail that is kept of a failure",
        at="services.status.images.settling.settle:MAX_DETAIL_CHARACTERS",
        unit=Unit.CHARACTERS,
        beyond="the rest is cut off",
    ),
    Bound(
        what="a run",
        at=STATUS + "request_deadline_seconds",
        unit=Unit.SECONDS,
        beyond="what is open then fails as `expired`",
    ),
    Bound(
        what="days that an ended request is kept",
        at=STATUS + "retention_days",
        unit=Unit.DAYS,
        beyond="404",
    ),
)
