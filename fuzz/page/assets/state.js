// The cluster at the cursor: a card for each node, with its log as cells.

import { roles } from "run";
import { html, nodeName, plural } from "words";

/** The most cells of a log that are shown at once. */
const mostCells = 48;

/** Makes the cards. Each has what changed since the state before marked. */
export function stateView(run, state, before, onAsk) {
  const list = html("div", "cards");
  const range = cellRange(state, run.nodes);
  for (let id = 1; id <= run.nodes; id++) {
    list.append(nodeCard(run, id, state.nodes[id], before.nodes[id], range, onAsk));
  }
  return list;
}

/** The indexes to show: up to the longest log, from a little before the logs differ. */
function cellRange(state, nodes) {
  const logs = state.nodes.slice(1, nodes + 1).map((n) => (n.up ? n.log : n.disk));
  const last = Math.max(0, ...logs.map((l) => l.length), ...state.nodes.map((n) => n.disk.length));
  const shortest = Math.min(...logs.filter((l) => l.length > 0).map((l) => l.length), last);
  let same = 0;
  const longest = logs.reduce((a, b) => (b.length > a.length ? b : a), []);
  while (same < shortest && logs.every((l) => l.length === 0 || l[same].term === longest[same].term)) same++;
  const first = Math.max(1, Math.min(last - 11, Math.max(same - 3, last - mostCells + 1)));
  return { first, last };
}

function nodeCard(run, id, n, was, range, onAsk) {
  const card = html("section", `card ${n.up ? "" : "absent"}`);
  card.setAttribute("aria-label", `node ${id}`);
  card.dataset.node = id;
  const head = html("div", "card-head", html("b", "node-name", `n${id}`), badge(run, id, n, was, onAsk));
  for (const f of run.live ? liveFacts(run, n, was) : facts(run, id, n, was)) head.append(f);
  card.append(head);
  if (!n.hidden && !run.live) card.append(logView(n, was, range, id, onAsk));
  return card;
}

/** A part of a card; it is marked if its text changed. */
function fact(name, text, before) {
  const value = html("span", "value", text);
  const part = html("span", "fact", html("span", "name", name), value);
  if (before !== undefined && before !== text) {
    value.classList.add("changed");
    value.title = `was ${before || "nothing"}`;
    part.append(html("span", "visually-hidden", " (changed)"));
  }
  return part;
}

function badge(run, id, n, was, onAsk) {
  const text = lifeText(n, run.live);
  const button = html("button", `badge ${n.up ? roles[n.role] : "down"} t${n.up ? n.term % 7 : 0}`, text);
  button.type = "button";
  if (text !== lifeText(was, run.live)) button.classList.add("changed");
  if (n.up && n.role === 3 && !run.live) {
    button.title = "Why does it lead?";
    button.addEventListener("click", () => onAsk({ leader: id, term: n.term }));
  } else {
    button.disabled = true;
  }
  return button;
}

function lifeText(n, live) {
  if (n.wiped) return "disk gone";
  if (!n.up) return n.refused ? "disk refused" : "down";
  if (n.hidden) return live ? "silent: it does not say how it is" : "runs, hides its state";
  const text = `${roles[n.role] ?? `role ${n.role}`} t${n.term}`;
  return text + (n.failed ? ", disk failed" : "") + (n.paused ? ", paused" : "");
}

/** Lists facts; each has its text before the step. */
function factsOf(n, was) {
  const list = [];
  const both = (name, of, shown = true) => {
    if (shown) list.push(fact(name, of(n), of(was)));
  };
  return [list, both];
}

/** What is seen of a server's process from outside. */
function liveFacts(run, n, was) {
  const [list, both] = factsOf(n, was);
  both("applied", (o) => String(o.applied), n.up && !n.hidden);
  both("disk", (o) => liveDisk(o), n.stalled || n.failed || n.full || n.lost > 0 || liveDisk(n) !== liveDisk(was));
  return list;
}

function liveDisk(n) {
  if (n.failed) return "every write fails";
  if (n.full) return "full";
  if (n.stalled) return "fsyncs hang";
  return n.lost > 0 ? `${plural(n.lost, "write")} lost with the power` : "whole";
}

function facts(run, id, n, was) {
  const [list, both] = factsOf(n, was);
  if (n.up && !n.hidden) {
    both("voted for", (o) => nodeName(o.vote));
    both("follows", (o) => nodeName(o.leader), n.role !== 3);
    both("commit", (o) => String(o.commit));
    both("applied", (o) => String(o.applied));
    const first = (run.firstConfig ??= run.words[run.at(0).nodes[1].config]);
    both(
      "members",
      (o) => run.words[o.config] ?? "",
      run.words[n.config] !== first || n.config !== was.config,
    );
  }
  if (!n.hidden && !n.wiped) {
    both("on disk", diskText);
  }
  both("clock", clockText, n.clock > 0 || n.rate !== 100);
  if (n.up) beliefs(both, run, id, n);
  return list;
}

/** The timers of a node, its lease, and a leader's knowledge of the others. */
function beliefs(both, run, id, n) {
  const left = (o, time) => Math.max(time - o.clock, 0);
  const ticks = (of) => (o) => plural(left(o, of(o)), "tick");
  const some = (of) => left(n, of(n)) > 0;
  both("lease for", ticks((o) => o.lease), some((o) => o.lease));
  both("heartbeat in", ticks((o) => o.heartbeat), some((o) => o.heartbeat));
  both("election in", ticks((o) => o.election), some((o) => o.election));
  both("votes for no other for", ticks((o) => o.loyal), n.role !== 3 && some((o) => o.loyal));
  const others = Array.from({ length: run.nodes }, (_, i) => i + 1).filter((p) => p !== id);
  const known = (o) => others.map((p) => `n${p} ${o[`match${p}`]}`).join(", ");
  const knows = n.heartbeat > 0 || others.some((p) => n[`match${p}`] > 0);
  both("knows the logs up to", known, n.role === 3 && knows && run.nodes > 1);
}

function clockText(n) {
  return plural(n.clock, "tick") + (n.rate === 100 ? "" : ` at ${n.rate}%`);
}

function diskText(n) {
  return storedText(n) + (n.stalled ? ", fsyncs hang" : "") + (n.full ? ", full" : "");
}

function storedText(n) {
  const pending = n.issued - n.durable;
  const vote = n.storedTerm ? `t${n.storedTerm} vote ${nodeName(n.storedVote)}` : "empty";
  if (n.up && pending > 0) return `${vote}, ${plural(pending, "write")} pending`;
  return vote;
}

function logView(n, was, range, id, onAsk) {
  const log = n.up ? n.log : n.disk;
  const old = was.up ? was.log : was.disk;
  const row = html("ol", "log");
  row.setAttribute("aria-label", `log of node ${id}`);
  if (range.first > 1) row.append(html("li", "more", `1–${range.first - 1}`));
  for (let i = range.first; i <= range.last; i++) row.append(cell(n, was, log, old, i, id, onAsk));
  return row;
}

function cell(n, was, log, old, i, id, onAsk) {
  const entry = log[i - 1];
  if (!entry) {
    const lost = old[i - 1] ? "cell none gone" : "cell none";
    return html("li", lost, old[i - 1] ? html("span", "visually-hidden", `entry ${i} was cut off`) : null);
  }
  const parts = entryParts(n, log, i);
  const li = html("li", `cell t${entry.term % 7} ${parts.join(" ")}`);
  const button = html(
    "button",
    "",
    html("span", "index", String(i)),
    html("span", "term", entry.term || "?"),
    html("span", "what", brief(entry.text)),
  );
  button.type = "button";
  const about = `entry ${i} of term ${entry.term}: ${entry.text || "unknown"}; ${parts.join(", ")}`;
  button.title = about;
  button.setAttribute("aria-label", about);
  button.addEventListener("click", () => onAsk({ entry: i, node: id, term: entry.term }));
  if (differs(n, was, log, old, i)) li.classList.add("changed");
  li.append(button);
  return li;
}

/** The parts of a command that fit into a cell. */
function brief(text) {
  return text
    .replace("configuration", "config")
    .replace(/^c\d+ /, "")
    .replace(/^(put|append|cas|delete|enqueue|campaign) /, "")
    .slice(0, 9);
}

/** What is known of an entry at its node. */
function entryParts(n, log, i) {
  const parts = [];
  if (n.up && i <= n.base) parts.push("snapshot");
  if (n.up && i <= n.commit) parts.push("committed");
  if (n.up && i <= n.applied) parts.push("applied");
  parts.push(n.disk[i - 1]?.term === log[i - 1].term ? "durable" : "pending");
  return parts;
}

function differs(n, was, log, old, i) {
  if (!old[i - 1] || old[i - 1].term !== log[i - 1].term) return true;
  return entryParts(n, log, i).join() !== entryParts(was, old, i).join();
}

/** What the cells mean. Real servers show no logs. */
export function legend(live) {
  const key = (classes, text) =>
    html("span", "key", html("span", `cell ${classes}`, html("span", "term", "2")), text);
  const changed = html("span", "key", html("span", "value changed", "t2"), "changed in this step");
  if (live) return html("p", "legend", changed);
  return html(
    "p",
    "legend",
    key("t2 committed applied durable", "committed and applied"),
    key("t2 committed durable", "committed"),
    key("t2 durable", "on disk, not committed"),
    key("t2 pending", "not on disk yet"),
    key("t2 snapshot committed applied durable", "only in the snapshot"),
    changed,
  );
}
