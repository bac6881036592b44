"""An engine's outside as a program: lock, socket, /api/meta, /api/state, /api/stop.

Only the standard library, so that it starts at once. What it does wrong is told by its
environment: PROTOCOL, STATE, EXIT_CODE, NEVER_BIND. Each life is a line in the file STARTS.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import signal
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import UnixStreamServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    arguments: argparse.Namespace

    def do_GET(self) -> None:
        if self.path == "/api/meta":
            self.answer(meta(self.arguments))
        else:
            self.answer({"state": os.environ.get("STATE", "idle")})

    def do_POST(self) -> None:
        self.send_response(204)
        self.end_headers()
        self.close_connection = True
        # From another thread: the server can't stop while it serves this request.
        threading.Thread(target=self.server.shutdown).start()

    def answer(self, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = True

    def address_string(self) -> str:
        return "client"


def meta(arguments: argparse.Namespace) -> dict[str, object]:
    return {
        "protocol": int(os.environ.get("PROTOCOL", "1")),
        "version": "0",
        "sqlmesh_version": None,
        "pid": os.getpid(),
        "started": 1,
        "paths": arguments.path,
        "project": os.getcwd(),
        "gateway": arguments.gateway,
        "engine_type": None,
        "models": None,
        "project_state": "importing",
        "log_path": arguments.log,
    }


def main() -> int:
    parser = argparse.ArgumentParser()
    for flag in ("--socket", "--lock", "--log", "--gateway", "--grace"):
        parser.add_argument(flag)
    parser.add_argument("--path", action="append")
    parser.add_argument("--ephemeral", type=int)
    arguments = parser.parse_args()
    if (code := int(os.environ.get("EXIT_CODE", "0"))) != 0:
        sys.stderr.write("first line\nno module named sqlmesh\n")
        return code
    lock = os.open(arguments.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return 0
    if starts := os.environ.get("STARTS"):
        with Path(starts).open("a") as file:
            file.write(f"{os.getpid()} {' '.join(sys.argv[1:])}\n")
    if os.environ.get("NEVER_BIND"):
        signal.pause()
    Path(arguments.socket).unlink(missing_ok=True)
    Handler.arguments = arguments
    with UnixStreamServer(arguments.socket, Handler) as server:
        server.socket.listen(socket.SOMAXCONN)
        sys.stdout.write("serving\n")
        sys.stdout.flush()
        server.serve_forever(poll_interval=0.02)
    Path(arguments.socket).unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
