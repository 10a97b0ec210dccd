#!/usr/bin/env python3
"""Tries one way out of a host: exit code 0 if somebody answered, 1 with the reason if not.

usage: ask.py tcp|dns|ntp <address> [port]
"""
import socket
import sys

kind, address, port = sys.argv[1], sys.argv[2], int((sys.argv[3:] or [0])[0])
family = socket.AF_INET6 if ":" in address else socket.AF_INET
QUESTION = bytes.fromhex("000101000001000000000000046d71747404656467650765786d616d706c650000010001".replace("65786d616d706c65", "6578616d706c65"))
try:
    if kind == "tcp":
        socket.create_connection((address, port), timeout=3).close()
    else:
        asked = socket.socket(family, socket.SOCK_DGRAM)
        asked.settimeout(3)
        # RFC 1035: a question for mqtt.edge.example; RFC 5905: version 4, mode 3.
        asked.sendto(QUESTION if kind == "dns" else b"\x23" + bytes(47), (address, 53 if kind == "dns" else 123))
        asked.recv(512)
except OSError as error:
    print(error)
    sys.exit(1)
