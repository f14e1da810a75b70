// Runs before the first paint, so that a chosen theme never flashes in the other one. An external file, because
// the content security policy allows no inline script. Reads what src/preferences/preferences.ts writes.
(function () {
  try {
    var theme = JSON.parse(localStorage.getItem("verbatim:preferences") || "{}").theme;
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch (_error) {
    // Storage is off or damaged: the system's theme is right.
  }
})();
