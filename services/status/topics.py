"""Kafka's part of the service: a consumer for each topic that the engine reads, and the lags of others."""

from contextlib import AsyncExitStack

from services.status.engine import Lags, TopicReader
from services.status.jobs.lag import Lag
from services.status.settings import Settings
from shared.consuming.broker import Producer
from shared.consuming.runner import Runner
from shared.contract.events import Topic
from shared.contract.groups import STATUS_GROUPS, Group
from shared.kafka import KafkaGroupLag, Subscription
from shared.observing.health import Health
from shared.serving import Side
from shared.tracing.tracing import Tracing


def consumer_of(
    topic: Topic,
    reader: TopicReader,
    settings: Settings,
    producer: Producer,
    *,
    health: Health,
    tracing: Tracing,
) -> Side:
    """A member of the topic's group, which runs until the service stops."""
    group = STATUS_GROUPS[topic]
    instance = settings.kafka_instance_id
    subscription = Subscription(
        group=group,
        topics=(topic,),
        bootstrap=settings.kafka_bootstrap,
        instance_id=f"{instance}-{group}" if instance else None,
        security=settings.kafka_security(),
        rest=reader.rest,
    )
    runner = Runner(subscription, producer, health, settings.drain_seconds, reader.commit_every_seconds)
    return lambda stopping: runner.batches(
        tracing.batch(reader.handle_batch),
        stopping=stopping,
        report_dead=reader.report_dead,
        needs=("database",),
        admits=reader.admits,
        gathers=reader.gathers,
    )


def open_lags(settings: Settings, opened: AsyncExitStack) -> Lags:
    """Their clients close with `opened`."""

    def lag_of(group: Group, *topics: Topic) -> Lag:
        looks = [
            KafkaGroupLag(
                bootstrap=settings.kafka_bootstrap,
                group=group,
                topic=topic.value,
                security=settings.kafka_security(),
            )
            for topic in topics
        ]
        for look in looks:
            opened.push_async_callback(look.close)

        async def lag() -> int:
            return sum([await look.read() for look in looks])

        return lag

    return Lags(
        intake=lag_of(Group.STATUS_CSV_ACCEPTED, Topic.CSV_ACCEPTED),
        processors=lag_of(Group.PROCESSOR, Topic.IMAGE_REQUESTED),
        results=lag_of(Group.STATUS_IMAGE_DONE, Topic.IMAGE_DONE),
        notifiers=lag_of(Group.NOTIFIER, Topic.REQUEST_COMPLETED, Topic.WEBHOOK_RETRY),
        attempts=lag_of(Group.STATUS_WEBHOOK_ATTEMPTED, Topic.WEBHOOK_ATTEMPTED),
    )
