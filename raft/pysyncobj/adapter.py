"""PySyncObj behind protocol 1 of raftcheck (raft/pipe/PROTOCOL.md): a line of JSON in, one out.

Nothing of the library is changed. Its clock, its luck, its journal and its transport are
replaced from outside. With the argument "persistent" the term and the vote are kept on the
disk, which PySyncObj 0.3.11 does not do.
"""

import base64
import json
import logging
import os
import pickle
import random
import sys

if os.environ.get("PYTHONHASHSEED") != "0":  # the library iterates over sets of nodes
    os.environ["PYTHONHASHSEED"] = "0"
    os.execv(sys.executable, [sys.executable] + sys.argv)

import pysyncobj.syncobj as library
from pysyncobj import SyncObj, SyncObjConf, replicated
from pysyncobj.config import FAIL_REASON
from pysyncobj.journal import Journal
from pysyncobj.node import Node
from pysyncobj.transport import Transport

logging.disable(logging.CRITICAL)

PERSISTENT = sys.argv[1:] == ["persistent"]
TICK = 0.05  # seconds; the library's election timeouts are 0.4 to 1.4, its heartbeat 0.1
START = 1000.0
MOST_QUIET = 1000
FOLLOWER, CANDIDATE, LEADER = range(3)
KINDS = {
    "request_vote": "RequestVote",
    "response_vote": "VoteReply",
    "append_entries": "AppendEntries",
    "next_node_idx": "AppendReply",
}
OUTCOMES = {FAIL_REASON.SUCCESS: "done", FAIL_REASON.QUEUE_FULL: "rejected", FAIL_REASON.MISSING_LEADER: "rejected"}


def base64_of(data):
    return base64.b64encode(data).decode()


class Clock:
    now = START


class Luck:
    """Stands for the module random in the library."""

    generator = random.Random(0)

    def random(self):
        return self.generator.random()


class NoPoller:
    def poll(self, timeout):
        pass


library.monotonicTime = lambda: Clock.now
library.random = Luck()
library.createPoller = lambda kind: NoPoller()


class Disk(Journal):
    """The library's FileJournal, with each change written down: a call that returns when durable.

    Every new journal begins with an entry of index 1 and term 0. To raftcheck the log begins
    after it, so that an index here is one more than an index there.
    """

    def __init__(self, records):
        self.entries, self.commit, self.saved = [(b"\1", 1, 0)], 1, 1
        self.kept, self.writes, self.issued = [0, None], [], 0
        self.changed = 0  # entries before this one are as they were at the last answer
        for record in records:
            for change, value in record.items():
                getattr(self, "_" + change)(value)
        self.saved = self.commit

    def _add(self, value):
        index, term, command = value
        self.entries.append((base64.b64decode(command), index, term))

    def _cut(self, at):
        del self.entries[at:]
        self.changed = min(self.changed, at)

    def _commit(self, index):
        self.commit = index

    def _keep(self, kept):
        self.kept = kept

    def write(self, **change):
        if "keep" not in change:
            keep()  # no entry is on the disk without its term
        self.issued += 1
        self.writes.append({"data": change, "blocking": True})

    def add(self, command, index, term):
        command = bytes(command)
        self.entries.append((command, index, term))
        self.write(add=[index, term, base64_of(command)])

    def deleteEntriesFrom(self, at):
        if at < len(self.entries):
            self.write(cut=at)
        self._cut(at)

    def setRaftCommitIndex(self, index):
        self.commit = index

    def getRaftCommitIndex(self):
        return self.saved

    def onOneSecondTimer(self):
        if self.saved != self.commit:
            self.saved = self.commit
            self.write(commit=self.commit)

    def __getitem__(self, at):
        return self.entries[at]

    def __len__(self):
        return len(self.entries)

    def _destroy(self):
        pass


class Links(Transport):
    """Connections as TCP has them: between two boots a message arrives once, and in order."""

    def __init__(self, obj, me, others):
        super().__init__(obj, me, others)
        self.sent, self.sends = {}, []
        self.connection = Luck.generator.getrandbits(30)
        self.heard, self.ended = {}, set()

    def send(self, node, message):
        self.sent[node.id] = self.sent.get(node.id, 0) + 1
        shown = {key: value for key, value in message.items() if key not in ("entries", "command")}
        if "entries" in message:
            shown["entries"] = [[entry[1], entry[2]] for entry in message["entries"]]
        payload = {"connection": [self.connection, self.sent[node.id]], **shown}
        payload["pickle"] = base64_of(pickle.dumps(message))
        self.sends.append({
            "to": int(node.id), "kind": KINDS.get(message["type"], message["type"]), "payload": payload,
            "after": State.disk.issued, "promise": promise(node, message),
        })
        return True

    def arrives(self, sender, connection, number):
        latest, last = self.heard.get(sender, (connection, 0))
        if connection != latest:
            self.ended.add((sender, latest))
            last = 0
        if (sender, connection) in self.ended or number <= last:
            return False
        self.heard[sender] = (connection, number)
        return True

    def deliver(self, sender, payload):
        if self.arrives(sender, *payload["connection"]):
            self._onMessageReceived(Node(str(sender)), pickle.loads(base64.b64decode(payload["pickle"])))

    def addNode(self, node):
        pass

    def dropNode(self, node):
        pass

    def destroy(self):
        pass


def promise(node, message):
    """What the receiver of a message relies on."""
    if message["type"] == "response_vote":
        return {"term": message["term"], "vote": int(node.id)}
    if message["type"] == "next_node_idx":
        last = message["next_node_idx"] - 1  # the leader takes the entries up to this one for stored
        stored = [e for e in State.disk.entries if e[1] == last > 1 and message["success"]]
        return {"term": State.get("raftCurrentTerm"), "last": [stored[0][2], last - 1] if stored else [0, 0]}
    return {"term": State.get("raftCurrentTerm")}


class App(SyncObj):
    @replicated
    def apply(self, data):
        return None


class State:
    """The node that this process holds."""

    obj = disk = links = None
    shown, applied, member, replies, said = [], 0, False, [], None

    @classmethod
    def get(cls, name):
        return getattr(cls.obj, "_SyncObj__" + name)

    @classmethod
    def set(cls, name, value):
        setattr(cls.obj, "_SyncObj__" + name, value)


library.createJournal = lambda path: State.disk


def boot(question):
    Clock.now = START
    Luck.generator = random.Random(question["seed"])
    State.obj = None
    State.disk = Disk(question["disk"])
    others = [Node(str(voter)) for voter in question["voters"] if voter != question["node"]]
    conf = SyncObjConf(
        autoTick=False, journalFile="disk", commandsWaitLeader=False,
        logCompactionMinTime=float("inf"), logCompactionMinEntries=sys.maxsize)  # there are no snapshots
    State.obj = App(Node(str(question["node"])), others, conf, transportClass=Links)
    State.links = State.get("transport")
    for node in others:
        State.links._onNodeConnected(node)
    State.shown, State.applied, State.replies, State.said = [], 0, [], None
    State.member = question["node"] in question["voters"]
    if PERSISTENT:
        State.set("raftCurrentTerm", State.disk.kept[0])
        State.set("votedForNodeId", State.disk.kept[1])


def run():
    if State.member:
        State.obj.doTick()


def tick():
    Clock.now += TICK
    run()


def timeout(question):
    if State.get("raftState") != LEADER:
        State.set("raftElectionDeadline", Clock.now - 1)
        run()


def receive(question):
    State.links.deliver(question["from"], question["payload"])
    run()


def propose(question):
    op = question["op"]
    if State.get("raftState") != LEADER:  # the library would forward it to the leader
        State.replies.append({"op": op, "outcome": "rejected"})
        return

    def done(result, error):
        State.replies.append({"op": op, "outcome": OUTCOMES.get(error, "unknown")})

    State.obj.apply(question["data"], callback=done)
    run()


def reject(question):
    State.replies.append({"op": question["op"], "outcome": "rejected"})


STEPS = {
    "tick": lambda question: tick(), "timeout": timeout, "receive": receive, "propose": propose,
    "reconfigure": reject, "transfer": reject, "compact": lambda question: None,
}


def entry(e):
    command, index, term = e
    if command[0] == 0:
        return {"at": [term, index - 1], "kind": "command", "data": pickle.loads(command[1:])[1][0]}
    return {"at": [term, index - 1], "kind": "noop" if command[0] == 1 else "config"}


def keep():
    """Keeps the term and the vote, before any entry, and before any message of the step leaves."""
    if not PERSISTENT or State.obj is None:
        return
    now = [State.get("raftCurrentTerm"), State.get("votedForNodeId")]
    if now != State.disk.kept:
        State.disk.kept = now
        State.disk.write(keep=now)
        for message in State.links.sends:
            message["after"] = State.disk.issued


def status():
    obj, leader = State.obj, State.obj._getLeader()
    members = [int(node.id) for node in obj.otherNodes] + ([int(obj.selfNode.id)] if State.member else [])
    return {
        "term": obj.raftCurrentTerm, "vote": int(State.get("votedForNodeId") or 0),
        "role": ["follower", "candidate", "leader"][State.get("raftState")],
        "leader": int(leader.id) if leader else 0,
        "commit": obj.raftCommitIndex - 1, "applied": State.applied, "voters": sorted(members),
    }


def quiet():
    """How many ticks change nothing: those before a timer fires, or a write is due."""
    if not State.member:
        return MOST_QUIET
    if State.obj.raftLastApplied < State.obj.raftCommitIndex:  # as after a boot
        return 0
    due = [State.get("raftElectionDeadline")]
    if State.get("raftState") == LEADER:
        heard = min(State.get("lastResponseTime").values(), default=Clock.now)
        due = [State.get("newAppendEntriesTime"), heard + State.get("conf").leaderFallbackTimeout]
    if State.disk.saved != State.disk.commit:
        due.append(State.get("startTime") + State.get("numOneSecondDumps"))
    last, now, ticks = min(due) - 1e-6, Clock.now + TICK, 0
    while now <= last and ticks < MOST_QUIET:
        now, ticks = now + TICK, ticks + 1
    return ticks


def changed_log():
    """The part of the log that is not as it was at the last answer; None if all of it is."""
    disk, shown = State.disk, State.shown
    same = max(disk.changed - 1, 0)
    entries = disk.entries[same + 1:]
    disk.changed = len(disk.entries)
    equal = 0
    for e, term in zip(entries, shown[same:]):
        if e[2] != term:
            break
        equal += 1
    same += equal
    if same == len(shown) and equal == len(entries):
        return None
    shown[same:] = [e[2] for e in entries[equal:]]
    return {"from": same + 1, "entries": [entry(e) for e in entries[equal:]]}


def answer():
    keep()
    said = {}
    for key, holder in (("writes", State.disk), ("sends", State.links), ("replies", State)):
        if getattr(holder, key):
            said[key] = getattr(holder, key)
            setattr(holder, key, [])
    end = State.obj.raftLastApplied - 1
    if end > State.applied:
        said["applied"] = [entry(e) for e in State.disk.entries[State.applied + 1:end + 1]]
        State.applied = end
    now = status()
    if now != State.said:
        said["status"] = State.said = now
    log = changed_log()
    if log:
        said["log"] = log
    said["quiet"] = quiet()
    return said


def handle(question):
    if question["type"] == "hello":
        return {
            "protocol": 1, "name": "pysyncobj" + ("+persistent" if PERSISTENT else ""),
            "readless": "PySyncObj reads the local state alone",
            "nodes": [2, 0], "lacks": ["snapshots", "membership", "transfers", "pre-votes"],
        }
    if question["type"] == "boot":
        boot(question)
        return answer()
    for _ in range(question.get("ticks", 0)):
        tick()
    STEPS.get(question["type"], lambda question: None)(question)
    return answer()


def main():
    encode = json.JSONEncoder(separators=(",", ":")).encode
    for line in sys.stdin:
        sys.stdout.write(encode(handle(json.loads(line))) + "\n")
        sys.stdout.flush()


main()
