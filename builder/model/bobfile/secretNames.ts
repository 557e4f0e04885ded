import type { PlannedCredentials, SecretName } from '../imagePlan.ts';
import { isSecretId, secretNameIn } from '../secretName.ts';
import type { FileNode } from './fileNode.ts';
import type { Entry } from './keys.ts';
import type { Report } from './report.ts';
import { listItems, tableMembers, textNode, textOf } from './values.ts';

const mostSecrets = 100;
const named = 'must be "secret:<name>", the name of a secret in settings.json';

/** The name in `secret:<name>`. What is written instead may be the secret itself, so it is never shown. */
export function secretOf(node: FileNode | undefined, report: Report, rule = named): SecretName | undefined {
  const text = textNode(node, report);
  if (!text) return undefined;
  const name = secretNameIn(text.text);
  if (name === undefined) report.say(text, rule);
  return name;
}

/** `secrets`: a table from id to `secret:<name>`, or a list of such, whose names are the ids. */
export function readSecrets(
  node: FileNode | undefined,
  report: Report,
): { id: string; secret: SecretName }[] {
  if (node?.kind === 'list')
    return listItems(node, 'of "secret:<name>"', mostSecrets, report).flatMap((item) => {
      const secret = secretOf(item, report);
      return secret === undefined ? [] : { id: secret, secret };
    });
  const members = tableMembers(
    node,
    'of id = "secret:<name>", or a list of "secret:<name>"',
    mostSecrets,
    report,
  );
  return [...members].flatMap(([id, member]) => {
    if (!isSecretId(id)) report.say(member, 'must have an id of letters, digits, "_", "." and "-"');
    const secret = secretOf(member, report);
    return secret === undefined ? [] : { id, secret };
  });
}

/** Who pushes: `credentials`, or `dockercfg_un`, `_pass` and `_email`. */
export function readCredentials(entry: Entry, report: Report): PlannedCredentials | undefined {
  const pair = secretOf(
    entry.get('credentials'),
    report,
    'must be "secret:<name>", the name of a secret in settings.json that is username:password',
  );
  const parts = readParts(entry, report);
  const both = entry.get('credentials');
  if (both && partsOf(entry).length > 0)
    report.say(both, 'must not be beside dockercfg_un, dockercfg_pass or dockercfg_email');
  return pair === undefined ? parts : { pair };
}

function partsOf(entry: Entry): FileNode[] {
  return (['dockercfg_un', 'dockercfg_pass', 'dockercfg_email'] as const).flatMap(
    (key) => entry.get(key) ?? [],
  );
}

function readParts(entry: Entry, report: Report): PlannedCredentials | undefined {
  const [first] = partsOf(entry);
  if (!first) return undefined;
  for (const key of ['dockercfg_un', 'dockercfg_pass'] as const)
    if (!entry.has(key)) report.say(first, `must have ${key} beside it`);
  const password = secretOf(
    entry.get('dockercfg_pass'),
    report,
    'must not hold a password: give it a name in settings.json (secrets) and write "secret:<name>"',
  );
  const username = usernameOf(entry.get('dockercfg_un'), report);
  const email = textOf(entry.get('dockercfg_email'), report);
  if (password === undefined || username === undefined) return undefined;
  return { username, password: { secret: password }, ...(email !== undefined && { email }) };
}

function usernameOf(node: FileNode | undefined, report: Report): string | { secret: SecretName } | undefined {
  if (node?.kind === 'text' && node.text.startsWith('secret:')) {
    const secret = secretOf(node, report);
    return secret === undefined ? undefined : { secret };
  }
  const text = textOf(node, report);
  // A password may follow, so it is not shown.
  if (node && text?.includes(':')) report.say(node, 'must not have a ":" in it');
  return text;
}
