"""An HTTP server that reads a whole body, as many small services do, for soak-uploads.ts.

It is Python's http.server with a do_POST: a blocking socket behind a buffered reader. It answers with
how much it read and its SHA-1, or with what the read raised. It prints its port first.

  upload-server.py [--keep-alive] [--one-thread] [--receive-buffer BYTES] [--alarm-ms MS]
"""

import argparse
import hashlib
import signal
import socket
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer

options = argparse.ArgumentParser()
options.add_argument("--keep-alive", action="store_true")
options.add_argument("--one-thread", action="store_true")
options.add_argument("--receive-buffer", type=int, default=0)
options.add_argument("--alarm-ms", type=int, default=0)
wanted = options.parse_args()


class Handler(BaseHTTPRequestHandler):
    # Only 1.1 keeps a connection, and answers `Expect: 100-continue`.
    protocol_version = "HTTP/1.1" if wanted.keep_alive else "HTTP/1.0"

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        try:
            body = self.rfile.read(size)
            text = f"{len(body)} {hashlib.sha1(body).hexdigest()}" if body is not None else "read() gave None"
        except OSError as error:
            text = f"read() raised {error!r}"
            self.close_connection = True
        answer = f"{text}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = (HTTPServer if wanted.one_thread else ThreadingHTTPServer)(("127.0.0.1", 0), Handler)
if wanted.receive_buffer:
    server.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, wanted.receive_buffer)
if wanted.alarm_ms:
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, wanted.alarm_ms / 1000, wanted.alarm_ms / 1000)
print(server.server_address[1], flush=True)
server.serve_forever()
