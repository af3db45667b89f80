// How to read the page, in a few lines.

import { html } from "words";

const lines = [
  [
    "Time",
    `Time runs to the right: a column is one step. A number at the top is an event of the
    schedule, and #27 in the address goes there. ⋯ stands for steps in which nothing changes.`,
  ],
  [
    "Lanes",
    `A lane is a node. A thick bar leads, a hatched one is a candidate, a thin line follows,
    a dashed line is down. The colour and tN are the term. A grey ground is cut off by a partition.`,
  ],
  [
    "Disk",
    `Below a lane: a square is a write, and the bar lasts until it is durable (disc) or lost
    (cross). A message that relies on a write leaves when that is durable.`,
  ],
  [
    "Messages",
    `An arrow is a message, from its sending to its arrival. A cross is a loss; a dotted
    arrow is still on its way. Only the two ends are drawn of one that takes very long.`,
  ],
  [
    "Clients",
    `A bar is an operation, from its call to its answer. The disc is the point at which it
    took effect. Operations in red have no order that explains their answers.`,
  ],
  [
    "Logs",
    `A cell is an entry: its index, its term, and the command. It is filled once it is
    committed, darker once it is applied, and dashed until it is on the disk.`,
  ],
  [
    "Names",
    `n1 is a node, c1 a client, db the database that the elected worker writes to. t2i5 is the
    entry of term 2 at index 5, and log 1..6 has the entries 1 to 6.`,
  ],
  [
    "Keys",
    `← → step, Shift ← → event, Home, End, L next change of leader, V next violation, W why,
    F unfold, + − width.`,
  ],
];

/** The marks of the chart: a drawn sample or one in letters, and its meaning. Real servers
    have those that are live. */
const marks = [
  { strip: "leads", text: "leads", live: true },
  { strip: "candidate", text: "stands for election" },
  { strip: "follows", text: "follows", live: true },
  { strip: "down", text: "is down", live: true },
  { sample: "t1 t2", text: "the term, by colour too", live: true },
  { sample: "□━●", text: "a write, until it is on disk" },
  { sample: "□━✕", text: "a write that is lost" },
  { sample: "→ ┄✕", text: "a message, and one that is lost" },
  { sample: "┄", text: "a message on its way, or before a cut" },
  { sample: "▭ ●", text: "a client's call, and the point at which it took effect", live: true },
  { sample: "×9", text: "usual calls in a folded stretch", only: true },
  { sample: "⋯", text: "a folded stretch: click twice to unfold", live: true },
  { sample: "¶", text: "a remark: click there to read it", live: true },
];

/** Makes the legend of the chart. */
export function chartLegend(live) {
  const list = html("p", "legend marks");
  for (const m of marks.filter((m) => (live ? m.live || m.only : !m.only))) {
    const sample = html("span", m.strip ? `strip ${m.strip}` : "sample", m.sample ?? "");
    sample.setAttribute("aria-hidden", "true");
    list.append(html("span", "key", sample, m.text));
  }
  return list;
}

/** Makes the list of explanations. */
export function howToRead() {
  return html("dl", "", ...lines.flatMap(([term, text]) => [html("dt", "", term), html("dd", "", text)]));
}
