// What all marks on the chart need: texts, crosses, and whether something is in sight.

/** Whether a stretch of steps is in sight. */
export function inSight(chart, from, to) {
  return from <= chart.to && to >= chart.from;
}

/** A text that is cut to a width. */
export function label(chart, attributes, text, room) {
  const letter = /event|op-text/.test(attributes.class) ? 6.3 : 5.6; // those are of one width
  const most = Math.max(0, Math.floor(room / letter));
  if (most < 2 && text.length > most) return;
  chart.add("text", attributes, text.length > most ? `${text.slice(0, most - 1)}…` : text);
}

/** Draws a small cross. */
export function cross(chart, x, y, kind) {
  chart.add("path", { class: `cross ${kind}`, d: `M${x - 4} ${y - 4} l8 8 m0 -8 l-8 8` });
}

/** The words that appear when the mouse rests on a mark. */
export function title(text) {
  const t = document.createElementNS("http://www.w3.org/2000/svg", "title");
  t.textContent = text;
  return t;
}
