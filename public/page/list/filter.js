// @ts-check

const names = ['account', 'repo', 'ref', 'status'];

/**
 * What the filter field says, as the server's own filters; each is compared whole. `acme/shop` is account and repo,
 * `acme/` the account alone, `ref:main` and the like name their field, any other word is the repo.
 * @param {string} text
 * @returns {Record<string, string>}
 */
export function parseFilter(text) {
  /** @type {Record<string, string>} */
  const filter = {};
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const [name = '', ...rest] = word.split(':');
    const slash = word.indexOf('/');
    if (names.includes(name) && rest.length > 0) filter[name] = rest.join(':');
    else if (slash >= 0)
      Object.assign(filter, { account: word.slice(0, slash), repo: word.slice(slash + 1) });
    else filter['repo'] = word;
  }
  return known(filter);
}

/**
 * The text that gives this filter again.
 * @param {Record<string, string>} query
 */
export function filterText({ account, repo, ref, status }) {
  const words = [];
  if (account) words.push(`${account}/${repo ?? ''}`);
  else if (repo) words.push(/[:/]/.test(repo) ? `repo:${repo}` : repo);
  if (ref) words.push(`ref:${ref}`);
  if (status) words.push(`status:${status}`);
  return words.join(' ');
}

/** Only what is a filter and says something. @param {Record<string, string>} query */
export const known = (query) =>
  Object.fromEntries(names.flatMap((name) => (query[name] ? [[name, query[name]]] : [])));

/**
 * Whether a job belongs to what a filter shows.
 * @param {Record<string, string>} filter
 * @param {import('../words.d.ts').Job} job
 */
export const fits = (filter, job) =>
  Object.entries(filter).every(
    ([name, value]) => job[/** @type {'account' | 'repo' | 'ref' | 'status'} */ (name)] === value,
  );
