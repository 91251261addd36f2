"""A service that runs and never gets ready."""

from tests.system.stand_ins.ready import ReadyHandler, serve

if __name__ == "__main__":
    ReadyHandler.status = 503
    serve()
