/* While a page of a document is before somebody, say so every ten seconds: a GET, since an investor's session only reads.
   When the answer is that the document is no longer open, the page goes from the screen too. */
(() => {
  "use strict";
  const EVERY = 10000;
  const sheet = document.getElementById("sheet");
  if (!sheet) return;
  const over = () => {
    clearInterval(timer);
    sheet.remove();
    document.getElementById("sheet-over").hidden = false;
  };
  const sign = async () => {
    if (document.visibilityState !== "visible") return;
    try {
      const answer = await fetch(sheet.dataset.sign, { cache: "no-store", credentials: "same-origin", redirect: "manual" });
      if (answer.status === 404 || answer.type === "opaqueredirect") over();
    } catch {
      /* The network is away for a moment: nothing was seen that could be told. */
    }
  };
  const timer = setInterval(sign, EVERY);
  sheet.addEventListener("contextmenu", (event) => event.preventDefault());
})();
