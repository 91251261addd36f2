"""A repeated address is known for as long as a file may be; the memory for it has an end."""

from services.ingest.csv_file.image_urls.memory import UrlMemory


def test_more_than_half_a_million_addresses_are_all_known_again() -> None:
    """R24"""
    count = 600_000
    memory = UrlMemory(file_bytes=count * len("https://img.example/1.jpg,"))
    urls = [f"https://img.example/{number}" for number in range(count)]
    assert all(memory.first_use(url, ordinal) == ordinal for ordinal, url in enumerate(urls))
    assert all(memory.first_use(url, count + ordinal) == ordinal for ordinal, url in enumerate(urls))


def test_beyond_its_slots_it_forgets_new_addresses_and_keeps_the_old() -> None:
    memory = UrlMemory(file_bytes=10**9, most_slots=1024)
    assert [memory.first_use(str(number), number) for number in range(2000)] == list(range(2000))
    assert [memory.first_use(str(number), 5000 + number) for number in range(768)] == list(range(768))
    assert memory.first_use("1999", 9000) == 9000


def test_the_shortest_addresses_a_file_can_hold_fit() -> None:
    shortest = "http://a.b,"
    memory = UrlMemory(file_bytes=100_000 * len(shortest))
    for ordinal in range(100_000):
        memory.first_use(str(ordinal), ordinal)
    assert all(memory.first_use(str(ordinal), 200_000) == ordinal for ordinal in range(100_000))
