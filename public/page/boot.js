// @ts-check
// A part of the page that does not come through would leave it blank or bare, and browsers drop waiting requests
// whenever a network interface comes or goes, as the engine's do with each build. So the page is loaded again then.
(() => {
  const key = 'docker-builder:reloads';
  const most = 10;
  /** @param {Event} event */
  function partMissing({ target }) {
    if (!(target instanceof HTMLScriptElement || target instanceof HTMLLinkElement)) return;
    const reloads = Number(sessionStorage.getItem(key));
    if (reloads >= most) return;
    sessionStorage.setItem(key, String(reloads + 1));
    setTimeout(() => location.reload(), 300 * Math.min(reloads + 1, 3));
  }
  window.addEventListener('error', partMissing, true);
  window.addEventListener('load', () => document.body.dataset['view'] && sessionStorage.removeItem(key));
})();
