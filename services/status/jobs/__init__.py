"""Repeating a step, taking turns, waking, publishing what is claimed. It knows none of the jobs it serves."""
