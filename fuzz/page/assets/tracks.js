// What each lane shows over the whole run, as segments and marks, found in one pass.

/** Finds the segments and marks of every node, and of the network. */
export function findTracks(run) {
  const tracks = { nodes: [null], network: [], cuts: new Map() };
  for (let id = 1; id <= run.nodes; id++) {
    tracks.nodes.push({ life: [], disk: [], hangs: [], marks: [], apart: [] });
  }
  const was = run.empty().nodes;
  const net = { cuts: [], slow: [] };
  run.steps.forEach((step, i) => {
    for (const c of step.c ?? []) {
      const now = { ...was[c.n], ...run.changed(c) };
      note(tracks.nodes[c.n], was[c.n], now, i, step, run.live);
      was[c.n] = now;
    }
    if (step.f === "corrupt") tracks.nodes[step.n].marks.push({ step: i, kind: "rot" });
    if (!step.x && !step.s) return;
    if (step.x) noteCuts(tracks.cuts, step.x, i);
    net.cuts = step.x ?? net.cuts;
    net.slow = step.s ?? net.slow;
    change(tracks.network, describeNetwork(net, run.nodes), i);
    const apart = cutOff(net.cuts, run.nodes);
    for (let id = 1; id <= run.nodes; id++) change(tracks.nodes[id].apart, apart.has(id) ? "cut off" : "", i);
  });
  return tracks;
}

/** Notes from when to when each one-way link is cut. */
function noteCuts(cuts, links, step) {
  const now = new Set(links.map((l) => `${l.f} ${l.t}`));
  for (const list of cuts.values()) if (list.at(-1).to === Infinity) list.at(-1).to = step;
  for (const link of now) {
    const list = cuts.get(link) ?? [];
    if (list.at(-1)?.to === step) list.at(-1).to = Infinity;
    else list.push({ from: step, to: Infinity });
    cuts.set(link, list);
  }
}

/** Whether a message met a cut while it was under way. */
export function waitsOnCut(tracks, m, last) {
  const end = m.e < 0 ? last : m.e;
  return (tracks.cuts.get(`${m.f} ${m.t}`) ?? []).some((c) => c.from <= end && c.to > m.l);
}

/** Begins a new segment of a list if its text is another one. */
function change(list, text, step) {
  const open = list.at(-1);
  if ((open?.text ?? "") === text) return;
  if (open) open.to = step;
  list.push({ text, from: step, to: Infinity });
}

/** Notes what changed at a node. */
function note(track, was, now, i, step, live) {
  const life = lifeOf(now, live);
  const troubles = [now.stalled && "fsync hangs", now.full && "disk full"].filter(Boolean);
  change(track.hangs, now.wiped ? "" : troubles.join(", "), i);
  const open = track.life.at(-1);
  if (!open || open.key !== life.key) {
    if (open) open.to = i;
    track.life.push({ ...life, from: i, to: Infinity });
  }
  const pending = now.issued > now.durable && now.up;
  const disk = track.disk.at(-1);
  if (pending && !(disk && disk.to === Infinity)) track.disk.push({ from: i, to: Infinity });
  if (!pending && disk && disk.to === Infinity) {
    disk.to = i;
    disk.end = now.durable > was.durable || step.f === undefined ? "durable" : "lost";
    if (now.lost > 0 && now.lost !== was.lost) disk.end = "lost";
  }
  if (now.lost > was.lost) track.marks.push({ step: i, kind: now.torn ? "torn" : "lost", count: now.lost });
  if (now.commit > was.commit && now.role === 3)
    track.marks.push({ step: i, kind: "commit", to: now.commit });
  if (!was.up && now.up && i > 0) track.marks.push({ step: i, kind: "boot" });
}

/** What a node is, as far as its lane shows it. */
function lifeOf(n, live) {
  let kind = ["follower", "precandidate", "candidate", "leader"][n.role] ?? "follower";
  let text = "";
  if (n.wiped) [kind, text] = ["gone", "disk gone"];
  else if (n.refused && !n.up) [kind, text] = ["gone", "disk refused"];
  else if (!n.up) [kind, text] = ["down", "down"];
  else if (n.failed) [kind, text] = ["failed", "disk failed"];
  else if (n.paused) [kind, text] = ["paused", "paused"];
  else if (n.hidden) [kind, text] = ["hidden", live ? "silent" : "runs"];
  const term = n.up && !n.hidden ? n.term : 0;
  return { kind, text, term, key: `${kind} ${term}` };
}

/** The nodes that no two-way chain of links joins to the largest group. */
function cutOff(cuts, nodes) {
  if (cuts.length === 0) return new Set();
  const groups = groupsOf(cuts, nodes);
  const largest = groups.reduce((a, b) => (b.length > a.length ? b : a));
  return new Set(groups.filter((g) => g !== largest).flat());
}

/** The groups of nodes that two-way links join. */
export function groupsOf(cuts, nodes) {
  const cut = new Set(cuts.flatMap((l) => [`${l.f} ${l.t}`, `${l.t} ${l.f}`]));
  const groups = [];
  const seen = new Set();
  for (let id = 1; id <= nodes; id++) {
    if (seen.has(id)) continue;
    const group = [id];
    seen.add(id);
    for (const a of group) {
      for (let b = 1; b <= nodes; b++) {
        if (!seen.has(b) && !cut.has(`${a} ${b}`)) {
          seen.add(b);
          group.push(b);
        }
      }
    }
    groups.push(group.sort((a, b) => a - b));
  }
  return groups;
}

/** The cuts and delays in words; "" if there are none. */
export function describeNetwork({ cuts, slow }, nodes) {
  const parts = [];
  const groups = groupsOf(cuts, nodes);
  let across = 0;
  groups.forEach((g, i) =>
    groups.forEach((h, j) => {
      if (i !== j) across += g.length * h.length;
    }),
  );
  if (cuts.length > 0 && across === cuts.length) {
    parts.push("cut " + groups.map((g) => g.map((id) => `n${id}`).join(" ")).join(" | "));
  } else if (cuts.length > 0) {
    parts.push("cut " + cuts.map((l) => `n${l.f}→n${l.t}`).join(", "));
  }
  const late = slow.filter((l) => l.k).map((l) => `n${l.f}→n${l.t} +${l.k}`);
  const lossy = slow.filter((l) => l.y).map((l) => `n${l.f}→n${l.t} 1 in ${l.y}`);
  if (late.length > 0) parts.push(`slow ${late.join(", ")}`);
  if (lossy.length > 0) parts.push(`lossy ${lossy.join(", ")}`);
  return parts.join("; ");
}
