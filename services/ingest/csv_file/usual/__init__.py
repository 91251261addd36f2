"""Takes rows in the usual form many at once, as the whole judgement takes each. It judges no other row."""
