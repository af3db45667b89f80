// The chart: lanes from top to bottom, time from left to right. Only the columns in sight
// are drawn, so that a long run costs as little as a short one.

import { drawMarks } from "marks";

export const size = { column: 60, lane: 92, head: 62, client: 42 };

/** Makes an SVG element. */
export function el(name, attributes = {}, text) {
  const e = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) e.setAttribute(key, value);
  if (text !== undefined) e.textContent = text;
  return e;
}

export class Chart {
  constructor(run, columns, tracks, onPick) {
    Object.assign(this, { run, columns, tracks });
    this.cursor = 0;
    this.path = { messages: new Set(), steps: new Set() };
    this.zoom = 1;
    this.layLanes();
    this.build(onPick);
  }

  layLanes() {
    this.lanes = [];
    let y = size.head;
    const add = (lane, height) => { this.lanes.push({ ...lane, y, height, mid: y + height / 2 }); y += height; };
    if (this.tracks.network.length > 0) add({ kind: "network", name: "links", label: "the network" }, 26);
    for (let id = 1; id <= this.run.nodes; id++) add({ kind: "node", id, name: `n${id}`, label: `node ${id}` }, size.lane);
    const clients = new Set([...this.run.operations, ...this.run.acts].map((o) => o.c));
    for (const c of [...clients].sort((a, b) => a - b)) {
      add({ kind: "client", id: c, name: `c${c}`, label: `client ${c}` }, size.client);
    }
    if (this.run.acts.length > 0) add({ kind: "database", name: "db", label: "the workers' database" }, 34);
    if (this.run.violated.length > 0) add({ kind: "verdicts", name: "✖", label: "violations" }, 24);
    this.height = y + 6;
    this.node = new Map(this.lanes.filter((l) => l.kind === "node").map((l) => [l.id, l]));
    this.client = new Map(this.lanes.filter((l) => l.kind === "client").map((l) => [l.id, l]));
    this.database = this.lanes.find((l) => l.kind === "database");
  }

  build(onPick) {
    this.element = document.createElement("div");
    this.element.className = "chart";
    this.gutter = document.createElement("div");
    this.gutter.className = "gutter";
    for (const lane of this.lanes) {
      const name = document.createElement("div");
      name.className = `lane-name ${lane.kind}`;
      name.style.top = `${lane.y}px`;
      name.style.height = `${lane.height}px`;
      name.textContent = lane.name;
      name.title = lane.label;
      this.gutter.append(name);
    }
    this.scroller = document.createElement("div");
    this.scroller.className = "scroller";
    this.scroller.tabIndex = -1;
    this.spacer = document.createElement("div");
    this.spacer.className = "spacer";
    this.svg = el("svg", { class: "lanes", role: "img", "aria-label": "The run as lanes over time" });
    this.spacer.append(this.svg);
    this.scroller.append(this.spacer);
    this.element.append(this.gutter, this.scroller);
    this.scroller.addEventListener("scroll", () => this.later());
    this.svg.addEventListener("click", (e) => this.pick(e, onPick));
    new ResizeObserver(() => this.later()).observe(this.scroller);
  }

  pick(event, onPick) {
    const target = event.target.closest("[data-op],[data-message]");
    const x = event.clientX - this.svg.getBoundingClientRect().left + this.left;
    const column = this.columnAt(x);
    onPick({
      step: this.columns.list[column].last, column,
      op: target?.dataset.op, message: target?.dataset.message, twice: event.detail > 1,
    });
  }

  /** The places of the columns: a folded one is as wide as any other. */
  measure() {
    this.width = size.column * this.zoom;
    this.total = this.columns.list.length * this.width + 24;
    this.spacer.style.width = `${this.total}px`;
    this.spacer.style.height = `${this.height}px`;
    this.gutter.style.height = `${this.height}px`;
  }

  /** The middle of a step's column. */
  x(step) {
    if (step < 0 || step > this.run.last) return this.total;
    return (this.columns.of[step] + 0.5) * this.width;
  }

  columnAt(x) {
    return Math.max(0, Math.min(this.columns.list.length - 1, Math.floor(x / this.width)));
  }

  /** Moves the columns so that a step is in sight. */
  reveal(step, centre = false) {
    const x = this.x(step);
    const { scrollLeft: left, clientWidth: width } = this.scroller;
    const margin = Math.min(this.width * 1.5, width / 3);
    if (centre || x < left + margin || x > left + width - margin) this.scroller.scrollLeft = x - width / 2;
    this.later();
  }

  later() {
    if (this.waiting) return;
    this.waiting = true;
    requestAnimationFrame(() => { this.waiting = false; this.draw(); });
  }

  draw() {
    this.measure();
    const width = this.scroller.clientWidth;
    this.left = this.scroller.scrollLeft;
    this.right = this.left + width;
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("height", this.height);
    this.svg.setAttribute("viewBox", `${this.left} 0 ${width} ${this.height}`);
    this.from = this.columns.list[this.columnAt(this.left - this.width)].first;
    this.to = this.columns.list[this.columnAt(this.right + this.width)].last;
    this.svg.replaceChildren(definitions());
    drawMarks(this);
    this.onDraw?.();
  }

  add(name, attributes, text) {
    const e = el(name, attributes, text);
    (this.layer ?? this.svg).append(e);
    return e;
  }

  /** Draws into a group of its own. */
  group(attributes, draw) {
    const outer = this.layer;
    const g = this.add("g", attributes);
    this.layer = g;
    draw(g);
    this.layer = outer;
    return g;
  }
}

/** The patterns and arrow heads that marks refer to. */
function definitions() {
  const defs = el("defs");
  defs.innerHTML = `
    <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect width="6" height="6" fill="none"/><line x1="0" y1="0" x2="0" y2="6" class="hatch"/></pattern>
    <pattern id="dots" width="5" height="5" patternUnits="userSpaceOnUse"><circle cx="1.5" cy="1.5" r="1" class="dot"/></pattern>
    ${["", "-path", "-cut"].map((k) => `<marker id="head${k}" class="head${k}" viewBox="0 0 8 8" refX="7" refY="4"
      markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0.8 L8 4 L0 7.2 z"/></marker>`).join("")}`;
  return defs;
}
