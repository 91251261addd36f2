"""What a processor has at work."""

from tests.writers.limits.bound import PROCESSOR, Bound, Unit

DECODER, FETCH = "services.processor.decoders.limits:DecoderLimits.", "services.processor.fetching.fetcher:"
WORK = (
    Bound(
        what="images under way in a processor",
        at=PROCESSOR + "concurrency",
        beyond="they wait in Kafka",
    ),
    Bound(
        what="requests of a processor to one host",
        at=PROCESSOR + "requests_per_host",
        beyond="they wait",
    ),
    Bound(
        what="of them to a host of which nothing has come",
        at="services.processor.fetching.host_width:FIRST",
        beyond="they wait",
    ),
    Bound(
        what="bodies above 1 MiB in memory",
        at=FETCH + "FetchLimits.large_bodies",
        beyond="they wait; no more work is taken",
    ),
    Bound(
        what="the largest body that is not counted among those",
        at=FETCH + "SMALL_BODY_BYTES",
        unit=Unit.BYTES,
        beyond="it waits for memory",
    ),
    Bound(what="decoders", at=PROCESSOR + "decoders", beyond="images wait for one"),
    Bound(
        what="pixels decoded at once",
        at=PROCESSOR + "max_pixels_in_flight",
        beyond="images wait",
    ),
    Bound(
        what="decoding that waits ahead",
        at="services.processor.decoders.turns:MOST_AHEAD_SECONDS",
        unit=Unit.SECONDS,
        beyond="one image of each request is at work; the others wait unfetched",
    ),
    Bound(
        what="memory used",
        at=PROCESSOR + "max_memory_used",
        unit=Unit.SHARE,
        beyond="no more work is taken, `/readyz` 503",
    ),
    Bound(
        what="disk used",
        at=PROCESSOR + "max_disk_used",
        unit=Unit.SHARE,
        beyond="no more work is taken, `/readyz` 503",
    ),
    Bound(
        what="of the images under way in a processor, those that wait for hosts that refuse",
        at="services.processor.fetching.host_gates:MOST_WAITING_SHARE",
        unit=Unit.SHARE,
        beyond="given back, come again",
    ),
    Bound(
        what="until such an image comes again, where its host did not say when",
        at="services.processor.fetching.host_gate:LONGEST_PROMISE_SECONDS",
        unit=Unit.SECONDS,
        beyond="given back again",
    ),
    Bound(
        what="a pause before a host that cut a request off",
        at="services.processor.fetching.host_width:LONGEST_PAUSE_SECONDS",
        unit=Unit.SECONDS,
        beyond="one is sent",
    ),
    Bound(
        what="images that are out at hosts that refuse",
        at="services.status.images.hosts.limited_hosts:PLACES",
        beyond="they wait in status",
    ),
    Bound(
        what="hosts that a processor remembers",
        at="services.processor.fetching.host_gates:MAX_HOSTS",
        beyond="those not met lately are forgotten",
    ),
    Bound(
        what="names being looked up",
        at="shared.outbound.resolver:MAX_LOOKUPS",
        beyond="they wait",
    ),
    Bound(
        what="addresses of a name that are tried",
        at="shared.outbound.resolver:MAX_ADDRESSES",
        beyond="the others are left out",
    ),
)
