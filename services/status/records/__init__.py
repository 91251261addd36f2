"""What is known of a request, from rows, event or file. It decides nothing and renders nothing."""
