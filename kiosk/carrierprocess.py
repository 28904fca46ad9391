"""The carrier simulator as a process of its own: a real HTTP server on the loopback, for desks and demonstrations."""

import asyncio
import json
import sys
from pathlib import Path

from hardware.errors import OfflineError
from hardware.process import end_process

START_S = 20.0


class CarrierProcess:
    """Starts ``python -m kiosk.topup.simulator`` on a free port and ends it by its own process."""

    def __init__(self, config_dir: Path, store: Path) -> None:
        self._config_dir = config_dir
        self._store = store
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""
        """Base address, once started."""

    async def start(self) -> None:
        """Start and wait until it listens. Raises OfflineError when it does not."""
        command = ["-m", "kiosk.topup.simulator", "--port", "0", "--store", str(self._store), "--config", str(self._config_dir)]
        command.append("--attached")  # it must not outlive a kiosk that was killed
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True
        )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_S):
                line = await self._process.stdout.readline()
        except TimeoutError as error:
            raise OfflineError(f"the carrier simulator did not listen within {START_S:.0f} s") from error
        if not line:
            raise OfflineError("the carrier simulator ended at once; its message stands above")
        self.url = f"http://127.0.0.1:{json.loads(line)['port']}/v1"

    async def stop(self) -> None:
        """End it: SIGTERM, then SIGKILL."""
        if self._process is not None:
            await end_process(self._process, by_itself=False)
