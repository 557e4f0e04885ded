import type { Problem } from '../words/problems.ts';

/** A refusal as every door answers it. The sentence has two names: one interface calls it error, another message. */
export function problemJson({ message, code, field, details }: Problem): Record<string, unknown> {
  return {
    error: message,
    message,
    code,
    ...(field !== undefined && { field }),
    ...(details !== undefined && { details }),
  };
}
