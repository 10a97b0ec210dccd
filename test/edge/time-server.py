#!/usr/bin/env python3
"""Tells whoever asks what time it is (RFC 5905, mode 4): the lab's time server."""
import socket
import struct
import time

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("0.0.0.0", 123))
print("ready", flush=True)
while True:
    question, client = server.recvfrom(512)
    now = time.time() + 2208988800
    stamp = struct.pack("!II", int(now), int(now % 1 * 2**32))
    answer = struct.pack("!BBbb", 0x24, 2, 6, -20) + bytes(8) + b"LAB\0" + stamp + question[40:48] + stamp + stamp
    server.sendto(answer, client)
