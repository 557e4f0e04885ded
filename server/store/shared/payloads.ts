import type { Message } from '../contract/bus.ts';

/** What NOTIFY takes is less than 8000 bytes. */
const mostBytes = 7900;

/** What stands in a message beside its kind, by its name; texts but for `last`. Of `wake` there may be `places`. */
const fieldsOf: Record<Message['kind'], readonly string[]> = {
  wake: [],
  outbox: [],
  wishes: [],
  keys: [],
  cancel: ['run'],
  run: ['run'],
  steps: ['run'],
  log: ['run', 'last'],
  call: ['id', 'to'],
  answer: ['id', 'to'],
};

/** Under which of two messages with the same name only the later one is worth telling. */
export function nameOf(message: Message): string {
  return message.kind === 'log' ? `log ${message.run}` : JSON.stringify(message);
}

/** Puts messages into as few texts as there must be. One that is too long for any is left out. */
export function payloadsOf(sender: string, messages: Iterable<Message>): string[] {
  const all: string[] = [];
  const from = JSON.stringify(sender);
  let part = from;
  for (const message of messages) {
    const text = JSON.stringify(message);
    const bytes = Buffer.byteLength(text);
    if (bytes + from.length > mostBytes) continue;
    if (Buffer.byteLength(part) + bytes > mostBytes) {
      all.push(part);
      part = from;
    }
    part += `,${text}`;
  }
  return [...all, ...(part === from ? [] : [part])].map((texts) => `[${texts}]`);
}

/** Who told something, and what of it is known here; undefined where it is not of our making. */
export function readPayload(payload: string): { sender: string; messages: Message[] } | undefined {
  const parsed = parse(payload);
  if (!Array.isArray(parsed)) return undefined;
  const [sender, ...messages] = parsed as unknown[];
  // A process of another version may tell of something else.
  return typeof sender === 'string' ? { sender, messages: messages.filter(isMessage) } : undefined;
}

function parse(payload: string): unknown {
  try {
    return JSON.parse(payload);
  } catch {
    return undefined;
  }
}

function isMessage(value: unknown): value is Message {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const kind = fields.get('kind');
  if (typeof kind !== 'string' || !Object.hasOwn(fieldsOf, kind)) return false;
  const places = fields.get('places');
  if (places !== undefined && !(Array.isArray(places) && places.every((place) => typeof place === 'string')))
    return false;
  return fieldsOf[kind as Message['kind']].every((name) =>
    name === 'last' ? Number.isSafeInteger(fields.get(name)) : typeof fields.get(name) === 'string',
  );
}
