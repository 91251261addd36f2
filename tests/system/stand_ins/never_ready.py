"""A service that runs and never gets ready."""

from tests.system.stand_ins.ready import Answer, serve

if __name__ == "__main__":
    Answer.status = 503
    serve()
