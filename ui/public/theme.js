// Runs before the first paint, so that a dark window never flashes white.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem('amtia.theme');
  } catch {
    // A browser that refuses storage follows the system.
  }
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
