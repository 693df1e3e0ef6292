"""Serving clips by ranges: our checked chunks beside nginx's sendfile and Starlette's FileResponse, in the same run.

Each server is a process of its own on a cached file; two connections ask for 4 MiB ranges at random, keep-alive, and
throw away what comes. Taken in turns, so that the machine's moods hit all alike.
"""

from __future__ import annotations

import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.bench import homes
from tests.bench.report import Rounds, Row
from tests.rig import wait_for
from tests.web.stage import free_port

PART = "serving"
LEAST_OF_NGINX, LEAST_OF_FILE_RESPONSE = 0.6, 2.0
"""Issue 5, 9."""
RANGE_BYTES = 4 << 20
CONNECTIONS = 2
SIZE = {False: 256 << 20, True: 1 << 30}
SECONDS = {False: 1.5, True: 5.0}
ROUNDS = 3
START_S = 60.0
CHECKED, FILE_RESPONSE, NGINX = "checked chunks", "Starlette FileResponse", "nginx sendfile"
NGINX_CONFIGURATION = """
daemon off; master_process on; worker_processes 1; pid {folder}/pid; error_log stderr error;
events {{ worker_connections 64; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""


def measure(*, full: bool) -> list[Row]:
    """All figures of this part; ``full``: a larger file, for longer."""
    with homes.folder() as root, ExitStack() as servers:
        files = root / "files"
        files.mkdir()
        path = files / "clip"
        _make(path, SIZE[full])
        ports = {
            CHECKED: servers.enter_context(_python(path, "checked")),
            FILE_RESPONSE: servers.enter_context(_python(path, "file")),
        }
        if (nginx := shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")) is not None:
            ports[NGINX] = servers.enter_context(_nginx(nginx, root))
        rounds = Rounds()
        for _ in range(ROUNDS):
            for name, port in ports.items():
                rounds.add(name, _rate(port, SIZE[full], SECONDS[full]))
    return _rows(rounds, ports)


def _rows(rounds: Rounds, names: dict[str, int]) -> list[Row]:
    rows = [
        Row(part=PART, what=name, value=rounds.median(name), unit="GB/s", spread=rounds.spread(name))
        for name in names
    ]
    for name, least in ((NGINX, LEAST_OF_NGINX), (FILE_RESPONSE, LEAST_OF_FILE_RESPONSE)):
        what = f"{CHECKED} to {name}"
        if name in names:
            value, spread = rounds.ratio(CHECKED, [name])
            rows.append(Row(part=PART, what=what, value=value, least=least, spread=spread))
        else:
            rows.append(Row(part=PART, what=what, value=0.0, note="not measured: there is no nginx here"))
    return rows


def _make(path: Path, size: int) -> None:
    """Bytes that nothing can squeeze; read once, so that they are in memory."""
    block = random.Random(5).randbytes(1 << 20)
    with path.open("wb") as file:
        for index in range(size >> 20):
            file.write(index.to_bytes(8, "big") + block[8:])
    path.read_bytes()


# --- servers --------------------------------------------------------------------------------------


@contextmanager
def _python(path: Path, kind: str) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "tests.bench.serving", kind, str(path), str(port)]
    with _running(command, port):
        yield port


@contextmanager
def _nginx(program: str, root: Path) -> Iterator[int]:
    port = free_port()
    settings = root / "nginx.conf"
    settings.write_text(NGINX_CONFIGURATION.format(folder=root, port=port))
    root.chmod(0o755)
    with _running([program, "-p", str(root), "-c", str(settings)], port):
        yield port


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        wait_for(lambda: _listens(port), START_S)
        yield
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def serve(kind: str, path: Path, port: int) -> None:
    """One of the two Python servers, in this process, until it is killed."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.responses import FileResponse
    from starlette.routing import Route

    from ingestd.model import CHUNK_BYTES
    from ingestd.vault import chunks
    from ingestd.web import ranges, streams
    from ingestd.web.guard import Guard
    from ingestd.web.serving import _Protocol
    from ingestd.web.verified import Checked

    size = path.stat().st_size
    with path.open("rb") as file:
        digests = b"".join(chunks.digest(file.read(CHUNK_BYTES)) for _ in range(chunks.count(size)))
    checked = Checked(path=path, size=size, digests=digests)

    def clip(request: Any) -> Any:
        if kind == "file":
            return FileResponse(path, media_type="video/mp4")
        span = ranges.span(request.headers, size, '"x"')
        head = streams.head(span, size=size, etag='"x"', content_type="video/mp4")
        return streams.Original(checked, span, head, sent=lambda *_: None, damaged=lambda _: None)

    guarded = Guard(Starlette(routes=[Route("/clip", clip)]), lambda: (), lambda: ())
    uvicorn.run(
        guarded, port=port, http=_Protocol, ws="none", lifespan="off", log_config=None, access_log=False
    )


# --- the asking side ------------------------------------------------------------------------------


def _rate(port: int, size: int, seconds: float) -> float:
    """GB/s that came by all connections together."""
    end, came = time.monotonic() + seconds, [0] * CONNECTIONS
    threads = [threading.Thread(target=_ask, args=(port, size, end, came, at)) for at in range(CONNECTIONS)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(came) / (time.monotonic() - begun) / 1e9


def _ask(port: int, size: int, end: float, came: list[int], at: int) -> None:
    choice, room = random.Random(at), bytearray(1 << 20)
    with socket.create_connection(("127.0.0.1", port)) as connection:
        while time.monotonic() < end:
            first = choice.randrange(0, size - RANGE_BYTES)
            asked = f"Range: bytes={first}-{first + RANGE_BYTES - 1}"
            connection.sendall(f"GET /clip HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{asked}\r\n\r\n".encode())
            left = _head(connection, room)
            while left:
                got = connection.recv_into(room)
                assert got, "the server ended the connection"
                left -= got
            came[at] += RANGE_BYTES


def _head(connection: socket.socket, room: bytearray) -> int:
    """Reads an answer's head; how much of its body is still to come."""
    seen = b""
    while b"\r\n\r\n" not in seen:
        got = connection.recv_into(room)
        assert got, "the server ended the connection"
        seen += room[:got]
    head, _, body = seen.partition(b"\r\n\r\n")
    assert b" 206 " in head.split(b"\r\n")[0] + b" ", head
    return RANGE_BYTES - len(body)


if __name__ == "__main__":
    serve(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
