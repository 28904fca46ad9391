"""The carrier simulator as a process of its own: a real HTTP server on the loopback, for desks and demonstrations."""

import asyncio
import json
import sys
from pathlib import Path

from hardware.errors import OfflineError
from hardware.process import end_process

START_S = 20.0


class CarrierProcess:
    """Starts ``python -m kiosk.topup.simulator`` on a free port and ends it by its own process.

    It speaks HTTPS and wants every request signed, as a real one would. That costs nothing at the start: the certificate is
    made in its process (0.13 s, nearly all of it the import of cryptography), and a kiosk that pins one authority does not
    read everybody else's (0.16 s) [measured].
    """

    def __init__(self, config_dir: Path, store: Path, kiosk_id: str, key: Path) -> None:
        """``key``: the secret that it shares with the kiosk."""
        self._config_dir = config_dir
        self._store = store
        self._key = f"{kiosk_id}={key}"
        self._process: asyncio.subprocess.Process | None = None
        self.url = ""
        """Base address, once started."""
        self.ca_pem = ""
        """The authority of its certificate, once started."""

    async def start(self) -> None:
        """Start and wait until it listens. Raises OfflineError when it does not."""
        command = ["-m", "kiosk.topup.simulator", "--port", "0", "--store", str(self._store), "--config", str(self._config_dir)]
        command += ["--tls", "--key", self._key]
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
        said = json.loads(line)
        self.url, self.ca_pem = f"https://127.0.0.1:{said['port']}/v1", said["ca"]

    async def stop(self) -> None:
        """End it: SIGTERM, then SIGKILL."""
        if self._process is not None:
            await end_process(self._process, by_itself=False)
