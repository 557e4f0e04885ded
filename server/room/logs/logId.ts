const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a log may have this name: a lower case uuid, as runs have. */
export function isLogId(text: string): boolean {
  return uuid.test(text);
}

export function notALogId(text: string): Error {
  return new Error(`${text} is not the id of a run: a lower case uuid is expected`);
}
