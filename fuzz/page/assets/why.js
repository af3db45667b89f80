// Why: the votes of a leader, the acknowledgements of a committed entry, the write that an
// answer misses. Each answer has the messages that it rests on, for the chart to show.

import { answerWords } from "clients";
import { nodeName } from "words";

/** The questions that a step raises, the most important first. */
export function questionsAt(run, step) {
  const list = [];
  for (const op of run.operations) if (op.e === step && op.z === "returned" && op.v) list.push({ op: op.id });
  for (const e of run.live ? [] : run.leaders())
    if (e.step === step) list.push({ leader: e.node, term: e.term });
  for (const c of commitsAt(run, step)) list.push({ entry: c.index, node: c.node, term: c.term });
  for (const op of run.operations)
    if (op.e === step && op.z === "returned" && !op.v) list.push({ op: op.id });
  if (run.steps[step].m) list.push({ path: step });
  return list;
}

/** The calls and answers of clients at a step of a run of real servers. */
export function clientLines(run, step) {
  const lines = [];
  for (const op of run.operations) {
    if (op.e === step) lines.push(endLine(op));
    if (op.s === step) lines.push(`c${op.c} asks n${op.y[0].n}: ${op.t}`);
  }
  for (const act of run.acts) {
    if (act.s === step) lines.push(`c${act.c} writes to the database, by token ${act.k}`);
    if (act.e === step) lines.push(`c${act.c}: ${act.t}`);
  }
  return lines;
}

function endLine(op) {
  if (op.z === "returned") return `c${op.c} ${op.t} → ${op.r}, by n${op.b} after ${millis(op)}`;
  return `c${op.c} stops waiting for ${op.t}: it may have happened, or happen yet`;
}

/** How long a call took. */
const millis = (op) => `${((op.d ?? 0) / 1e3).toFixed(1)} ms`;

/** The text of a question. */
export function ask(run, q) {
  if (q.leader) return `Why does n${q.leader} lead term ${q.term}?`;
  if (q.entry) return `Why is t${q.term}i${q.entry} committed?`;
  if (q.op !== undefined) {
    const op = run.operations[q.op];
    return op.v
      ? `What does ${`c${op.c} ${op.t} → ${op.r}`} contradict?`
      : `How did c${op.c} ${op.t} take effect?`;
  }
  return "Which messages led here?";
}

/** The answer: lines of words and links to steps, the messages to show, and steps. */
export function answer(run, q, cursor) {
  if (q.leader) return whyLeader(run, q, cursor);
  if (q.entry) return whyCommitted(run, q);
  if (q.op !== undefined) return whyAnswer(run, run.operations[q.op]);
  return whichPath(run, q.path);
}

const link = (step) => ({ step });

class Answer {
  constructor() {
    this.lines = [];
    this.messages = new Set();
    this.steps = new Set();
  }
  say(...parts) {
    this.lines.push(parts);
  }
  /** Adds a message, and the one whose arrival made its sender send it. */
  trace(run, message, depth) {
    for (let m = message; m && depth > 0; depth--) {
      this.messages.add(m.id);
      const received = run.steps[m.m].m;
      m = received ? run.messages[received - 1] : null;
    }
  }
}

function promises(run) {
  return run.messages.some((m) => m.p);
}

function whyLeader(run, { leader, term }, cursor) {
  const a = new Answer();
  const election = run.leaders().find((e) => e.node === leader && e.term === term);
  if (!election) {
    a.say(`n${leader} never became leader of term ${term}.`);
    return a;
  }
  const state = run.at(Math.max(cursor, election.step));
  const members = run.words[run.at(election.step).nodes[leader].config];
  a.say(
    `n${leader} became leader of term ${term} at `,
    link(election.step),
    `; the members were ${members}.`,
  );
  a.say(`n${leader}: its own vote, ${onDisk(state.nodes[leader], leader, term)}.`);
  const voters = new Set();
  for (const m of run.messages) {
    if (m.t !== leader || m.z !== 1 || m.e > election.step || !m.p || m.p[0] !== term || m.p[1] !== leader)
      continue;
    if (voters.has(m.f)) continue;
    voters.add(m.f);
    a.trace(run, m, 2);
    a.say(
      `n${m.f}: its vote left at `,
      link(m.l),
      " and arrived at ",
      link(m.e),
      `; the vote is ${onDisk(state.nodes[m.f], leader, term)}.`,
    );
  }
  if (voters.size === 0)
    a.say(promises(run) ? "No other vote arrived." : "The system does not say what its messages promise.");
  return a;
}

/** Where a vote is now. */
function onDisk(n, leader, term) {
  if (n.wiped) return "gone with its disk";
  if (n.storedTerm === term && n.storedVote === leader) return "on its disk";
  if (n.storedTerm > term) return `behind it: its disk is at term ${n.storedTerm}`;
  return "NOT on its disk";
}

/** The commits that leaders reported first at a step. */
function commitsAt(run, step) {
  if (!run.steps[step].c || step === 0) return [];
  const list = [];
  for (const c of run.steps[step].c) {
    const now = run.changed(c);
    if (now.commit === undefined) continue;
    const n = run.at(step).nodes[c.n];
    if (n.role !== 3 || n.commit <= run.at(step - 1).nodes[c.n].commit) continue;
    list.push({ index: n.commit, node: c.n, term: n.log[n.commit - 1]?.term ?? 0 });
  }
  return list;
}

/** The first step at which a node reported an entry as committed. */
function firstCommit(run, index, term) {
  const was = run.empty().nodes;
  for (let i = 0; i < run.steps.length; i++) {
    for (const c of run.steps[i].c ?? []) {
      was[c.n] = { ...was[c.n], ...run.changed(c) };
      if (was[c.n].up && was[c.n].commit >= index && run.at(i).nodes[c.n].log[index - 1]?.term === term) {
        return { step: i, node: c.n };
      }
    }
  }
  return null;
}

function whyCommitted(run, { entry, term }) {
  const a = new Answer();
  const first = firstCommit(run, entry, term);
  if (!first) {
    a.say(`No node reported t${term}i${entry} as committed in this run.`);
    return a;
  }
  const n = run.at(first.step).nodes[first.node];
  const members = run.words[n.config];
  a.say(
    `n${first.node} was the first to report t${term}i${entry} as committed, at `,
    link(first.step),
    `, in term ${n.term}; the members were ${members}.`,
  );
  if (n.role !== 3) {
    a.say("It did not lead then: it learned this from a message.");
    a.trace(run, received(run, first.step), 2);
    return a;
  }
  const stored = n.disk[entry - 1]?.term === term ? "on its disk" : "NOT on its disk";
  a.say(`n${first.node}: the leader's own entry, ${stored} then.`);
  acknowledgements(run, a, first, entry, term, n.term);
  return a;
}

function received(run, step) {
  const m = run.steps[step].m;
  return m ? run.messages[m - 1] : null;
}

function acknowledgements(run, a, first, entry, term, inTerm) {
  const from = new Set();
  for (const m of run.messages) {
    if (m.t !== first.node || m.z !== 1 || m.e > first.step || from.has(m.f)) continue;
    if (!m.p || m.p[0] !== inTerm || m.p[3] < entry) continue;
    from.add(m.f);
    a.trace(run, m, 2);
    const disk = run.at(m.e).nodes[m.f].disk[entry - 1];
    a.say(
      `n${m.f}: its acknowledgement left at `,
      link(m.l),
      " and arrived at ",
      link(m.e),
      `; the entry was ${disk?.term === term ? "on its disk" : "NOT on its disk"}.`,
    );
  }
  if (from.size === 0)
    a.say(
      promises(run)
        ? "No acknowledgement had arrived."
        : "The system does not say what its messages promise.",
    );
}

function whyAnswer(run, op) {
  const a = new Answer();
  if (run.live) whyLive(run, op, a);
  a.trace(run, received(run, op.e), 4);
  if (op.b && !run.live) {
    const n = run.at(op.e).nodes[op.b];
    a.say(
      `${nodeName(op.b)} answered at `,
      link(op.e),
      n.hidden ? "." : `; it had applied up to index ${n.applied}.`,
    );
    const m = received(run, op.e);
    if (m) {
      const early = m.m < op.s ? ", before the operation was called." : ".";
      a.say(`It answered when n${m.f}'s ${m.kind} arrived, which was made at `, link(m.m), early);
    }
  }
  if (op.x >= 0) {
    a.say(`The operation first took effect at n${op.a}, as entry ${op.i}, at `, link(op.x), ".");
    const m = received(run, op.x);
    a.trace(run, m, 2);
  }
  if (op.x < 0 && op.p >= 0)
    a.say("In an order that explains every answer it takes effect at ", link(op.p), ".");
  const words = answerWords(op.r);
  if (words) a.say(`The answer says: ${words}. Times are those of the log.`);
  if (!op.v) return a;
  const first = (o) => (o.w ? 0 : 1);
  const others = run.operations
    .filter((o) => o.v && o.id !== op.id)
    .sort((o, p) => first(o) - first(p));
  a.say(
    run.more
      ? `These operations have no order together with ${run.more} earlier ones; the search for fewer gave up:`
      : "These operations have no order together:",
  );
  const shows = run.operations.find((o) => o.w);
  if (shows) a.say(`The first of them shows the state that the others find: ${shows.t} → ${shows.r}.`);
  for (const o of others) {
    const before = o.e < op.s ? " before this one was called" : "";
    a.say(`c${o.c} ${o.t} → ${o.r}, called at `, link(o.s), ", returned at ", link(o.e), `${before}.`);
    if (o.x >= 0) missing(run, a, o, op);
  }
  return a;
}

/** Says whether the node that answered had the entry of an earlier operation. */
function missing(run, a, earlier, op) {
  const n = run.at(op.e).nodes[op.b];
  a.trace(run, received(run, earlier.x), 2);
  if (!op.b || n.hidden || run.live) return;
  const had = n.log[earlier.i - 1];
  const written = run.at(earlier.x).nodes[earlier.a].log[earlier.i - 1];
  if (n.applied >= earlier.i && had?.term === written?.term) return;
  const name = `t${written?.term ?? "?"}i${earlier.i}`;
  if (!had) a.say(`That is entry ${name}, which n${op.b} did not have.`);
  else if (had.term !== written?.term)
    a.say(`That is entry ${name}; n${op.b} had another entry there, of term ${had.term}.`);
  else a.say(`That is entry ${name}, which n${op.b} had and had not applied.`);
}

/** What is known of a call of real servers. */
function whyLive(run, op, a) {
  a.say(`c${op.c} asked n${op.y[0].n} at `, link(op.s), ".");
  if (op.b) a.say(`n${op.b} answered at `, link(op.e), `, ${millis(op)} later.`);
  else a.say("No answer came: it may have taken effect at any time, or never.");
}

function whichPath(run, step) {
  const a = new Answer();
  for (let m = received(run, step); m; m = received(run, m.m)) {
    a.messages.add(m.id);
    a.say(
      `n${m.f} sent n${m.t} ${m.text} at `,
      link(m.m),
      m.l > m.m ? "; it left at " : "",
      m.l > m.m ? link(m.l) : "",
      ", and it arrived at ",
      link(m.e),
      ".",
    );
    if (a.lines.length >= 12) {
      a.say("…");
      break;
    }
  }
  return a;
}
