"""A stand-in for mongod, for hosts of the lab. It stores nothing: it is a member of a replica set and tells of it.

It speaks as much of MongoDB's wire protocol as the real mongosh needs to connect, to log in and to ask for the state of the
set or for a step-down.

    mongod-stand-in.py       runs it; what it tells goes to stdout, one line for each start, election, step-down and stop
    mongod-stand-in.py ask   prints what the one on this host knows, for the harness
"""

import asyncio
import json
import os
import secrets
import signal
import sys
import time
from base64 import b64encode
from hmac import compare_digest

from mongo_wire import Account, Failure, ask, serve
from replica_set import Member, moment, tell

CONFIG = "/etc/mongod-stand-in.json"
PORT = 27017


class Client:
    def __init__(self, member, account):
        self.member, self.account, self.is_logged_in = member, account, False

    async def answer(self, request):
        name = next(iter(request)).lower()
        command = COMMANDS.get(name)
        try:
            if command is None:
                raise Failure(59, f"no such command: '{name}'; this is a stand-in")
            if name not in OPEN and not self.is_logged_in:
                raise Failure(13, f"Command {next(iter(request))} requires authentication")
            answer = command(self, request)
            return {**(await answer if asyncio.iscoroutine(answer) else answer), "ok": 1.0}
        except Failure as failure:
            return failure.document

    def hello(self, request):
        state, primary = self.member.state, self.member.other_primary()
        return {
            "helloOk": True,
            "ismaster": state == "PRIMARY",
            "isWritablePrimary": state == "PRIMARY",
            "secondary": state == "SECONDARY",
            "setName": self.member.set,
            "setVersion": 1,
            "hosts": self.member.names,
            "me": self.member.name,
            **({"primary": primary.name} if primary else {}),
            **({"saslSupportedMechs": ["SCRAM-SHA-256"]} if "saslSupportedMechs" in request else {}),
            "maxBsonObjectSize": 16777216,
            "maxMessageSizeBytes": 48000000,
            "maxWriteBatchSize": 100000,
            "localTime": moment(time.time()),
            "logicalSessionTimeoutMinutes": 30,
            "minWireVersion": 0,
            "maxWireVersion": 21,
            "readOnly": False,
        }

    def begin_login(self, request):
        first = request["payload"].decode().split(",", 2)[2]
        fields = dict(field.split("=", 1) for field in first.split(","))
        if request["mechanism"] != "SCRAM-SHA-256" or fields["n"] != self.account.user:
            raise Failure(18, "Authentication failed.")
        salt = b64encode(self.account.salt).decode()
        challenge = f"r={fields['r']}{secrets.token_urlsafe(18)},s={salt},i={self.account.iterations}"
        self.exchanged = f"{first},{challenge}"
        return {"conversationId": 1, "done": False, "payload": challenge.encode()}

    def go_on_with_login(self, request):
        said, _, proof = request["payload"].rpartition(b",p=")
        expected, signature = self.account.proof_and_signature(self.exchanged.encode() + b"," + said)
        if not compare_digest(proof, expected):
            raise Failure(18, "Authentication failed.")
        self.is_logged_in = True
        return {"conversationId": 1, "done": True, "payload": b"v=" + signature}

    def log_out(self, request):
        self.is_logged_in = False
        return {}

    def connection_status(self, request):
        users = [{"user": self.account.user, "db": "admin"}] if self.is_logged_in else []
        return {"authInfo": {"authenticatedUsers": users, "authenticatedUserRoles": []}}


COMMANDS = {
    "hello": Client.hello,
    "ismaster": Client.hello,
    "ping": lambda client, request: {},
    "buildinfo": lambda client, request: {"version": "7.0.0", "versionArray": [7, 0, 0, 0], "gitVersion": "stand-in"},
    "connectionstatus": Client.connection_status,
    "saslstart": Client.begin_login,
    "saslcontinue": Client.go_on_with_login,
    "logout": Client.log_out,
    "endsessions": lambda client, request: {},
    "getparameter": lambda client, request: {"featureCompatibilityVersion": {"version": "7.0"}},
    "replsetgetstatus": lambda client, request: client.member.status(),
    "replsetstepdown": lambda client, request: client.member.hand_over(request),
    "replsetheartbeat": lambda client, request: client.member.heartbeat(request),
    "replsetrequestvotes": lambda client, request: client.member.vote(request),
}

# What needs no login. Real members log in to each other; here whoever comes may be one.
OPEN = {"hello", "ismaster", "ping", "buildinfo", "connectionstatus", "saslstart", "saslcontinue", "logout"}
OPEN |= {"replsetheartbeat", "replsetrequestvotes"}


async def run():
    with open(CONFIG) as file:
        config = json.load(file)
    member, account = Member(config), Account(config["user"], config["password"])

    def stop():
        tell(f"stopped in term {member.term}")
        os._exit(0)

    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop)
    await asyncio.start_server(lambda *streams: serve(*streams, Client(member, account).answer), "0.0.0.0", PORT)
    tell(f"started as {member.name} of {member.set} in term {member.term}")
    await asyncio.gather(member.live(), *(member.watch(peer) for peer in member.peers))


if sys.argv[1:] == ["ask"]:
    print(json.dumps(asyncio.run(ask(f"127.0.0.1:{PORT}", {"replSetHeartbeat": 1})), default=str))
else:
    asyncio.run(run())
