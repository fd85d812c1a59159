"""The replica set of the stand-in for mongod.

Elections follow the rules of the real ones that matter to an operator: terms, one vote in each, a majority of all members, nobody
behind its voters, a dry run first. There are no priorities, no arbiters and no handoff: after a step-down the others wait for the
election timeout. Nothing is replicated but the optime of the primary. Members talk to each other with the names of the real
commands, replSetHeartbeat and replSetRequestVotes, in a form of their own.

An optime is (term, seconds, counter), so that two compare.
"""

import asyncio
import json
import os
import random
import time
from datetime import datetime, timezone

from bson.int64 import Int64
from bson.timestamp import Timestamp
from mongo_wire import Failure, ask

# Holds mongod-state (ROLLBACK or RECOVERING) and mongod-lag (seconds to be behind), when that is ordered.
ORDERS = "/etc/ostler-lab"
SAVED = "/var/lib/mongodb/election.json"

# In seconds. A member is out of reach, and a set without a primary, after the real one's electionTimeoutMillis.
HEARTBEAT = 1
TIMEOUT = 10
TICK = 0.25
STARTING = 2

STATES = {"PRIMARY": 1, "SECONDARY": 2, "RECOVERING": 3, "STARTUP2": 5, "DOWN": 8, "ROLLBACK": 9}
NOT_REACHABLE = "(not reachable/healthy)"


def tell(what):
    print(f"stand-in: {what}", flush=True)


def moment(seconds):
    return datetime.fromtimestamp(seconds, timezone.utc)


def written(optime):
    return {"ts": Timestamp(optime[1], optime[2]), "t": Int64(optime[0])}


def read_optime(document):
    return (document["t"], document["ts"].time, document["ts"].inc)


class Peer:
    def __init__(self, index, name):
        self.index, self.name = index, name
        self.heard_at, self.up_since, self.said = None, None, {}

    def is_up(self):
        return self.heard_at is not None and time.monotonic() - self.heard_at < TIMEOUT

    def hear(self, said):
        now = time.monotonic()
        if not self.is_up():
            self.up_since = now
        self.heard_at, self.said = now, said


class Member:
    def __init__(self, config):
        self.set, self.names, self.name = config["set"], config["members"], config["self"]
        self.index = self.names.index(self.name)
        self.peers = [Peer(index, name) for index, name in enumerate(self.names) if name != self.name]
        self.majority = len(self.names) // 2 + 1
        self.state, self.started, self.elected = "STARTUP2", time.monotonic(), None
        self.is_stepping_down, self.frozen_until, self.judge_at = False, 0, 0
        self.term, self.voted_for, self.optime = 0, None, (0, 0, 0)
        if os.path.exists(SAVED):
            with open(SAVED) as file:
                self.term, self.voted_for, optime = json.load(file)
            self.optime = tuple(optime)
        self.wait_for_primary()

    def save(self):
        with open(f"{SAVED}.new", "w") as file:
            json.dump([self.term, self.voted_for, self.optime], file)
        os.replace(f"{SAVED}.new", SAVED)

    def wait_for_primary(self, since=None):
        self.stand_at = (since or time.monotonic()) + TIMEOUT + random.uniform(0, 2)

    def other_primary(self):
        """The primary as this member knows it, or None. One of an older term has not heard yet that it is none."""
        up = [peer for peer in self.peers if peer.is_up()]
        return next((peer for peer in up if peer.said["state"] == "PRIMARY" and peer.said["term"] >= self.term), None)

    def see_term(self, term):
        if term <= self.term:
            return
        if self.state == "PRIMARY":
            self.step_down(f"there is a term {term}")
        self.term, self.voted_for = term, None
        self.save()

    def step_down(self, why):
        self.state, self.elected = "SECONDARY", None
        self.wait_for_primary()
        tell(f"stepped down in term {self.term}: {why}")

    def write(self):
        seconds = int(time.time())
        if self.optime[:2] != (self.term, seconds):
            self.optime = (self.term, seconds, 1)
            self.save()

    def replicate(self, primary):
        term, seconds, counter = read_optime(primary.said["optime"])
        optime = (term, seconds - int(order("mongod-lag") or 0), counter)
        if optime != self.optime:
            self.optime = optime
            self.save()

    async def live(self):
        while True:
            slept_at = time.monotonic()
            await asyncio.sleep(TICK)
            if time.monotonic() - slept_at > TIMEOUT / 2:
                # It was not run for a while, and must hear the others before it judges them.
                self.wait_for_primary()
                self.judge_at = time.monotonic() + TIMEOUT
            self.obey()
            await self.do_part()

    def obey(self):
        ordered = order("mongod-state")
        if ordered and self.state == "PRIMARY":
            self.step_down(f"{ordered} was ordered")
        if ordered:
            self.state = ordered
        elif self.state in ("ROLLBACK", "RECOVERING"):
            self.state = "SECONDARY"
            self.wait_for_primary()
        elif self.state == "STARTUP2" and time.monotonic() - self.started > STARTING:
            self.state = "SECONDARY"

    async def do_part(self):
        if self.state == "PRIMARY":
            in_reach = 1 + sum(peer.is_up() for peer in self.peers)
            if in_reach < self.majority and time.monotonic() > self.judge_at:
                self.step_down("no majority is in reach")
            elif not self.is_stepping_down:
                self.write()
            return
        primary = self.other_primary()
        if primary:
            self.wait_for_primary(since=primary.heard_at)
            if self.state in ("SECONDARY", "STARTUP2"):
                self.replicate(primary)
        elif self.state == "SECONDARY" and time.monotonic() > max(self.stand_at, self.frozen_until):
            self.wait_for_primary()
            await self.stand()

    async def stand(self):
        term = self.term + 1
        if not await self.wins(term, dry_run=True) or self.term >= term:
            return
        self.term, self.voted_for = term, self.index
        self.save()
        won = await self.wins(term, dry_run=False)
        if won and self.term == term and self.state == "SECONDARY":
            self.state, self.elected = "PRIMARY", int(time.time())
            self.write()
            tell(f"elected in term {term}")

    async def wins(self, term, dry_run):
        request = {"replSetRequestVotes": 1, "dryRun": dry_run, "term": term, "candidateIndex": self.index}
        request["lastAppliedOpTime"] = written(self.optime)
        answers = await asyncio.gather(*(ask(peer.name, request) for peer in self.peers), return_exceptions=True)
        granted = [answer["voteGranted"] for answer in answers if isinstance(answer, dict)]
        return 1 + sum(granted) >= self.majority

    def vote(self, request):
        term, candidate, is_dry = request["term"], request["candidateIndex"], request["dryRun"]
        if not is_dry:
            self.see_term(term)
        is_free = is_dry or self.voted_for in (None, candidate)
        granted = term >= self.term and is_free and read_optime(request["lastAppliedOpTime"]) >= self.optime
        if granted and not is_dry:
            self.voted_for = candidate
            self.save()
            self.wait_for_primary()
        return {"term": Int64(self.term), "voteGranted": granted}

    async def watch(self, peer):
        while True:
            try:
                said = await ask(peer.name, {"replSetHeartbeat": self.set, "term": Int64(self.term)})
                peer.hear(said)
                self.see_term(said["term"])
            except (OSError, EOFError, asyncio.TimeoutError):
                pass
            await asyncio.sleep(HEARTBEAT)

    def heartbeat(self, request):
        self.see_term(request.get("term", 0))
        sees = {member["name"]: member["stateStr"] for member in self.members()}
        said = {"set": self.set, "state": self.state, "term": Int64(self.term), "optime": written(self.optime)}
        return {**said, "sees": sees, **({"elected": Int64(self.elected)} if self.elected else {})}

    async def hand_over(self, request):
        seconds = int(request["replSetStepDown"])
        catch_up = int(request.get("secondaryCatchUpPeriodSecs", 10))
        if self.state != "PRIMARY":
            raise Failure(10107, "not primary so can't step down")
        if seconds < catch_up:
            raise Failure(2, "stepdown period must be longer than secondaryCatchUpPeriodSecs")
        deadline = time.monotonic() + catch_up
        self.is_stepping_down = True
        try:
            while not self.has_successor() and time.monotonic() < deadline and self.state == "PRIMARY":
                await asyncio.sleep(TICK)
        finally:
            self.is_stepping_down = False
        if self.state != "PRIMARY":
            raise Failure(189, "this member stepped down by itself while it waited for the others")
        if not self.has_successor():
            advice = "Please use the replSetStepDown command with the argument {force: true} to force node to step down."
            raise Failure(50, f"No electable secondaries caught up as of {moment(time.time()).isoformat()}. {advice}")
        self.frozen_until = time.monotonic() + seconds
        self.step_down(f"replSetStepDown for {seconds} s")
        return {}

    def has_successor(self):
        electable = (peer for peer in self.peers if peer.is_up() and peer.said["state"] == "SECONDARY")
        return any(read_optime(peer.said["optime"]) >= self.optime for peer in electable)

    def members(self):
        own = described(self.index, self.name, self.state, self.started, self.optime, self.elected)
        members = [{**own, "configVersion": 1, "self": True}, *(described_peer(peer) for peer in self.peers)]
        return sorted(members, key=lambda member: member["_id"])

    def status(self):
        return {
            "set": self.set,
            "date": moment(time.time()),
            "myState": STATES[self.state],
            "term": Int64(self.term),
            "heartbeatIntervalMillis": Int64(HEARTBEAT * 1000),
            "majorityVoteCount": self.majority,
            "members": self.members(),
        }


def order(name):
    try:
        with open(f"{ORDERS}/{name}") as file:
            return file.read().strip()
    except FileNotFoundError:
        return None


def described(index, name, state, since, optime, elected):
    return {
        "_id": index,
        "name": name,
        "health": 1.0,
        "state": STATES[state],
        "stateStr": state,
        "uptime": int(time.monotonic() - since),
        "optime": written(optime),
        "optimeDate": moment(optime[1]),
        **({"electionTime": Timestamp(elected, 1), "electionDate": moment(elected)} if elected else {}),
    }


def described_peer(peer):
    if peer.is_up():
        optime = read_optime(peer.said["optime"])
        document = described(peer.index, peer.name, peer.said["state"], peer.up_since, optime, peer.said.get("elected"))
        return {**document, "lastHeartbeat": moment(time.time() - (time.monotonic() - peer.heard_at)), "configVersion": 1}
    lost = {"health": 0.0, "state": STATES["DOWN"], "stateStr": NOT_REACHABLE, "uptime": 0}
    optime = {"optime": {"ts": Timestamp(0, 0), "t": Int64(-1)}, "optimeDate": moment(0)}
    return {"_id": peer.index, "name": peer.name, **lost, **optime}
