// @ts-check
import { openJob } from './job/job.js';
import { openList } from './list/list.js';
import { parseRoute } from './router.js';
import { showSignOut } from './sign-in.js';
import { openWorkers } from './workers/workers.js';

const place = document.querySelector('main') ?? document.body;
const account = document.querySelector('#account');

/** @typedef {{ update: (route: import('./router.js').Route) => boolean, close: () => void }} View */
/** @type {View | undefined} */
let view;

/** @param {import('./router.js').Route} route @returns {View} */
function open(route) {
  if (route.view === 'workers') return openWorkers(place);
  return route.view === 'job' ? openJob(place, route) : openList(place, route);
}

function show() {
  const route = parseRoute(location.hash);
  if (view?.update(route)) return;
  view?.close();
  window.scrollTo(0, 0);
  document.body.dataset['view'] = route.view;
  view = open(route);
  if (account) showSignOut(account);
}

window.addEventListener('hashchange', show);
show();
