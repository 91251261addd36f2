"""An image's life: dispatched, answered, lost, tried again. It knows no HTTP and no webhook."""
