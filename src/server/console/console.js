// The only script of the console. Everything works without it: it puts what has changed into the page, at most once a second,
// counts characters while they are written, and moves the focus to what a form answered.
(() => {
  "use strict";
  const main = document.getElementById("main");
  const news = document.getElementById("news");
  const pause = document.getElementById("pause");

  // The heading of a step, or what is wrong with a form, is read first.
  const first = document.querySelector("[data-focus]");
  if (first) first.focus();

  // The number of characters as the service counts them: UTF-16 code units.
  for (const field of document.querySelectorAll("[data-max]")) {
    const help = document.getElementById(`${field.id}-help`);
    if (!help) continue;
    const words = help.textContent.replace(/^[^/]*\//, "/");
    const count = () => {
      help.textContent = `${field.value.length} ${words}`;
      help.classList.toggle("over", field.value.length > Number(field.dataset.max));
    };
    field.addEventListener("input", count);
    count();
  }

  if (!main || main.dataset.live !== "on" || !window.EventSource) return;

  let source = null;
  let isPaused = false;
  let last = "";
  let said = 0;

  // Puts the parts of a page in place that are different. The focus and the selection stay where they are.
  const put = (html) => {
    const template = document.createElement("template");
    template.innerHTML = html;
    for (const part of template.content.querySelectorAll("[data-live]")) {
      const here = document.getElementById(part.id);
      if (!here || here.outerHTML === part.outerHTML) continue;
      const focused = document.activeElement;
      const holds = here.contains(focused);
      if (holds && /^(INPUT|SELECT|TEXTAREA)$/.test(focused.tagName)) continue;
      // By its id, or by its place among the links and buttons.
      const all = (root) => [...root.querySelectorAll("a, button, summary, [tabindex]")];
      const place = holds ? all(here).indexOf(focused) : -1;
      const id = holds ? focused.id : "";
      const scrolled = [...here.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
      here.replaceChildren(...part.childNodes);
      [...here.querySelectorAll(".scroll")].forEach((box, at) => {
        box.scrollLeft = scrolled[at] || 0;
      });
      if (holds) {
        const again = (id && document.getElementById(id)) || all(here)[place] || main;
        again.focus({ preventScroll: true });
      }
    }
  };

  // Tells a screen reader, not more often than every five seconds.
  const tell = (text) => {
    const now = Date.now();
    if (!text || text === last || now - said < 5000) return;
    last = text;
    said = now;
    news.textContent = text;
  };

  const lost = document.createElement("p");
  lost.className = "banner bad";
  lost.textContent = main.dataset.lost;

  const follow = () => {
    source = new EventSource(location.href);
    source.addEventListener("page", (event) => {
      const page = JSON.parse(event.data);
      if (lost.isConnected) {
        lost.remove();
        news.textContent = main.dataset.back;
      }
      put(page.html);
      tell(page.news);
    });
    // What the page shows is gone: the server says why.
    source.addEventListener("gone", () => {
      source.close();
      location.reload();
    });
    source.addEventListener("error", () => {
      if (!lost.isConnected) {
        main.prepend(lost);
        news.textContent = main.dataset.lost;
      }
      // A browser gives up after an answer that is no stream, such as one that asks to sign in.
      if (source.readyState === EventSource.CLOSED && !isPaused) setTimeout(follow, 10000);
    });
  };

  const stop = () => {
    if (source) source.close();
    source = null;
  };

  if (pause) {
    pause.hidden = false;
    pause.addEventListener("click", () => {
      isPaused = !isPaused;
      pause.textContent = isPaused ? pause.dataset.resume : pause.dataset.pause;
      pause.setAttribute("aria-pressed", String(isPaused));
      if (isPaused) stop();
      else follow();
    });
  }

  // A page that nothing looks at is not followed.
  document.addEventListener("visibilitychange", () => {
    if (isPaused) return;
    stop();
    if (!document.hidden) follow();
  });
  window.addEventListener("pagehide", stop);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && !isPaused) follow();
  });
  if (!document.hidden) follow();
})();
