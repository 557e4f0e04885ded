const shape = /^[^\s\p{C}]{1,255}$/u;
const own = 'docker-builder.';

/** What is wrong with the name of a label that a user wants, as the end of a sentence; undefined where nothing is. */
export function labelNameProblem(name: string): string | undefined {
  if (!shape.test(name)) return 'must have a name of 1 to 255 characters without blanks';
  if (name.startsWith(own)) return `must not begin with "${own}", which marks what is the server's own`;
  return undefined;
}
