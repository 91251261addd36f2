"""What callers see and may do, by HTTP. It runs no job and consumes no topic."""
