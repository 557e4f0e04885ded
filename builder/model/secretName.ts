import type { SecretName } from './imagePlan.ts';

const reference = /^secret:([A-Za-z0-9][\w.-]{0,62})$/;
const id = /^[A-Za-z0-9_][\w.-]{0,99}$/;

/** The name in `secret:<name>`; undefined where the text is anything else, and may be the secret itself. */
export function secretNameIn(text: string): SecretName | undefined {
  return reference.exec(text)?.[1];
}

/** Whether RUN --mount=type=secret,id=… can name a secret so. */
export function isSecretId(text: string): boolean {
  return id.test(text);
}
