// Playing: each enabled event is a button at its node, link or client. The page holds the
// schedule, and the server runs it with the real code after each click.

import { Run } from "run";
import { View } from "view";
import { html, plural } from "words";

/** The events of a node that come first; the others are behind "more". */
const usual = new Set(["timeout", "tick", "persist", "crash", "restart", "pause", "resume"]);

/** The events that are always enabled. */
const macros = ["settle", "run k=1", "run k=10", "heal k=400"];

export class Play {
  constructor(data, main) {
    this.main = main;
    const [header, ...rest] = document.querySelector("#schedule pre").textContent.split("\n\n");
    this.header = header;
    const body = rest.join("\n\n").split("\n----")[0];
    this.lines = body
      .split("\n")
      .map((l) => l.trim())
      .filter(Boolean);
    this.branches = [];
    this.show(new Run(data), "end");
  }

  /** The events among the lines, which may have remarks. */
  events(lines = this.lines) {
    return lines.filter((l) => !l.startsWith("#"));
  }

  text(lines = this.lines) {
    return `${this.header}\n\n${lines.join("\n")}\n`;
  }

  async send(verb, text) {
    const answer = await (await fetch(verb, { method: "POST", body: text })).json();
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  /** Runs other lines, and shows the run if they are a schedule. */
  async play(lines) {
    this.say("running …");
    try {
      const data = await this.send("run", this.text(lines));
      this.lines = lines;
      this.show(new Run(data), "end");
    } catch (error) {
      this.say(error.message);
    }
  }

  add(line) {
    return this.play([...this.lines, line]);
  }

  undo() {
    const last = this.lines.findLastIndex((l) => !l.startsWith("#"));
    if (last >= 0) this.play(this.lines.slice(0, last));
  }

  /** Goes on from the event at the cursor; the whole run stays as a branch. */
  branch() {
    const event = this.view.run.steps[this.view.cursor].e;
    this.keep();
    this.play(this.upTo(event));
  }

  keep() {
    if (!this.branches.some((b) => b.join("\n") === this.lines.join("\n"))) this.branches.push(this.lines);
  }

  /** The lines up to an event, counted from 1. */
  upTo(event) {
    let n = 0;
    return this.lines.filter((l) => (l.startsWith("#") ? n < event : ++n <= event));
  }

  async save() {
    try {
      const { file } = await this.send("save", this.text());
      this.say(`saved as ${file}`);
    } catch (error) {
      this.say(error.message);
    }
  }

  say(text) {
    this.said.textContent = text;
  }

  show(run, cursor) {
    this.view?.close();
    this.view = new View(run, this.main, { follow: !this.view });
    this.view.onGo = () => this.decorate();
    this.verdict(run);
    if (cursor === "end") this.view.go(run.last);
    document.querySelector("#schedule pre").textContent = this.text();
  }

  /** The top of the page says at once what was violated. */
  verdict(run) {
    const first = run.violated[0];
    const events = plural(this.events().length, "event");
    let [short, reason] = [run.outcome, `${events}, and every property held so far.`];
    if (run.last === 0) {
      short = "play";
      reason = `Each button is an event, which the real code carries out. For a first leader click
        "timeout" at n1, and then "settle".`;
    }
    if (first) [short, reason] = [`violated ${first.property}`, first.text];
    else if (run.outcome !== "held") reason = run.lines[0];
    const verdict = document.getElementById("verdict");
    verdict.dataset.outcome = run.outcome;
    verdict.textContent = short;
    document.getElementById("reason").textContent = reason;
    document.querySelectorAll(".also,.verdicts").forEach((e) => e.remove());
    document.title = `${short} · ${run.title}`;
  }

  /** Puts the buttons beside what they are about. */
  decorate() {
    this.panel?.remove();
    this.said = html("p", "play-said");
    this.said.setAttribute("role", "status");
    this.panel = html("section", "play", this.tools(), this.said);
    this.panel.setAttribute("aria-label", "Play");
    const atEnd = this.view.cursor === this.view.run.last;
    if (atEnd) this.panel.append(this.network(), this.clients());
    this.view.chart.element.after(this.panel);
    if (atEnd) this.nodes();
  }

  tools() {
    const bar = html("div", "play-bar");
    if (this.view.cursor !== this.view.run.last) {
      const event = this.view.run.steps[this.view.cursor].e;
      bar.append(
        this.button(`go on from event ${event}`, () => this.branch(), "branch"),
        this.button("to the end", () => this.view.go(this.view.run.last)),
      );
    } else {
      bar.append(...macros.map((m) => this.event(m)), this.typed());
    }
    bar.append(
      this.button("undo", () => this.undo(), "undo"),
      this.button("save", () => this.save(), "save"),
    );
    this.branches.forEach((lines, i) =>
      bar.append(
        this.button(`branch ${i + 1}: ${plural(this.events(lines).length, "event")}`, () => {
          this.keep();
          this.play(lines);
        }),
      ),
    );
    return bar;
  }

  /** A field for any event. */
  typed() {
    const field = html("input", "typed");
    field.placeholder = "any event, such as: call c1 2 put x 7";
    field.setAttribute("aria-label", "any event of a schedule");
    field.addEventListener("keydown", (e) => {
      if (e.key === "Enter" && field.value.trim()) this.add(field.value.trim());
    });
    return field;
  }

  button(text, act, name = "") {
    const b = html("button", `act-button ${name}`, text);
    b.type = "button";
    b.addEventListener("click", act);
    return b;
  }

  /** The button of an event. */
  event(line, text = line) {
    const b = this.button(text.replace("->", "→"), () => this.add(line));
    b.dataset.event = line;
    b.title = line;
    return b;
  }

  /** The messages on the way, and the links. */
  network() {
    const box = html("div", "play-links");
    const onLink = new Map();
    for (const m of this.view.run.messages) {
      if (m.e >= 0 || m.l < 0) continue;
      const link = `${m.f}->${m.t}`;
      onLink.set(link, [...(onLink.get(link) ?? []), m]);
    }
    for (const [link, messages] of onLink) messages.forEach((m, k) => box.append(this.message(link, m, k)));
    if (box.children.length === 0) box.append(html("p", "nothing", "No message is on its way."));
    const links = this.enabled((kind, args) => /^\d+->\d+/.test(args[0]) && ["cut", "mend"].includes(kind));
    box.append(
      this.more(
        "links",
        links.map((l) => this.event(l)),
      ),
    );
    return box;
  }

  message(link, m, k) {
    const row = html(
      "div",
      "way",
      html("span", "way-text", `n${m.f} → n${m.t} ${m.text}${m.c ? " (copy)" : ""}`),
    );
    const at = k ? ` k=${k}` : "";
    for (const verb of ["deliver", "drop", "duplicate"]) {
      const line = `${verb} ${link}${at}`;
      if (this.view.run.enabled?.includes(line)) row.append(this.event(line, verb));
    }
    return row;
  }

  /** The enabled events that a test of their kind and arguments accepts. */
  enabled(accepts) {
    return (this.view.run.enabled ?? []).filter((line) => {
      const [kind, ...args] = line.split(" ");
      return accepts(kind, args);
    });
  }

  clients() {
    const lines = this.enabled(
      (kind, args) => /^c\d+$/.test(args[0]) && !["call", "read", "leaseread"].includes(kind),
    );
    return html("div", "play-clients", ...lines.map((l) => this.event(l)));
  }

  /** The buttons in the card of each node. */
  nodes() {
    for (const card of this.main.querySelectorAll(".card")) {
      const id = card.dataset.node;
      const lines = this.enabled((kind, args) =>
        /^c\d+$/.test(args[0])
          ? ["call", "read", "leaseread"].includes(kind) && args[1] === id
          : args[0] === id || (kind === "transfer" && args[0].startsWith(`${id}->`)),
      );
      const first = lines.filter(
        (l) =>
          (usual.has(l.split(" ")[0]) && !l.includes(" k=")) ||
          /^call .* put|^call .* campaign|^call .* enqueue/.test(l),
      );
      const bar = html(
        "div",
        "play-node",
        ...first.map((l) => this.event(l, this.short(l, id))),
        this.more(
          "more",
          lines.filter((l) => !first.includes(l)).map((l) => this.event(l, this.short(l, id))),
        ),
      );
      card.append(bar);
    }
  }

  /** An event without the node at which its button is. */
  short(line, id) {
    const [kind, ...args] = line.split(" ");
    return [kind, ...args.filter((a) => a !== id)].join(" ");
  }

  more(name, buttons) {
    if (buttons.length === 0) return null;
    return html("details", "play-more", html("summary", "", name), html("div", "play-node", ...buttons));
  }
}
