"""What is asked for in these tests, and how a wait of it ends."""

from tests.worlds.services.engine_world import EngineWorld


def products(count: int, each: int = 1) -> list[list[str]]:
    return [[f"https://a/{number}-{image}.jpg" for image in range(each)] for number in range(count)]


async def retries_are_due_now(world: EngineWorld) -> None:
    await world.pool.execute("UPDATE images SET due_at = now() - interval '1 s' WHERE due_at IS NOT NULL")
    await world.pool.execute(
        "UPDATE requests SET next_due_at = now() - interval '1 s' WHERE next_due_at IS NOT NULL"
    )
