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
    "Keys",
    `← → step, Shift ← → event, Home, End, L next change of leader, V next violation, W why,
    F unfold, + − width.`,
  ],
];

/** Makes the list of explanations. */
export function howToRead() {
  return html("dl", "", ...lines.flatMap(([term, text]) => [html("dt", "", term), html("dd", "", text)]));
}
