// Words that several parts of the page use.

/** A kind of message in few letters, so that it fits on an arrow. */
export function shorten(kind) {
  return kind
    .replace(/^Msg/, "")
    .replace("AppendEntries", "Append")
    .replace("Response", "Resp")
    .replace("Request", "");
}

/** "1 write", "3 writes". */
export function plural(n, one) {
  return `${n} ${one}${n === 1 ? "" : "s"}`;
}

/** A time in microseconds as seconds, "1.24 s". */
export function seconds(micros) {
  return `${((micros ?? 0) / 1e6).toFixed(2)} s`;
}

/** "n1", or "nobody". */
export function nodeName(id) {
  return id ? `n${id}` : "nobody";
}

/** Makes an HTML element with classes, texts and children. */
export function html(name, classes = "", ...children) {
  const e = document.createElement(name);
  if (classes) e.className = classes;
  e.append(...children.filter((c) => c !== null && c !== undefined));
  return e;
}
