const words = [
  'gcc -O2 -Wall -Wextra -c -o build/',
  'warning: unused variable ‘result’ [-Wunused-variable]',
  'Get:',
  'http://deb.debian.org/debian bookworm/main amd64',
  'Unpacking',
  'Setting up',
  'npm http fetch GET 200 https://registry.npmjs.org/',
  'Downloading',
  'Collecting',
  'ok',
  'PASS',
  '(cache miss)',
  'node_modules/',
  'src/main/java/com/example/',
  '.c:',
  '.ts',
  'error: expected ‘;’ before ‘}’ token',
  'Compiling',
  'Finished in',
  'ms',
];

/**
 * Text that reads, and packs, as the output of builds does: lines of 20 to 200 bytes, of which none comes twice. The same
 * for the same seed.
 */
export function buildOutput(bytes: number, seed: number): string {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const lines: string[] = [];
  for (let size = 0; size < bytes;) {
    const parts = [`#${random(24)} ${(lines.length / 37).toFixed(3)}`];
    for (let left = 1 + random(5); left > 0; left--) parts.push(words[random(words.length)] ?? '');
    if (random(3) === 0) parts.push(`sha256:${random(2 ** 32).toString(16)}${random(2 ** 32).toString(16)}`);
    const line = `${parts.join(' ')} ${random(100_000)}`;
    lines.push(line);
    size += line.length + 1;
  }
  return lines.map((line) => `${line}\n`).join('');
}
