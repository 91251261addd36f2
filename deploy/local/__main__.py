"""`make up`. It listens for signals before anything slow happens, imports included."""

import sys

from deploy.local.terminal import StopRequest

if __name__ == "__main__":
    stop_request = StopRequest()
    stop_request.listen()

    from deploy.local.run import run

    sys.exit(run(stop_request))
