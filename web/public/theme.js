// Runs before the first paint, so that a chosen theme never flashes; a file of its own because the CSP forbids inline scripts.
(function () {
  var theme = 'system';
  try {
    theme = (JSON.parse(localStorage.getItem('taskflow.preferences')) || {}).theme || 'system';
  } catch (_) {
    // Storage is blocked or holds something else: the system's theme is right then.
  }
  var dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
