"""What MongoDB's clients and servers say to each other, as much as the stand-in for mongod needs of it."""

import asyncio
import base64
import hashlib
import hmac
import itertools
import secrets
import struct

from bson import BSON

OP_REPLY, OP_QUERY, OP_MSG = 1, 2004, 2013
request_ids = itertools.count(1)

# For how long an answer is waited for, in seconds.
ANSWER = 2

CODES = {
    2: "BadValue",
    13: "Unauthorized",
    18: "AuthenticationFailed",
    50: "ExceededTimeLimit",
    59: "CommandNotFound",
    189: "PrimarySteppedDown",
    10107: "NotWritablePrimary",
}


class Failure(Exception):
    def __init__(self, code, message):
        super().__init__(message)
        self.document = {"ok": 0.0, "errmsg": message, "code": code, "codeName": CODES[code]}


async def read_message(reader):
    """The opcode, the request's id and the document of one message; what follows the first section is left out."""
    length, request_id, _, opcode = struct.unpack("<iiii", await reader.readexactly(16))
    body = await reader.readexactly(length - 16)
    start = body.index(b"\0", 4) + 9 if opcode == OP_QUERY else 5
    (size,) = struct.unpack_from("<i", body, start)
    return opcode, request_id, BSON(body[start : start + size]).decode()


def message(document, answers=0, opcode=OP_MSG):
    head = struct.pack("<iqii", 8, 0, 0, 1) if opcode == OP_REPLY else struct.pack("<ib", 0, 0)
    body = head + BSON.encode(document)
    return struct.pack("<iiii", 16 + len(body), next(request_ids), answers, opcode) + body


async def ask(name, command):
    async def exchange():
        address, port = name.rsplit(":", 1)
        reader, writer = await asyncio.open_connection(address, int(port))
        try:
            writer.write(message({**command, "$db": "admin"}))
            return (await read_message(reader))[2]
        finally:
            writer.close()

    return await asyncio.wait_for(exchange(), ANSWER)


async def serve(reader, writer, answer):
    """Answers what comes on one connection until it ends. The first hello of a driver comes in the old form."""
    try:
        while True:
            opcode, request_id, request = await read_message(reader)
            writer.write(message(await answer(request), request_id, OP_REPLY if opcode == OP_QUERY else OP_MSG))
            await writer.drain()
    except (EOFError, OSError):
        writer.close()


class Account:
    """The one account of the database admin, for SCRAM-SHA-256 (RFC 7677)."""

    def __init__(self, user, password):
        self.user, self.salt, self.iterations = user, secrets.token_bytes(28), 15000
        self.salted = hashlib.pbkdf2_hmac("sha256", password.encode(), self.salt, self.iterations)

    def proof_and_signature(self, text):
        client_key = hmac.digest(self.salted, b"Client Key", "sha256")
        signature = hmac.digest(hashlib.sha256(client_key).digest(), text, "sha256")
        server_key = hmac.digest(self.salted, b"Server Key", "sha256")
        proof = bytes(a ^ b for a, b in zip(client_key, signature))
        return base64.b64encode(proof), base64.b64encode(hmac.digest(server_key, text, "sha256"))
