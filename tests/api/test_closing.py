"""Closing leaves no connection open, whatever happens meanwhile."""

import asyncio
import gc

import pytest

from tests.sandbox.conftest import practice
from tokendesk.api.client import open_client
from tokendesk.model.secret import Secret
from tokendesk.sandbox.serve import Address, serving


@pytest.mark.parametrize("steps", [1, 2, 3, 4])
def test_all_is_closed_also_if_cancelled_twice(steps: int) -> None:
    async def connect(address: Address, connected: asyncio.Event) -> None:
        async with open_client(address.url, Secret(address.scoped_key)) as client:
            await asyncio.gather(*(client.get("/admin/v1/orgs", what=str(number)) for number in range(5)))
            connected.set()
            await asyncio.Event().wait()

    async def cancel_twice(address: Address) -> None:
        connected = asyncio.Event()
        task = asyncio.create_task(connect(address, connected))
        await connected.wait()
        task.cancel()
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with serving(practice()) as (address, _):
        asyncio.run(cancel_twice(address))
        gc.collect(1)  # what is left open becomes a warning, and so an error
