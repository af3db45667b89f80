// The whole run at a glance: a strip a node, violations, and the part that the chart shows.

import { html } from "words";

const strip = 7;

export class Overview {
  constructor(run, tracks, chart, onPick) {
    Object.assign(this, { run, tracks, chart });
    this.element = html("canvas", "overview");
    this.element.setAttribute("aria-hidden", "true");
    this.element.height = run.nodes * strip + 10;
    this.element.addEventListener("pointerdown", (e) => this.pick(e, onPick));
    this.element.addEventListener("pointermove", (e) => e.buttons === 1 && this.pick(e, onPick));
  }

  pick(event, onPick) {
    const box = this.element.getBoundingClientRect();
    onPick(Math.round((event.clientX - box.left) / box.width * this.run.last));
  }

  draw() {
    const { element: c, run, chart } = this;
    c.hidden = chart.total <= chart.scroller.clientWidth * 1.2;
    if (c.hidden) return;
    const width = c.clientWidth;
    const scale = window.devicePixelRatio || 1;
    c.width = width * scale;
    c.height = (run.nodes * strip + 10) * scale;
    c.style.height = `${run.nodes * strip + 10}px`;
    const g = c.getContext("2d");
    g.scale(scale, scale);
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const x = (step) => Math.min(step, run.last) / Math.max(run.last, 1) * width;
    const leaders = [0, 1, 2, 3, 4, 5, 6].map((t) => colour(`--term-${t}`));
    this.tracks.nodes.forEach((track, id) => track?.life.forEach((s) => {
      const height = { leader: 6, candidate: 4, precandidate: 4, down: 0, gone: 0 }[s.kind] ?? 2;
      g.fillStyle = leaders[s.term % 7];
      g.fillRect(x(s.from), (id - 0.5) * strip + 4 - height / 2, Math.max(x(s.to) - x(s.from), 1), height);
    }));
    g.fillStyle = colour("--harm");
    for (const v of run.violated) g.fillRect(x(v.step) - 1, 0, 2, c.clientHeight);
    this.window(g, x, colour);
  }

  window(g, x, colour) {
    const { chart } = this;
    const height = this.element.clientHeight;
    g.strokeStyle = colour("--ink");
    g.strokeRect(x(chart.from) + 0.5, 0.5, Math.max(x(chart.to) - x(chart.from), 4) - 1, height - 1);
    g.fillStyle = colour("--accent");
    g.fillRect(x(chart.cursor) - 1, 0, 2, height);
  }
}
