"""Decides: plans, dispatches, keeps every state in Postgres, answers for it. It fetches and posts nothing."""
