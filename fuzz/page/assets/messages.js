// Messages on the chart: arrows from the sending to the arrival.

import { cross, title } from "draw";
import { fates } from "run";
import { waitsOnCut } from "tracks";
import { shorten } from "words";

/** Draws the messages in sight. */
export function drawMessages(chart) {
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
  const held = waitsOnCut(chart.tracks, m, chart.run.last);
  const kind = [
    "message",
    held && "held",
    lost && "lost",
    m.c && "copy",
    m.o && "overrun",
    (m.z ?? 0) === fates.onItsWay && "waits",
    inPath && "path",
    now && "now",
    stub && "stub",
  ]
    .filter(Boolean)
    .join(" ");
  chart.group({ class: kind, "data-message": m.id }, (g) => {
    const head =
      !headed || (m.z ?? 0) !== fates.arrived
        ? {}
        : { "marker-end": inPath ? "url(#head-path)" : "url(#head)" };
    chart.add("path", { class: "reach", d: `M${x1} ${y1} L${x2} ${y2}` });
    chart.add("path", { class: "line", d: `M${x1} ${y1} L${x2} ${y2}`, ...head });
    if (lost && headed) cross(chart, x2, y2, "message-lost");
    g.append(title(`n${m.f} → n${m.t} ${m.text}${story(m)}${held ? "; waits on a cut link" : ""}`));
    if (headed && (!busy || inPath || now)) messageLabel(chart, m, { x1, y1, x2, y2 }, held);
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
  const said = [
    "",
    "",
    "; lost",
    "; its receiver was down",
    "; lost as it left: its link was full, or lossy",
  ][m.z ?? 0];
  const more = [m.c && "; a copy", m.o && "; overtaken by a later message", !m.z && "; on its way"];
  return said + more.filter(Boolean).join("");
}

function messageLabel(chart, m, { x1, y1, x2, y2 }, held) {
  const length = Math.hypot(x2 - x1, y2 - y1);
  const notes = [m.c && "copy", m.o && "overtaken", held && "cut"].filter(Boolean);
  const text = shorten(m.kind) + (notes.length ? ` (${notes.join(", ")})` : "");
  if (length < text.length * 5 + 14) return;
  let angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI;
  if (angle > 90) angle -= 180;
  if (angle < -90) angle += 180;
  chart.add(
    "text",
    {
      class: "kind",
      transform: `translate(${(x1 + x2) / 2} ${(y1 + y2) / 2}) rotate(${angle}) translate(0 -3)`,
    },
    text,
  );
}
