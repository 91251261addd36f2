"""Logs, metrics, health, memory. It serves nothing and knows no service."""
