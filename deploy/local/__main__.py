"""`make up`. It listens for signals before anything slow happens, imports included."""

import sys

from deploy.local.terminal import StopRequest

ABOUT = "Starts Kafka, PostgreSQL, the four services and their gateway on this machine, until Ctrl-C."

if __name__ == "__main__":
    stop_request = StopRequest()
    stop_request.listen()

    from deploy.local.usage import refuse_arguments

    refuse_arguments("deploy.local", ABOUT)

    from deploy.local.run import run

    sys.exit(run(stop_request))
