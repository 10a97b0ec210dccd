#!/usr/bin/env python3
"""A service manager's end of sd_notify(3): prints what it is told, and when that is nothing for a while."""
import socket
import sys

server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
server.settimeout(0.9)
print("ready", flush=True)
while True:
    try:
        # Descriptors that come with it are closed: whoever waits for that goes on.
        text = server.recv(4096).decode()
    except TimeoutError:
        print("silent", flush=True)
        continue
    for line in text.splitlines():
        print(line, flush=True)
