// The clients at the cursor: the last answer of each, and the call that it waits for.

import { html } from "words";

/** The answers of the service election, in words (package models/election). */
const answers = [
  [/^token-(\d+)-until-(\d+)-at-(\d+)-for-c(\d+)$/, "c$4 leads by token $1 until $2; it was $3 then"],
  [/^held-by-c(\d+)-until-(\d+)-at-(\d+)-for-c(\d+)$/, "c$1 leads until $2; it was $3 then"],
  [/^ok-until-(\d+)-at-(\d+)-for-c(\d+)$/, "c$3 leads until $1; it was $2 then"],
  [/^ok-at-(\d+)-for-c(\d+)$/, "c$2 resigned at $1"],
  [/^lost-at-(\d+)-for-c(\d+)$/, "c$2 had lost the leadership by $1"],
];

/** What an answer says; "" if it says it itself. Times are those of the log. */
export function answerWords(text) {
  const found = answers.find(([form]) => form.test(text ?? ""));
  return found ? text.replace(...found) : "";
}

/** The last answer of a client up to a step, and the call that it waits for. */
function clientAt(run, client, step) {
  let last = null;
  let open = null;
  for (const op of run.operations) {
    if (op.c !== client || op.s > step) continue;
    const ended = op.e >= 0 && op.e <= step;
    if (!ended) open = op;
    else if (op.z === "returned" && !(last && last.e > op.e)) last = op;
  }
  return { last, open };
}

/** Makes a line for each client. */
export function clientsView(run, step, onAsk) {
  const list = html("ul", "clients");
  const clients = [...new Set(run.operations.map((op) => op.c))].sort((a, b) => a - b);
  for (const c of clients) {
    const { last, open } = clientAt(run, c, step);
    const item = html("li", "", html("b", "node-name", `c${c}`));
    if (last) item.append(operation(last, `${last.t} → ${last.r}`, onAsk));
    const words = answerWords(last?.r);
    if (words) item.append(html("span", "meaning", words));
    if (open) item.append(operation(open, `waits for ${open.t}`, onAsk));
    if (!last && !open) item.append(html("span", "meaning", "called nothing so far"));
    list.append(item);
  }
  return list;
}

function operation(op, text, onAsk) {
  const button = html("button", op.v ? "call clashes" : "call", text);
  button.type = "button";
  button.addEventListener("click", () => onAsk({ op: op.id }));
  return button;
}
