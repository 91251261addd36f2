"""Kafka through aiokafka. Every broker option is stated here, once, because the library's defaults (latest,
auto-commit, no rebalance time-out) lose messages; nothing outside this folder imports the library.
"""

from shared.kafka.consumer import KafkaConsumer
from shared.kafka.lag import KafkaGroupLag
from shared.kafka.members import count_members
from shared.kafka.pause import KafkaPauseMemory
from shared.kafka.producer import KafkaProducer, open_producer
from shared.kafka.rewind import GroupInUse, rewind
from shared.kafka.subscription import Subscription

__all__ = [
    "GroupInUse",
    "KafkaConsumer",
    "KafkaGroupLag",
    "KafkaPauseMemory",
    "KafkaProducer",
    "Subscription",
    "count_members",
    "open_producer",
    "rewind",
]
