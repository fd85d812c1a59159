#!/usr/bin/env python3
"""A source of time for hosts that may reach no other: answers NTP (RFC 5905) on ADDRESS:123 with this machine's time.

A file beside it, `clock.offset`, may say by how many seconds it is to be wrong.
"""
import pathlib
import socket
import struct
import sys
import time

SINCE_1900 = 2_208_988_800
OFFSET = pathlib.Path("/etc/ostler-lab/clock.offset")


def now():
    offset = float(OFFSET.read_text()) if OFFSET.exists() else 0.0
    seconds = time.time() + SINCE_1900 + offset
    return struct.pack("!II", int(seconds), int(seconds % 1 * 2**32))


listening = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
listening.bind((sys.argv[1], 123))
while True:
    question, asker = listening.recvfrom(1024)
    received = now()
    if len(question) < 48 or question[0] & 7 != 3:
        continue
    # No leap second, version 4, server; stratum 1, the asker's poll, a microsecond of precision; no delay, hardly any dispersion.
    head = struct.pack("!BBBb", 4 << 3 | 4, 1, question[2], -20) + struct.pack("!II", 0, 1) + b"LAB\0"
    listening.sendto(head + received + question[40:48] + received + now(), asker)
