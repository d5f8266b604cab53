"""This computer's clock is compared with the Date header, parsed like every other date."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.odd_headers import NOW, ODD_DATES
from tests.needs import needs_zones
from tokendesk.api.client import Client
from tokendesk.api.pacing import clock_ahead
from tokendesk.desk.entries import Desk
from tokendesk.desk.telling import describe_implausible_clock
from tokendesk.model.secret import Secret

THEN = 1_795_424_400.0
THERE = "Mon, 23 Nov 2026 09:00:00"
YEAR = 366 * 86_400.0


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@needs_zones
@pytest.mark.usefixtures("tokyo")
@pytest.mark.parametrize("zone", ["", " GMT", " -0000", " +0000"])
def test_a_date_without_a_zone_is_no_local_time(zone: str) -> None:
    assert clock_ahead({"date": THERE + zone}, THEN + 5) == 5.0


@pytest.mark.parametrize("text", [*ODD_DATES, ""])
def test_an_odd_date_measures_no_clock(text: str) -> None:
    ahead = clock_ahead({"date": text}, NOW)
    assert ahead is None or ahead > 10 * YEAR


def test_a_long_body_is_not_taken_for_a_clock_that_is_ahead() -> None:
    now = THEN + 5
    asked_for = asyncio.Event()

    def clock() -> float:
        asked_for.set()
        return now

    async def asked() -> float | None:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal now
            await reader.readuntil(b"\r\n\r\n")
            asked_for.clear()
            writer.write(f"HTTP/1.1 200 OK\r\nDate: {THERE} GMT\r\nContent-Length: 2\r\n\r\n".encode())
            await writer.drain()
            await asked_for.wait()
            now += 1_000
            writer.write(b"{}")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            client = Client(f"http://127.0.0.1:{port}", Secret("ordinary"), clock=clock, timeout=10.0)
            assert await client.get("/", what="x") == b"{}"
            await client.close()
        return client.clock_ahead

    assert asyncio.run(asked()) == 5.0


def test_a_difference_of_more_than_ten_years_is_told_and_not_believed(tmp_path: Path) -> None:
    with Desk(tmp_path / "desk.sqlite") as desk:
        assert not desk.measure_clock(11 * YEAR)
        assert not desk.measure_clock(-11 * YEAR)
        assert not desk.is_measured
        assert desk.measure_clock(-9 * YEAR)
        assert desk.is_measured
    assert describe_implausible_clock(11 * YEAR).startswith("This computer's clock is 11 years ahead of the server's.")
    assert "11 years behind the server's" in describe_implausible_clock(-11 * YEAR)


async def test_a_slow_response_is_not_taken_for_a_clock_that_is_ahead() -> None:
    late = iter([40, 1, 30])

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 200 OK\r\nDate: {THERE} GMT\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        await writer.drain()
        writer.close()

    now = THEN
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        client = Client(f"http://127.0.0.1:{port}", Secret("ordinary"), clock=lambda: now, timeout=600.0)
        for seconds in late:
            now = THEN + seconds
            await client.get("/", what="x")
        await client.close()
    assert client.clock_ahead == 1.0
