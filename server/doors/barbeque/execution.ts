import { compactText } from '../../http/jsonTexts.ts';
import { escaped } from './answer.ts';
import { type FieldNames, isWanted } from './fields.ts';
import type { ExecutionStatus } from './status.ts';

export interface Execution {
  messageId: string;
  status: ExecutionStatus;
  /** The integer of the first attempt; null until that was started. */
  id: number | null;
}

/** What is shown only to those who ask for it: told when it is asked for. */
export interface Opened {
  htmlUrl(): string | null;
  /** JSON text, as it was sent. */
  message(): Promise<string | null>;
}

/** The compact JSON of an execution; written by hand, because it is asked for all the time. */
export async function executionBody(
  execution: Execution,
  fields: FieldNames,
  opened: Opened,
): Promise<string> {
  const { messageId, status, id } = execution;
  if (!fields) return `{"message_id":"${messageId}","status":"${status}","id":${id}}`;
  const members: string[] = [];
  if (isWanted(fields, 'message_id')) members.push(`"message_id":"${messageId}"`);
  if (isWanted(fields, 'status')) members.push(`"status":"${status}"`);
  if (isWanted(fields, 'id')) members.push(`"id":${id}`);
  if (isWanted(fields, 'html_url', false))
    members.push(`"html_url":${escaped(JSON.stringify(opened.htmlUrl()))}`);
  if (isWanted(fields, 'message', false)) {
    const text = await opened.message();
    members.push(`"message":${text === null ? 'null' : escaped(compactText(text))}`);
  }
  return `{${members.join(',')}}`;
}

/** The compact JSON of a document that has these members, and shows all of them where no fields are named. */
export function smallBody(members: Readonly<Record<string, string>>, fields: FieldNames): string {
  const shown = Object.entries(members).filter(([name]) => isWanted(fields, name));
  return escaped(JSON.stringify(Object.fromEntries(shown)));
}

/** For an execution that nobody knows. */
export const unknownExecution: Opened = { htmlUrl: () => null, message: async () => null };

/** Where people see an execution. */
export function pageAddress(server: string, messageId: string): string {
  return `${server}/job_executions/${messageId}`;
}

/** In lower case, as a path has it. */
export const messageIdShape = /^[a-f\d]{8}-(?:[a-f\d]{4}-){3}[a-f\d]{12}$/;
