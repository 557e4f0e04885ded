// @ts-check
import { copyButton } from '../copy.js';
import { h } from '../dom.js';
import { exampleOf } from './example.js';
import { fieldsOf, row, table, typeOf } from './fields.js';
/** @import { Answer, Content, Operation, Place } from './types.d.ts' */

/** All that is said of one operation, folded up. @param {Place} place */
export function operationView({ method, path, operation }) {
  const { operationId, summary, description, parameters = [], requestBody, responses } = operation;
  return h(
    'details',
    { class: 'docs-operation', id: operationId },
    h(
      'summary',
      {},
      h('span', { class: `docs-method ${method.toLowerCase()}` }, method),
      h('code', {}, path),
      h('span', { class: 'docs-summary' }, summary),
    ),
    description !== undefined && h('p', {}, description),
    h('p', { class: 'docs-who' }, whoMay(operation)),
    parameters.length > 0 && h('h3', {}, 'Parameters'),
    parameters.length > 0 &&
      table(
        parameters.map(({ name, in: place, required, description: meaning, schema }) =>
          row(name, required, h('span', {}, `${place}: `, typeOf(schema)), meaning ?? ''),
        ),
      ),
    requestBody && h('h3', {}, requestBody.required ? 'Body' : 'Body (may be left out)'),
    requestBody && contentView(requestBody.content),
    h('h3', {}, 'Answers'),
    ...Object.entries(responses).map(([status, answer]) => answerView(status, answer)),
    h('h3', {}, 'With curl'),
    curl(method, path, operation),
  );
}

/** @param {Operation} operation */
function whoMay({ security }) {
  if (security.length === 0) return 'For everybody, or for whoever shows the proof that is described.';
  const scopes = security.flatMap(({ key }) => key ?? []);
  if (scopes.length > 0) return `For keys with the scope ${scopes.join(', ')}, and the administrator.`;
  return 'For whoever shows the token of the run.';
}

/** @param {string} status @param {Answer} answer */
function answerView(status, { description, content, headers = {} }) {
  const names = Object.entries(headers);
  return h(
    'div',
    { class: 'docs-answer' },
    h('p', {}, h('code', {}, status === 'default' ? 'else' : status), ' ', description),
    names.length > 0 && table(names.map(([name, header]) => row(name, false, 'header', header.description))),
    content && contentView(content),
  );
}

/** @param {Content} content */
function contentView(content) {
  const [[, first] = []] = Object.entries(content);
  const types = Object.keys(content).filter((type) => type !== 'application/json');
  return h(
    'div',
    {},
    types.length > 0 && h('p', {}, Object.keys(content).join(', ')),
    first && !(types.length > 0 && first.schema.type === 'string') && fieldsOf(first.schema),
  );
}

/** @param {string} method @param {string} path @param {Operation} operation */
function curl(method, path, { parameters = [], requestBody, security }) {
  const query = parameters.filter(({ in: place, required }) => place === 'query' && required);
  const search = query.map(({ name, schema }) => `${name}=${String(exampleOf(schema))}`).join('&');
  const schema = requestBody?.content['application/json']?.schema;
  const address = `${location.origin}${path}${search === '' ? '' : `?${search}`}`;
  const text = [
    'curl',
    ...(method === 'GET' ? [] : [`-X ${method}`]),
    ...(security.length === 0 ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...(schema ? [`-d '${JSON.stringify(exampleOf(schema))}'`] : []),
    `'${address}'`,
  ].join(' ');
  return h('div', { class: 'docs-curl' }, h('pre', {}, text), copyButton(text, 'command'));
}
