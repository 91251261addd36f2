"""The real stack, attacked while it works: real processes, a real Kafka, a real Postgres."""
