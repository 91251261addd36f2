"""Every metric of the status service, by name."""

from prometheus_client import Gauge

OPEN_IMAGES = Gauge("pixmill_status_open_images", "Images of accepted requests that have not ended")
INTAKE_HELD = Gauge("pixmill_status_intake_held", "1 while csv.accepted waits because too many images are open")
