// The run, and the cluster at any of its steps, rebuilt from what each step changed.

export const roles = ["follower", "pre-candidate", "candidate", "leader"];

/** The fates of a message, by their numbers in the data. */
export const fates = {
  onItsWay: 0,
  arrived: 1,
  dropped: 2,
  reachedNo: 3,
  spilled: 4,
  neverLeft: 5,
  held: 6,
};

/** How many steps lie between two states that are kept. */
const keptEvery = 256;

export class Run {
  constructor(data) {
    Object.assign(this, data);
    this.last = this.steps.length - 1;
    this.kept = [this.apply(this.empty(), 0)];
    this.numberSteps();
    this.made = group(this.messages, (m) => m.m);
    this.left = group(
      this.messages.filter((m) => m.l >= 0),
      (m) => m.l,
    );
    this.ended = group(
      this.messages.filter((m) => m.e >= 0),
      (m) => m.e,
    );
    this.violated = this.verdicts
      .filter((v) => v.outcome === "violated" && v.step >= 0)
      .sort((a, b) => a.step - b.step);
  }

  /** Gives each step its name: "27", or "27.3" if event 27 has several steps. */
  numberSteps() {
    this.firstOf = []; // by event
    this.lastOf = [];
    this.steps.forEach((s, i) => {
      this.firstOf[s.e] ??= i;
      this.lastOf[s.e] = i;
    });
    let line = "";
    this.steps.forEach((s, i) => {
      line = s.h ?? (s.e === 0 ? "the cluster boots" : line);
      s.event = line;
      const many = this.lastOf[s.e] > this.firstOf[s.e];
      s.name = many ? `${s.e}.${i - this.firstOf[s.e] + 1}` : String(s.e);
      s.does = s.l ?? (s.q ? "" : line);
    });
    this.messages.forEach((m, i) => {
      m.id = i;
      m.kind = this.words[m.k];
      m.text = this.words[m.d];
    });
    const latest = new Map();
    this.operations.forEach((op, i) => {
      op.id = i;
      const before = latest.get(op.c);
      if (before) before.next = op.s; // the next call of its client
      latest.set(op.c, op);
    });
  }

  /** The step that a link names, or -1: "27" is the last step of event 27, "27.3" its third. */
  named(name) {
    if (!/^\d+(\.\d+)?$/.test(name)) return -1;
    const [event, nth] = name.split(".").map(Number);
    if (this.lastOf[event] === undefined) return -1;
    if (nth === undefined) return this.lastOf[event];
    const step = this.firstOf[event] + nth - 1;
    return step <= this.lastOf[event] && nth >= 1 ? step : -1;
  }

  empty() {
    const node = () => ({ ...Object.fromEntries(this.fields.map((f) => [f, 0])), log: [], disk: [] });
    return { nodes: Array.from({ length: this.nodes + 1 }, node), cuts: [], slow: [] };
  }

  /** The cluster after a step. States are never changed, so they can be compared. */
  at(step) {
    const block = Math.floor(step / keptEvery);
    for (let b = this.kept.length; b <= block; b++) {
      this.kept.push(this.advance(this.kept[b - 1], (b - 1) * keptEvery, b * keptEvery));
    }
    return this.advance(this.kept[block], block * keptEvery, step);
  }

  advance(state, from, to) {
    for (let i = from + 1; i <= to; i++) state = this.apply(state, i);
    return state;
  }

  apply(state, i) {
    const step = this.steps[i];
    if (!step.c && !step.x && !step.s) return state;
    const next = { nodes: state.nodes.slice(), cuts: step.x ?? state.cuts, slow: step.s ?? state.slow };
    for (const c of step.c ?? []) {
      const node = { ...next.nodes[c.n] };
      for (let f = 0; f < (c.f?.length ?? 0); f += 2) node[this.fields[c.f[f]]] = c.f[f + 1];
      if (c.l) node.log = this.changeLog(node.log, c.l);
      if (c.d) node.disk = this.changeLog(node.disk, c.d);
      next.nodes[c.n] = node;
    }
    return next;
  }

  changeLog(log, change) {
    const next = log.slice(0, change[0]);
    for (let i = 1; i < change.length; i += 2) {
      next.push({ term: change[i], text: this.words[change[i + 1]] });
    }
    return next;
  }

  /** The numbers of a change, by their names. */
  changed(c) {
    const named = {};
    for (let f = 0; f < (c.f?.length ?? 0); f += 2) named[this.fields[c.f[f]]] = c.f[f + 1];
    return named;
  }

  /** The steps at which some node becomes leader of a term. */
  leaders() {
    if (this.elections) return this.elections;
    const was = this.empty().nodes;
    this.elections = [];
    this.steps.forEach((step, i) => {
      for (const c of step.c ?? []) {
        const now = { ...was[c.n], ...this.changed(c) };
        const led = was[c.n].role === 3 && was[c.n].up;
        if (now.up && now.role === 3 && (!led || was[c.n].term !== now.term)) {
          this.elections.push({ step: i, node: c.n, term: now.term });
        }
        was[c.n] = now;
      }
    });
    return this.elections;
  }
}

/** Lists of things by a number that each has. */
function group(list, of) {
  const groups = new Map();
  for (const one of list) {
    if (!groups.has(of(one))) groups.set(of(one), []);
    groups.get(of(one)).push(one);
  }
  return groups;
}
