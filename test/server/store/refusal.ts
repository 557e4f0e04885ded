/** What the promise was rejected with; `done` where it was not. */
export function refusal(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'done',
    (error: unknown) => (error instanceof Error ? error.message : 'no error'),
  );
}
