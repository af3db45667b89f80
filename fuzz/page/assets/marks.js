// The marks on the chart: everything that is drawn between the columns in sight.

import { fates } from "run";
import { shorten } from "words";

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

/** Whether a stretch of steps is in sight. */
function inSight(chart, from, to) { return from <= chart.to && to >= chart.from; }

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
    chart.add("rect", { class: "net", x: from, y: lane.y + 3, width: Math.max(to - from, 3), height: 18, rx: 3 });
    label(chart, { class: "net-text", x: Math.max(from, chart.left) + 6, y: lane.y + 16 }, s.text, to - from - 8);
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
    chart.add("text", { class: "number", x: x + 4, y: 16 }, step.e || "");
    const text = step.e ? step.h : "boot";
    if (folded || span > width * 1.5 || text.length * 6 < width) {
      label(chart, { class: "event", x: x + 4, y: 31 }, text, span - 2);
    } else {
      const [verb, ...rest] = text.split(" ");
      label(chart, { class: "event", x: x + 4, y: 31 }, verb, span - 2);
      label(chart, { class: "event", x: x + 4, y: 43 }, rest.join(" ").replace("->", "→"), span - 2);
    }
    if (step.l && !folded && width > 40) subHead(chart, x, step.l);
    if (step.r) chart.add("text", { class: "remark", x: x + 16 + String(step.e).length * 7, y: 16 }, "¶")
      .append(title(step.r));
    if (step.i && !folded) label(chart, { class: "sub", x: x + 4, y: 55 }, "ignored", span);
  }
}

/** The event that began left of what is in sight, and goes on. */
function drawLongHead(chart) {
  const { run, columns, width, left } = chart;
  const { e } = run.steps[columns.list[chart.columnAt(left)].first];
  const begins = columns.of[run.firstOf[e]] * width;
  const ends = (columns.of[run.lastOf[e]] + 1) * width;
  if (begins >= left || ends - left < width * 1.5) return;
  chart.add("text", { class: "number", x: left + 4, y: 16 }, e || "");
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
  chart.group({ class: "fold" }, (g) => {
    chart.add("rect", { x: x - 13, y: 46, width: 26, height: 13, rx: 6.5 });
    chart.add("text", { x, y: 56, "text-anchor": "middle" }, "⋯");
    chart.add("line", { x1: x, x2: x, y1: 60, y2: chart.height });
    g.append(title(`${steps} steps in which ${ticks ? "time passes and " : ""}nothing changes; click twice to unfold`));
  });
}

function drawNode(chart, lane) {
  const y = lane.mid - 6;
  const track = chart.tracks.nodes[lane.id];
  for (const s of track.apart) {
    if (!s.text || !inSight(chart, s.from, s.to)) continue;
    const [from, to] = ends(chart, s);
    chart.add("rect", { class: "apart", x: from, y: lane.y + 3, width: to - from, height: lane.height - 6 });
    label(chart, { class: "apart-text", x: Math.max(from, chart.left) + 4, y: lane.y + 14 }, "cut off", to - from);
  }
  for (const s of track.life) {
    if (!inSight(chart, s.from, s.to)) continue;
    const [from, to, start] = ends(chart, s);
    const heights = { leader: 18, candidate: 12, precandidate: 12, down: 2, gone: 2 };
    const h = heights[s.kind] ?? 5;
    const at = { x: from, y: y - h / 2, width: Math.max(to - from, 2), height: h, rx: Math.min(3, h / 2) };
    chart.add("rect", { class: `life ${s.kind} t${s.term % 7}`, ...at });
    if (s.kind === "candidate" || s.kind === "precandidate") chart.add("rect", { class: "over-hatch", fill: "url(#hatch)", ...at });
    if (s.kind === "paused") chart.add("rect", { class: "over-dots", fill: "url(#dots)", ...at, y: y - 7, height: 14 });
    const words = s.text || `${s.kind === "precandidate" ? "pre-candidate" : s.kind} t${s.term}`;
    const room = to - Math.max(start, chart.left);
    const inside = s.kind === "leader" && room > words.length * 6.4;
    label(chart, { class: `life-text ${inside ? "inside" : ""} ${s.kind} t${s.term % 7}`,
      x: Math.max(start, chart.left) + (inside ? 8 : 4), y: inside ? y + 4 : y - h / 2 - 4 },
    fit(words, s, room), Math.max(room, 0) - 4);
  }
  for (const s of track.disk) drawDisk(chart, s, y + 17);
}

/** A shorter form of a lane's words if they do not fit. */
function fit(words, segment, room) {
  if (room > words.length * 6 || segment.text) return words;
  return `${segment.kind[0].toUpperCase()} t${segment.term}`;
}

/** Writes that are not durable yet: from the first to the moment at which none is left. */
function drawDisk(chart, s, y) {
  if (!inSight(chart, s.from, s.to)) return;
  const [from, to] = ends(chart, s);
  chart.group({ class: "disk" }, (g) => {
    chart.add("rect", { class: "pending", x: from, y: y - 3, width: Math.max(to - from, 3), height: 6 });
    chart.add("rect", { class: "wrote", x: chart.x(s.from) - 3.5, y: y - 3.5, width: 7, height: 7 });
    if (s.to !== Infinity && s.end === "durable") chart.add("circle", { class: "durable", cx: to, cy: y, r: 4 });
    if (s.to !== Infinity && s.end === "lost") cross(chart, to, y, "lost");
    g.append(title(s.end === "lost" ? "written, and lost" : "written (square), durable (disc)"));
  });
}

function cross(chart, x, y, kind) {
  chart.add("path", { class: `cross ${kind}`, d: `M${x - 4} ${y - 4} l8 8 m0 -8 l-8 8` });
}

function drawNodeMarks(chart, lane) {
  const y = lane.mid - 6;
  for (const m of chart.tracks.nodes[lane.id].marks) {
    if (!inSight(chart, m.step, m.step)) continue;
    const x = chart.x(m.step);
    if (m.kind === "commit") label(chart, { class: "commit", x: x + 3, y: y + 34 }, `commit ${m.to}`, 200);
    if (m.kind === "boot") chart.add("path", { class: "boot", d: `M${x - 5} ${y + 6} l5 -11 l5 11 z` }).append(title("boots"));
    if (m.kind === "torn") label(chart, { class: "harm", x: x + 6, y: y + 21 }, "torn write", 200);
    if (m.kind === "lost") label(chart, { class: "harm", x: x + 6, y: y + 21 }, `${m.count} lost`, 200);
    if (m.kind === "rot") label(chart, { class: "harm", x: x + 6, y: y + 21 }, "bit rot", 200);
  }
}

function drawMessages(chart) {
  const drawn = [];
  for (const m of chart.run.messages) {
    if (m.l > chart.to) break;
    if (m.l < 0) continue;
    const end = m.e < 0 ? chart.run.last : m.e;
    if (end < chart.from) continue;
    drawn.push(m);
  }
  const busy = drawn.length > 600;
  chart.group({ class: chart.path.messages.size ? "messages dimmed" : "messages" }, () => {
    for (const m of drawn) {
      const inPath = chart.path.messages.has(m.id);
      if (!inPath && hidden(chart, m)) continue;
      drawMessage(chart, m, inPath, busy);
    }
  });
}

/** A message whose both ends are in one folded column is not drawn. */
function hidden(chart, m) {
  return m.e >= 0 && m.e !== m.l && chart.columns.of[m.l] === chart.columns.of[m.e];
}

/** A message that is under way for more columns than this is drawn as its two ends alone. */
const longest = 24;

/** The arrows of a message: one, or its two ends if they are far apart. */
function arrows(chart, m, whole) {
  const at = place(chart, m);
  const { x1, y1, x2, y2 } = at;
  if (whole || x2 - x1 < longest * chart.width) return [{ ...at, head: true }];
  const dx = 0.8 * chart.width;
  const dy = (y2 - y1) * 0.3;
  return [
    { x1, y1, x2: x1 + dx, y2: y1 + dy, head: false, stub: true },
    { x1: x2 - dx, y1: y2 - dy, x2, y2, head: true, stub: true },
  ].filter((a) => a.x2 > chart.left - chart.width && a.x1 < chart.right + chart.width);
}

function drawMessage(chart, m, inPath, busy) {
  for (const arrow of arrows(chart, m, inPath)) drawArrow(chart, m, arrow, inPath, busy);
}

function drawArrow(chart, m, { x1, y1, x2, y2, head: headed, stub }, inPath, busy) {
  const lost = [fates.dropped, fates.reachedNo, fates.spilled].includes(m.z);
  const at = chart.cursor;
  const now = m.e === at || m.l === at;
  const kind = ["message", lost && "lost", m.c && "copy", m.o && "overrun", (m.z ?? 0) === fates.onItsWay && "waits",
    inPath && "path", now && "now", stub && "stub"].filter(Boolean).join(" ");
  chart.group({ class: kind, "data-message": m.id }, (g) => {
    const head = !headed || (m.z ?? 0) !== fates.arrived ? {} : { "marker-end": inPath ? "url(#head-path)" : "url(#head)" };
    chart.add("path", { class: "reach", d: `M${x1} ${y1} L${x2} ${y2}` });
    chart.add("path", { class: "line", d: `M${x1} ${y1} L${x2} ${y2}`, ...head });
    if (lost && headed) cross(chart, x2, y2, "message-lost");
    g.append(title(`n${m.f} → n${m.t} ${m.text}${story(m)}`));
    if (headed && (!busy || inPath || now)) messageLabel(chart, m, { x1, y1, x2, y2 });
  });
}

/** Where the arrow of a message begins and ends. One that is lost or waits ends midway. */
function place(chart, m) {
  const from = chart.node.get(m.f).mid - 6;
  const to = chart.node.get(m.t).mid - 6;
  const down = to > from ? 1 : -1;
  const x1 = chart.x(m.l);
  const y1 = from + 6 * down;
  let x2 = m.e < 0 ? Math.min(chart.total, x1 + 1.5 * chart.width) : chart.x(m.e);
  let y2 = to - 10 * down;
  if ((m.z ?? 0) !== fates.arrived && m.z !== fates.reachedNo) {
    if (x2 === x1) x2 += chart.width * 0.5;
    y2 = y1 + (y2 - y1) * 0.55;
  }
  return { x1, y1, x2, y2 };
}

function story(m) {
  const said = ["", "", "; lost", "; its receiver was down", "; its link was full"][m.z ?? 0];
  return `${said}${m.c ? "; a copy" : ""}${m.o ? "; overtaken by a later message" : ""}${m.z === undefined ? "; on its way" : ""}`;
}

function messageLabel(chart, m, { x1, y1, x2, y2 }) {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const text = shorten(m.kind) + (m.c ? " (copy)" : "") + (m.o ? " (overtaken)" : "");
  if (length < text.length * 5 + 14) return;
  let angle = Math.atan2(y2 - y1, x2 - x1) * 180 / Math.PI;
  if (angle > 90) angle -= 180;
  if (angle < -90) angle += 180;
  const part = 0.5;
  chart.add("text", { class: "kind", transform:
    `translate(${x1 + (x2 - x1) * part} ${y1 + (y2 - y1) * part}) rotate(${angle}) translate(0 -3)` }, text);
}

function drawOperations(chart) {
  for (const op of chart.run.operations) {
    const end = op.e < 0 ? chart.run.last : op.e;
    if (!inSight(chart, op.s, end)) continue;
    drawOperation(chart, op, chart.client.get(op.c));
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
    label(chart, { class: "op-text", x: from, y: y - 4 }, operationText(op), Math.max(x2 - from, 260));
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
    const x1 = chart.x(act.s);
    const x2 = act.e < 0 ? x1 + chart.width : chart.x(act.e);
    const y1 = chart.client.get(act.c).y + 33;
    const y2 = chart.database.y + 14;
    const kind = act.e < 0 ? "waits" : act.a ? "taken" : "refused";
    chart.group({ class: `act ${kind}` }, (g) => {
      chart.add("circle", { cx: x1, cy: y1, r: 3 });
      chart.add("path", { class: "line", d: `M${x1} ${y1} L${x2} ${y2}` });
      if (act.e >= 0) label(chart, { class: "act-text", x: x2 + 5, y: y2 + 5 }, `${act.a ? "✓" : "✕"} token ${act.k}`, 200);
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
    label(chart, { class: "violation", ...at, y: lane.y + 14 }, names.join(", "), room < 60 ? 200 : room * 0.86);
  });
}

/** A text that is cut to a width. */
function label(chart, attributes, text, room) {
  const most = Math.max(0, Math.floor(room / 5.6));
  if (most < 2 && text.length > most) return;
  chart.add("text", attributes, text.length > most ? `${text.slice(0, most - 1)}…` : text);
}

function title(text) {
  const t = document.createElementNS("http://www.w3.org/2000/svg", "title");
  t.textContent = text;
  return t;
}
