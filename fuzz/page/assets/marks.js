// The marks on the chart: everything that is drawn between the columns in sight.

import { cross, inSight, label, title } from "draw";
import { drawMessages } from "messages";
import { plural, seconds } from "words";

/** Draws every mark in sight, from back to front. */
export function drawMarks(chart) {
  drawCursor(chart);
  drawNetwork(chart);
  drawHeads(chart);
  for (const lane of chart.node.values()) drawNode(chart, lane);
  drawOperations(chart);
  drawMessages(chart);
  for (const lane of chart.node.values()) drawNodeMarks(chart, lane);
  drawActs(chart);
  drawViolations(chart);
}

/** The place of a segment's two ends, cut to what is in sight. */
function ends(chart, segment) {
  const from = chart.x(segment.from);
  const to = segment.to === Infinity ? chart.total : chart.x(segment.to);
  return [Math.max(from, chart.left - 40), Math.min(to, chart.right + 40), from];
}

function drawCursor(chart) {
  const x = chart.x(chart.cursor);
  const w = chart.width;
  chart.add("rect", { class: "cursor", x: x - w / 2, y: 0, width: w, height: chart.height, rx: 4 });
  chart.add("line", { class: "cursor-line", x1: x, x2: x, y1: 58, y2: chart.height });
}

function drawNetwork(chart) {
  const lane = chart.lanes.find((l) => l.kind === "network");
  if (!lane) return;
  for (const s of chart.tracks.network) {
    if (!s.text || !inSight(chart, s.from, s.to)) continue;
    const [from, to] = ends(chart, s);
    chart.add("rect", {
      class: "net",
      x: from,
      y: lane.y + 3,
      width: Math.max(to - from, 3),
      height: 18,
      rx: 3,
    });
    label(
      chart,
      { class: "net-text", x: Math.max(from, chart.left) + 6, y: lane.y + 16 },
      s.text,
      to - from - 8,
    );
  }
}

/** The row of events: number, line and remark. */
function drawHeads(chart) {
  const { run, columns, width } = chart;
  drawLongHead(chart);
  for (let c = chart.columnAt(chart.left - 3 * width); c <= chart.columnAt(chart.right + width); c++) {
    const { first, last, folded } = columns.list[c];
    const step = run.steps[first];
    const x = c * width;
    if (folded) drawFold(chart, c, first, last);
    if (step.h === undefined && step.e > 0) {
      if (!folded && width > 40) subHead(chart, x, step.l ?? "");
      continue;
    }
    chart.add("line", { class: "event-line", x1: x, x2: x, y1: 4, y2: chart.height });
    const span = (columns.of[run.lastOf[step.e]] - c + 1) * width;
    const text = step.e ? step.h : "boot";
    const number = headNumber(run, step, span);
    chart.add("text", { class: "number", x: x + 4, y: 16 }, number);
    if (folded || span > width * 1.5 || text.length * 6 < width) {
      label(chart, { class: "event", x: x + 4, y: 31 }, text, span - 2);
    } else {
      const [verb, ...rest] = text.split(" ");
      label(chart, { class: "event", x: x + 4, y: 31 }, verb, span - 2);
      label(chart, { class: "event", x: x + 4, y: 43 }, rest.join(" ").replace("->", "→"), span - 2);
    }
    if (step.l && !folded && width > 40) subHead(chart, x, step.l);
    if (step.r)
      chart
        .add("text", { class: "remark", x: x + 12 + number.length * 7.6, y: 16 }, "¶")
        .append(title(step.r));
    if (step.i && !folded) label(chart, { class: "sub", x: x + 4, y: 55 }, "ignored", span);
  }
}

/** The number of an event, with the time at which it happened if that is real and fits. */
function headNumber(run, step, room) {
  const number = String(step.e || "");
  const timed = `${number} ${seconds(step.a)}`;
  return run.live && room > timed.length * 7.6 ? timed : number;
}

/** The event that began left of what is in sight, and goes on. */
function drawLongHead(chart) {
  const { run, columns, width, left } = chart;
  const { e } = run.steps[columns.list[chart.columnAt(left)].first];
  const begins = columns.of[run.firstOf[e]] * width;
  const ends = (columns.of[run.lastOf[e]] + 1) * width;
  if (begins >= left || ends - left < width * 1.5) return;
  const number = headNumber(run, run.steps[run.firstOf[e]], ends - left);
  chart.add("text", { class: "number", x: left + 4, y: 16 }, number);
  label(chart, { class: "event", x: left + 4, y: 31 }, run.steps[run.firstOf[e]].event, ends - left - 2);
}

/** The plain event of a step within a macro event, on two lines. */
function subHead(chart, x, line) {
  const [verb, ...rest] = line.split(" ");
  label(chart, { class: "sub", x: x + 4, y: 44 }, verb, chart.width);
  label(chart, { class: "sub", x: x + 4, y: 55 }, rest.join(" ").replace("->", "→"), chart.width);
}

function drawFold(chart, column, first, last) {
  const x = (column + 0.5) * chart.width;
  const ticks = chart.run.steps.slice(first, last + 1).reduce((n, s) => n + (s.q ?? 0), 0);
  const steps = last - first + 1;
  const what = chart.run.live ? usualText(chart.run, first, last) : quietText(steps, ticks);
  chart.group({ class: "fold" }, (g) => {
    chart.add("rect", { x: x - 13, y: 46, width: 26, height: 13, rx: 6.5 });
    chart.add("text", { x, y: 56, "text-anchor": "middle" }, "⋯");
    chart.add("line", { x1: x, x2: x, y1: 60, y2: chart.height });
    g.append(title(`${what}; click twice to unfold`));
  });
}

function quietText(steps, ticks) {
  return `${steps} steps in which ${ticks ? "time passes and " : ""}nothing changes`;
}

/** A stretch in which clients are answered as usual. */
function usualText(run, first, last) {
  const calls = run.operations.filter((op) => op.s >= first && op.e <= last).length;
  const time = (run.steps[last].a ?? 0) - (run.steps[first].a ?? 0);
  return `${seconds(time)} in which ${plural(calls, "call")} are answered as usual`;
}

function drawNode(chart, lane) {
  const y = lane.mid - 6;
  const track = chart.tracks.nodes[lane.id];
  for (const s of track.apart) {
    if (!s.text || !inSight(chart, s.from, s.to)) continue;
    const [from, to] = ends(chart, s);
    chart.add("rect", { class: "apart", x: from, y: lane.y + 3, width: to - from, height: lane.height - 6 });
    label(
      chart,
      { class: "apart-text", x: Math.max(from, chart.left) + 4, y: lane.y + 14 },
      "cut off",
      to - from,
    );
  }
  for (const s of track.life) {
    if (!inSight(chart, s.from, s.to)) continue;
    const [from, to, start] = ends(chart, s);
    const heights = { leader: 18, candidate: 12, precandidate: 12, down: 2, gone: 2 };
    const h = heights[s.kind] ?? 5;
    const at = { x: from, y: y - h / 2, width: Math.max(to - from, 2), height: h, rx: Math.min(3, h / 2) };
    chart.add("rect", { class: `life ${s.kind} t${s.term % 7}`, ...at });
    if (s.kind === "candidate" || s.kind === "precandidate")
      chart.add("rect", { class: "over-hatch", fill: "url(#hatch)", ...at });
    if (s.kind === "paused")
      chart.add("rect", { class: "over-dots", fill: "url(#dots)", ...at, y: y - 7, height: 14 });
    const words = s.text || `${s.kind === "precandidate" ? "pre-candidate" : s.kind} t${s.term}`;
    const room = to - Math.max(start, chart.left);
    const inside = s.kind === "leader" && room > words.length * 6.4;
    label(
      chart,
      {
        class: `life-text ${inside ? "inside" : ""} ${s.kind} t${s.term % 7}`,
        x: Math.max(start, chart.left) + (inside ? 8 : 4),
        y: inside ? y + 4 : y - h / 2 - 4,
      },
      fit(words, s, room),
      Math.max(room, 0) - 4,
    );
  }
  for (const s of track.disk) drawDisk(chart, s, y + 17);
  for (const s of track.hangs) drawHang(chart, s, y + 17);
}

/** A shorter form of a lane's words if they do not fit. */
function fit(words, segment, room) {
  if (room > words.length * 6 || segment.text) return words;
  return `t${segment.term}`;
}

/** Writes that are not durable yet: from the first to the moment at which none is left. */
function drawDisk(chart, s, y) {
  if (!inSight(chart, s.from, s.to)) return;
  const [from, to] = ends(chart, s);
  chart.group({ class: "disk" }, (g) => {
    chart.add("rect", { class: "pending", x: from, y: y - 3, width: Math.max(to - from, 3), height: 6 });
    chart.add("rect", { class: "wrote", x: chart.x(s.from) - 3.5, y: y - 3.5, width: 7, height: 7 });
    if (s.to !== Infinity && s.end === "durable")
      chart.add("circle", { class: "durable", cx: to, cy: y, r: 4 });
    if (s.to !== Infinity && s.end === "lost") cross(chart, to, y, "lost");
    g.append(title(s.end === "lost" ? "written, and lost" : "written (square), durable (disc)"));
  });
}

/** The time in which fsyncs hang, or the disk is full. */
function drawHang(chart, s, y) {
  if (!s.text || !inSight(chart, s.from, s.to)) return;
  const [from, to] = ends(chart, s);
  const at = { x: from, y: y - 5, width: Math.max(to - from, 3), height: 10 };
  chart.add("rect", { class: "hangs", ...at });
  chart.add("rect", { fill: "url(#hatch)", ...at });
  label(chart, { class: "harm", x: Math.max(from, chart.left) + 4, y: y + 17 }, s.text, 200);
}

function drawNodeMarks(chart, lane) {
  const y = lane.mid - 6;
  for (const m of chart.tracks.nodes[lane.id].marks) {
    if (!inSight(chart, m.step, m.step)) continue;
    const x = chart.x(m.step);
    if (m.kind === "commit") label(chart, { class: "commit", x: x + 3, y: y + 34 }, `commit ${m.to}`, 200);
    if (m.kind === "boot")
      chart.add("path", { class: "boot", d: `M${x - 5} ${y + 6} l5 -11 l5 11 z` }).append(title("boots"));
    if (m.kind === "torn") label(chart, { class: "harm", x: x + 6, y: y + 21 }, "torn write", 200);
    if (m.kind === "lost") label(chart, { class: "harm", x: x + 6, y: y + 21 }, `${m.count} lost`, 200);
    if (m.kind === "rot") label(chart, { class: "harm", x: x + 6, y: y + 21 }, "bit rot", 200);
  }
}

function drawOperations(chart) {
  const within = new Map(); // calls within a folded column, by client and column
  for (const op of chart.run.operations) {
    const end = op.e < 0 ? chart.run.last : op.e;
    if (!inSight(chart, op.s, end)) continue;
    const column = chart.columns.of[op.s];
    if (op.u && chart.columns.list[column].folded && chart.columns.of[end] === column) {
      const key = `${op.c} ${column}`;
      within.set(key, (within.get(key) ?? 0) + 1);
    } else {
      drawOperation(chart, op, chart.client.get(op.c));
    }
  }
  for (const [key, count] of within) {
    const [client, column] = key.split(" ").map(Number);
    const at = { x: (column + 0.5) * chart.width, y: chart.client.get(client).y + 41 };
    label(chart, { class: "many", "text-anchor": "middle", ...at }, `×${count}`, 40);
  }
}

function drawOperation(chart, op, lane) {
  const x1 = chart.x(op.s);
  const x2 = op.e < 0 ? chart.total : chart.x(op.e);
  const y = lane.y + 20;
  const kind = `op ${op.z || "waits"} ${op.v ? "clashes" : ""} ${op.n ? "refused" : ""}`;
  chart.group({ class: kind, "data-op": op.id }, (g) => {
    for (const t of op.y) dropLine(chart, t.s, lane, op.t, t.n);
    if (op.z === "returned") dropLine(chart, op.e, lane, "", op.b, true);
    chart.add("rect", { class: "span", x: x1, y, width: Math.max(x2 - x1, 4), height: 12, rx: 3 });
    const from = Math.max(x1, chart.left + 2);
    // A usual call is one of many, whose texts would lie on each other.
    const free = op.next === undefined ? from + 260 : Math.min(from + 260, chart.x(op.next) - 6);
    const room = op.u ? x2 - from : Math.max(x2, free) - from;
    if (!op.u || !chart.columns.list[chart.columns.of[op.s]].folded)
      label(chart, { class: "op-text", x: from, y: y - 4 }, operationText(op), room);
    if (op.p >= 0) chart.add("circle", { class: "point", cx: chart.x(op.p), cy: y + 6, r: 4 });
    g.append(title(`c${op.c} ${operationText(op)}`));
  });
}

/** The line between a client and the node that it asks, or that answers it. */
function dropLine(chart, step, lane, _text, node, answer = false) {
  const of = chart.node.get(node);
  if (!of || !inSight(chart, step, step)) return;
  const x = chart.x(step) + (answer ? 2 : -2);
  chart.add("line", { class: `drop ${answer ? "answer" : ""}`, x1: x, x2: x, y1: of.mid, y2: lane.y + 20 });
}

export function operationText(op) {
  const kind = op.k === "call" ? "" : `${op.k} `;
  if (op.z === "returned") return `${kind}${op.t} → ${op.r}`;
  if (op.n) return `${kind}${op.t}: rejected`;
  return `${kind}${op.t} → ? ${op.z}`;
}

function drawActs(chart) {
  for (const act of chart.run.acts) {
    const end = act.e < 0 ? chart.run.last : act.e;
    if (!inSight(chart, act.s, end)) continue;
    const { list, of } = chart.columns;
    if (act.u && list[of[end]].folded) continue;
    const x1 = chart.x(act.s);
    const x2 = act.e < 0 ? x1 + chart.width : chart.x(act.e);
    const y1 = chart.client.get(act.c).y + 33;
    const y2 = chart.database.y + 14;
    const kind = act.e < 0 ? "waits" : act.a ? "taken" : "refused";
    chart.group({ class: `act ${kind}` }, (g) => {
      chart.add("circle", { cx: x1, cy: y1, r: 3 });
      chart.add("path", { class: "line", d: `M${x1} ${y1} L${x2} ${y2}` });
      const end = `${act.a ? "✓" : "✕"} token ${act.k}`;
      if (act.e >= 0) label(chart, { class: "act-text", x: x2 + 5, y: y2 + 5 }, end, 200);
      g.append(title(act.t));
    });
  }
}

/** A line at each step at which a property was violated, with the names of the properties. */
function drawViolations(chart) {
  const lane = chart.lanes.find((l) => l.kind === "verdicts");
  const steps = [...new Set(chart.run.violated.map((v) => v.step))];
  steps.forEach((step, i) => {
    if (!inSight(chart, step, step) && !inSight(chart, steps[i + 1] ?? step, steps[i + 1] ?? step)) return;
    const x = chart.x(step);
    const names = chart.run.violated.filter((v) => v.step === step).map((v) => v.property);
    const room = (i + 1 < steps.length ? chart.x(steps[i + 1]) : Infinity) - x - 6;
    chart.add("line", { class: "violation-line", x1: x, x2: x, y1: 58, y2: lane.y + lane.height });
    const at = room < 60 ? { x: x - 4, "text-anchor": "end" } : { x: x + 4 };
    label(
      chart,
      { class: "violation", ...at, y: lane.y + 14 },
      names.join(", "),
      room < 60 ? 200 : room * 0.86,
    );
  });
}
