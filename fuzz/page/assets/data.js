// The data of the page: a run as package page writes it.

/** Reads the run that the page holds: JSON, compressed, as base64. */
export async function load() {
  const text = atob(document.getElementById("run").textContent.trim());
  const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}
