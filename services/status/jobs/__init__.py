"""Repeating a step, taking turns, waking. It knows none of the jobs that use it."""
