// What is kept fresh by a stream that could not be opened, or has ended for good, asks for it
// again: soon at first, then ever later. Once a stream is open, htmx itself takes it up again.
const longest = 30000;
const waits = new WeakMap();
const signedOut = (status) => status === 401;
const lives = (element) => element.hasAttribute?.("hx-sse:connect");
const again = (element) => {
  const wait = waits.get(element) ?? 1000;
  waits.set(element, Math.min(2 * wait, longest));
  setTimeout(() => element.isConnected && element.dispatchEvent(new Event("again")), wait);
};
document.addEventListener("htmx:sse:after:connection", ({ target }) => waits.delete(target));
document.addEventListener("htmx:sse:close", ({ target, detail }) => detail.reason === "ended" && again(target));
document.addEventListener("htmx:sse:error", ({ detail }) => signedOut(detail.status) && location.reload());
document.addEventListener("htmx:error", ({ target }) => lives(target) && again(target));
// What answers in place of a stream is never shown in the page: who is to sign in is led
// there, and a fault of what stands between passes.
document.addEventListener("htmx:before:response", (event) => {
  const { raw } = event.detail.ctx.response;
  if (!lives(event.target) || raw.headers.get("Content-Type")?.includes("text/event-stream")) return;
  event.preventDefault();
  if (signedOut(raw.status)) location.reload();
  else again(event.target);
});
