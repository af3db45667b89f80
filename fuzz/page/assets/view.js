// The view: the chart, the cursor with its keys and links, and the cluster at the cursor.

import { Chart } from "chart";
import { clientsView } from "clients";
import { Columns } from "columns";
import { chartLegend, howToRead } from "help";
import { Overview } from "overview";
import { legend, stateView } from "state";
import { findTracks } from "tracks";
import { answer, ask, clientLines, questionsAt } from "why";
import { html } from "words";

export class View {
  constructor(run, main, { follow = true } = {}) {
    this.closing = new AbortController();
    this.run = run;
    this.main = main;
    this.columns = new Columns(run);
    const tracks = findTracks(run);
    this.chart = new Chart(run, this.columns, tracks, (at) => this.picked(at));
    this.overview = new Overview(run, tracks, this.chart, (step) => this.go(step, { centre: true }));
    this.chart.onDraw = () => this.overview.draw();
    this.build();
    const { signal } = this.closing;
    document.addEventListener("keydown", (e) => this.key(e), { signal });
    addEventListener("hashchange", () => this.follow(), { signal });
    this.chart.measure();
    if (!follow || !this.follow()) this.go(this.start(), { centre: true, quiet: true });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.chart.later(), {
      signal,
    });
  }

  /** Ends the view: another one takes its place. */
  close() {
    this.closing.abort();
  }

  /** Where the cursor is at first: at the first violation, or else at the beginning. */
  start() {
    return this.run.violated[0]?.step ?? 0;
  }

  build() {
    this.bar = this.buildBar();
    this.where = html("h2", "where");
    this.where.setAttribute("aria-live", "polite");
    this.remark = html("p", "remark-text");
    this.broke = html("div", "broke");
    this.words = html("pre", "words");
    this.why = html("div", "why");
    this.state = html("div", "state");
    const said = html("section", "said", this.where, this.remark, this.broke, this.words, this.why);
    said.setAttribute("aria-label", "The step at the cursor");
    const cluster = html(
      "section",
      "cluster",
      html("h2", "", "The cluster after this step"),
      this.state,
      legend(this.run.live),
    );
    this.clients = html("div", "");
    if (this.run.operations.length > 0) cluster.append(html("h2", "", "The clients"), this.clients);
    cluster.setAttribute("aria-label", "The cluster after this step");
    const help = html("details", "help", html("summary", "", "How to read this page"), howToRead());
    this.main.replaceChildren(
      this.bar,
      this.overview.element,
      this.chart.element,
      chartLegend(this.run.live),
      html("div", "below", said, cluster),
      help,
    );
  }

  buildBar() {
    const bar = html("nav", "bar");
    bar.setAttribute("aria-label", "Cursor");
    const button = (name, label, keys, act) => {
      const b = html("button", "", name);
      b.type = "button";
      b.title = `${label} (${keys})`;
      b.setAttribute("aria-label", label);
      b.addEventListener("click", act);
      bar.append(b);
      return b;
    };
    button("|◀", "first step", "Home", () => this.go(0));
    button("◀", "step back", "←", () => this.by(-1));
    button("▶", "step forward", "→", () => this.by(1));
    button("▶|", "last step", "End", () => this.go(this.run.last));
    button("event ▶", "next event", "Shift →", () => this.byEvent(1));
    button("leader ▶", "next change of leader", "L", () => this.toNext(this.leaderSteps(), 1));
    if (this.run.violated.length) {
      button("violation ▶", "next violation", "V", () =>
        this.toNext(
          this.run.violated.map((v) => v.step),
          1,
        ),
      );
    }
    button("−", "narrower", "-", () => this.zoom(0.75));
    button("+", "wider", "+", () => this.zoom(1 / 0.75));
    if (this.columns.list.some((c) => c.folded))
      button("unfold", "unfold or fold silent stretches", "F", () => this.foldAll());
    bar.append(html("span", "keys", "keys: ← → step, Shift ← → event, L leader, V violation, W why"));
    return bar;
  }

  key(e) {
    if (e.altKey || e.ctrlKey || e.metaKey || e.target.closest("input,textarea,select")) return;
    const act = {
      ArrowLeft: () => (e.shiftKey ? this.byEvent(-1) : this.by(-1)),
      ArrowRight: () => (e.shiftKey ? this.byEvent(1) : this.by(1)),
      Home: () => this.go(0),
      End: () => this.go(this.run.last),
      l: () => this.toNext(this.leaderSteps(), 1),
      L: () => this.toNext(this.leaderSteps(), -1),
      v: () =>
        this.toNext(
          this.run.violated.map((v) => v.step),
          1,
        ),
      V: () =>
        this.toNext(
          this.run.violated.map((v) => v.step),
          -1,
        ),
      w: () => this.ask(this.question ? null : questionsAt(this.run, this.cursor)[0]),
      f: () => this.foldAll(),
      "+": () => this.zoom(1 / 0.75),
      "-": () => this.zoom(0.75),
      Escape: () => this.ask(null),
    }[e.key];
    if (!act) return;
    e.preventDefault();
    act();
  }

  leaderSteps() {
    return this.run.leaders().map((e) => e.step);
  }

  /** Moves the cursor by columns. */
  by(n) {
    const column = this.columns.list[this.columns.of[this.cursor] + n];
    if (column) this.go(column.last);
  }

  byEvent(n) {
    const event = this.run.steps[this.cursor].e + n;
    const to = this.run.lastOf[event];
    if (to !== undefined) this.go(to);
  }

  toNext(steps, n) {
    const sorted = [...new Set(steps)].sort((a, b) => n * (a - b));
    const to = sorted.find((s) => n * (s - this.cursor) > 0) ?? sorted[0];
    if (to !== undefined) this.go(to);
  }

  zoom(by) {
    this.chart.zoom = Math.min(2.5, Math.max(0.12, this.chart.zoom * by));
    this.chart.measure();
    this.chart.reveal(this.cursor, true);
  }

  foldAll() {
    const folded = this.columns.list
      .map((c, i) => (c.folded ? i : -1))
      .filter((i) => i >= 0)
      .reverse();
    if (this.columns.open.size) this.columns.foldAll();
    else for (const c of folded) this.columns.toggle(c);
    this.chart.measure();
    this.chart.reveal(this.cursor, true);
  }

  picked({ step, column, op, twice }) {
    if (twice && this.columns.list[column].folded) {
      this.columns.toggle(column);
      this.chart.measure();
    }
    this.go(step);
    if (op !== undefined) this.ask({ op: Number(op) });
  }

  /** Goes to the step that the address names. */
  follow() {
    const step = this.run.named(decodeURIComponent(location.hash.slice(1)));
    if (step < 0) return false;
    this.go(step, { centre: true, quiet: true });
    return true;
  }

  /** Moves the cursor to a step. */
  go(step, { centre = false, quiet = false } = {}) {
    this.cursor = Math.max(0, Math.min(this.run.last, step));
    this.chart.cursor = this.cursor;
    if (!quiet) history.replaceState(null, "", `#${this.run.steps[this.cursor].name}`);
    this.question = null;
    this.chart.path = { messages: new Set(), steps: new Set() };
    this.chart.reveal(this.cursor, centre);
    this.show();
    this.onGo?.();
  }

  show() {
    const { run, cursor } = this;
    const step = run.steps[cursor];
    const line = step.does && step.does !== step.event ? `${step.event} › ${step.does}` : step.event;
    const time = run.live ? ` at ${((step.a ?? 0) / 1e6).toFixed(3)} s` : "";
    this.where.replaceChildren(html("a", "name", `#${step.name}`), ` ${line}${time}`);
    this.where.firstChild.href = `#${step.name}`;
    this.remark.textContent = step.r ?? "";
    this.broke.replaceChildren(
      ...run.violated
        .filter((v) => v.step === cursor)
        .map((v) =>
          html(
            "p",
            "violated",
            html("b", "", `✖ ${v.property} violated`),
            ` ${v.text}`,
            html("span", "rule", v.rule),
          ),
        ),
    );
    this.words.textContent = this.said(step);
    this.showWhy();
    const folded = this.columns.list[this.columns.of[cursor]];
    const before = run.at(Math.max(0, (folded.folded ? folded.first : cursor) - 1));
    this.clients.replaceChildren(clientsView(run, cursor, (q) => this.ask(q)));
    this.state.replaceChildren(stateView(run, run.at(cursor), before, (q) => this.ask(q)));
  }

  /** The step in words. */
  said(step) {
    if (step.q) return `${step.q} ticks pass, without effect`;
    const lines = this.run.live ? clientLines(this.run, this.cursor) : [];
    if (step.t) lines.unshift(step.t.trimEnd());
    return lines.join("\n") || (this.run.live ? step.event : "nothing happens");
  }

  /** Answers a question; null closes the answer. */
  ask(question) {
    this.question = question ?? null;
    const a = this.question && answer(this.run, this.question, this.cursor);
    this.chart.path = a ?? { messages: new Set(), steps: new Set() };
    this.chart.later();
    this.showWhy();
  }

  showWhy() {
    const questions = questionsAt(this.run, this.cursor);
    const same = (q) => JSON.stringify(q) === JSON.stringify(this.question);
    if (this.question && !questions.some(same)) questions.unshift(this.question);
    this.why.replaceChildren(
      ...questions.map((q) => {
        const button = html("button", "question", ask(this.run, q));
        button.type = "button";
        button.setAttribute("aria-expanded", String(same(q)));
        button.addEventListener("click", () => this.ask(same(q) ? null : q));
        return html("div", "", button, same(q) ? this.answerView(q) : null);
      }),
    );
  }

  answerView(q) {
    const list = html("ul", "answer");
    for (const parts of answer(this.run, q, this.cursor).lines) {
      list.append(html("li", "", ...parts.map((p) => (p.step === undefined ? p : this.stepLink(p.step)))));
    }
    return list;
  }

  stepLink(step) {
    const a = html("a", "", `#${this.run.steps[step].name}`);
    a.href = `#${this.run.steps[step].name}`;
    a.addEventListener("click", (e) => {
      e.preventDefault();
      const { question } = this;
      this.go(step);
      this.ask(question);
    });
    return a;
  }
}
