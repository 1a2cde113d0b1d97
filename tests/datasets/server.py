"""A server on this machine that misbehaves in the ways real ones do."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class MisbehavingServer:
    """Serves `payload` under paths that say how.

    Attributes
    ----------
    payload : bytes
        What an honest answer holds.
    requests : list[str]
        Paths asked for.
    """

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.requests: list[str] = []
        self.release = threading.Event()
        self.address = ""


@contextmanager
def serving(payload: bytes) -> Iterator[MisbehavingServer]:
    """Run a `MisbehavingServer` on a free port of 127.0.0.1."""
    state = MisbehavingServer(payload)

    class Handler(_Handler):
        server_state = state

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield state
    finally:
        state.release.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server_state: MisbehavingServer

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""

    def do_GET(self) -> None:
        state = self.server_state
        state.requests.append(self.path)
        way = self.path.strip("/").split("/")[0]
        getattr(self, f"_{way}")(state)

    def _answer(self, body: bytes, length: int | None = None, status: int = 200) -> None:
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(body)

    def _honest(self, state: MisbehavingServer) -> None:
        self._answer(state.payload, len(state.payload))

    def _unmeasured(self, state: MisbehavingServer) -> None:
        self._answer(state.payload)

    def _truncated(self, state: MisbehavingServer) -> None:
        self._answer(state.payload[: len(state.payload) // 2], len(state.payload))

    def _unmeasured_truncated(self, state: MisbehavingServer) -> None:
        self._answer(state.payload[:-1])

    def _understated(self, state: MisbehavingServer) -> None:
        self._answer(state.payload, len(state.payload) - 10)

    def _overstated(self, state: MisbehavingServer) -> None:
        self._answer(b"", 10**14)

    def _absurd(self, state: MisbehavingServer) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "-5")
        self.end_headers()
        self.wfile.write(state.payload)

    def _other(self, state: MisbehavingServer) -> None:
        self._answer(b"x" * len(state.payload), len(state.payload))

    def _endless(self, state: MisbehavingServer) -> None:
        self._answer(b"")
        try:
            while not state.release.is_set():
                self.wfile.write(bytes(1 << 16))
        except OSError:
            pass

    def _stalled(self, state: MisbehavingServer) -> None:
        self._answer(state.payload[:100], len(state.payload))
        self.wfile.flush()
        state.release.wait(20)

    def _compressed(self, state: MisbehavingServer) -> None:
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        self.wfile.write(state.payload)

    def _missing(self, state: MisbehavingServer) -> None:
        self._answer(b"no", 2, status=404)

    def _busy(self, state: MisbehavingServer) -> None:
        if len(state.requests) < 3:
            self._answer(b"later", 5, status=503)
        else:
            self._honest(state)

    def _flaky(self, state: MisbehavingServer) -> None:
        (self._truncated if len(state.requests) < 3 else self._honest)(state)

    def _redirect(self, location: str) -> None:
        self.send_response(302)
        self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _moved(self, state: MisbehavingServer) -> None:
        self._redirect("/honest/file")

    def _circle(self, state: MisbehavingServer) -> None:
        self._redirect("/circle/again")

    def _to_file(self, state: MisbehavingServer) -> None:
        self._redirect("file:///etc/passwd")

    def _to_ftp(self, state: MisbehavingServer) -> None:
        self._redirect("ftp://127.0.0.1/file")

    def _unreadable(self, state: MisbehavingServer) -> None:
        self._redirect("http://[")

    def _nowhere(self, state: MisbehavingServer) -> None:
        self.send_response(302)
        self.end_headers()

    def _garbage(self, state: MisbehavingServer) -> None:
        self.wfile.write(b"\x00\xff\r\n\r\nnot http")

    def _silent(self, state: MisbehavingServer) -> None:
        self.close_connection = True
