"""Status' whole engine and the notifier's handler on a real Postgres, with broker, processors and time itself
in the hands of one seeded scheduler: an hour of faults takes seconds, and a failing seed repeats.
"""
