"""When all has ended, each tenant reads the feed to its end, its requests, and their output CSVs."""

import random

from chaos.live.journal import Downloaded, Journal
from chaos.live.load.load import Load
from chaos.live.load.shop import ENDED, note_end


async def last_look(load: Load, journal: Journal) -> None:
    for follower in load.followers:
        while await follower.read_on():
            pass
    for account in load.accounts:
        calls = load.calls_of(account, random.Random(f"{load.seed} last look of {account.tenant}"))
        for request_id in sorted(set(load.accepted_by(account.tenant))):
            answer = await calls.ask("GET", f"/v1/requests/{request_id}")
            if answer.status != 200:
                continue  # deleted; of all others the tables tell
            if answer.body["state"] in ENDED:
                note_end(journal, answer.body)
            csv = await calls.ask("GET", f"/v1/requests/{request_id}/output.csv")
            journal.add(Downloaded(request_id=request_id, status=csv.status, text=str(csv.body)))
