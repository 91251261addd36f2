"""The HTTP side: an upload comes in, an answer goes out. It judges no CSV itself."""
