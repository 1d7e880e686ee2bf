/* The keys of the presentation, wherever the focus is: they click the page's own buttons, which say the same to everyone. */
(function () {
  "use strict";
  const page = window.parent;
  const BUTTONS = {
    ArrowRight: "next", PageDown: "next", " ": "next", ArrowLeft: "previous", PageUp: "previous",
    Home: "first", End: "last", Escape: "end", s: "swipe", S: "swipe", d: "dark", D: "dark",
  };
  const heard = new Set();

  function press(event) {
    /* With Shift the arrows still move the map; the divider of a swipe and a focused button keep their keys. */
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const name = BUTTONS[event.key], at = event.target;
    if (!name || (at.closest && at.closest("input, textarea, select"))) return;
    if (event.key === " " && at.closest && at.closest("button, a")) return;
    const button = page.document.querySelector(".st-key-briefing-" + name + " button");
    if (!button || button.disabled) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    button.click();
  }

  function listen(target) {
    try {
      if (heard.has(target)) return;
      target.addEventListener("keydown", press, true);
      heard.add(target);
    } catch (refusal) {
      if (refusal.name !== "SecurityError") throw refusal;
      heard.add(target); /* a frame of another origin keeps its keys */
    }
  }

  function everywhere() {
    listen(page.document);
    page.document.querySelectorAll("iframe").forEach(function (frame) {
      if (frame.contentWindow && frame.contentWindow !== window && frame.contentDocument) listen(frame.contentDocument);
    });
  }

  everywhere();
  const watching = setInterval(everywhere, 250);
  window.addEventListener("pagehide", function () {
    clearInterval(watching);
    heard.forEach(function (target) { if (target.removeEventListener) target.removeEventListener("keydown", press, true); });
  });
  const tell = function (message) { page.postMessage(Object.assign({ isStreamlitMessage: true }, message), "*"); };
  tell({ type: "streamlit:componentReady", apiVersion: 1 });
  tell({ type: "streamlit:setFrameHeight", height: 0 });
})();
