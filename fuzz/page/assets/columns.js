// The columns of the time axis: a step each, and one for each stretch in which nothing happens.

/** A stretch of so many steps without any effect is folded. */
const silent = 2;

/** A stretch of so many steps that only pass messages, of one event, is folded. */
const calm = 12;

/** The changes of a node that a calm step may have. */
const passing = new Set(["clock", "issued", "durable"]);

export class Columns {
  constructor(run) {
    this.run = run;
    this.open = new Set(); // the first steps of stretches that the reader unfolded
    this.busy = busySteps(run);
    this.build();
  }

  build() {
    this.list = [];
    this.of = new Int32Array(this.run.steps.length);
    for (let i = 0; i < this.run.steps.length;) {
      const end = this.stretch(i);
      if (this.open.has(i)) for (; i < end; i++) this.push(i, i + 1);
      else this.push(i, end);
      i = end;
    }
  }

  push(first, end) {
    this.of.fill(this.list.length, first, end);
    this.list.push({ first, last: end - 1, folded: end - first > 1 });
  }

  /** The end of the stretch that begins at a step: the step itself if it is not to be folded. */
  stretch(i) {
    const end = (level) => {
      let n = i;
      while (n < this.run.steps.length && this.level(n) <= level && this.goesOn(i, n, level)) n++;
      return n;
    };
    const still = end(0);
    const quiet = end(1);
    if (quiet - i >= calm) return quiet;
    return still - i >= silent ? still : i + 1;
  }

  /** Whether a stretch from step i reaches step n. Messages pass within one event only. */
  goesOn(i, n, level) {
    return level === 0 || this.run.steps[n].e === this.run.steps[i].e;
  }

  /** 0 for a step without effect, 1 for one that only passes messages, 2 for any other. */
  level(i) {
    const step = this.run.steps[i];
    if (this.busy.has(i) || step.f || step.x || step.s || step.r) return 2;
    if (this.run.live) return step.u ? 0 : 2;
    if (step.q || step.i) return 0;
    if (!step.l) return 2; // the schedule has this very event
    for (const c of step.c ?? []) {
      if (c.l || c.d) return 2;
      if (Object.keys(this.run.changed(c)).some((f) => !passing.has(f))) return 2;
    }
    return 1;
  }

  toggle(column) {
    const { first, folded } = this.list[column];
    if (folded) this.open.add(first);
    this.build();
  }

  foldAll() {
    this.open.clear();
    this.build();
  }
}

/** The steps at which something of a client or of a verdict happens. */
function busySteps(run) {
  const busy = new Set([0]);
  for (const op of run.operations.filter((o) => !o.u))
    for (const s of [op.s, op.e, op.x, ...op.y.map((t) => t.s)]) busy.add(s);
  for (const act of run.acts.filter((a) => !a.u)) busy.add(act.s).add(act.e);
  for (const v of run.verdicts) busy.add(v.step);
  for (const m of run.messages) if (m.e >= 0 && m.z !== 1) busy.add(m.e);
  return busy;
}
