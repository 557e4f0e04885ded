import type { Files } from '../../test/fixtures/repository.ts';

/** Work of about a quarter of a second each, for the processor and the disk; no network. */
const works = [
  'seq 1 120000 | sha256sum > /out/$NAME',
  'seq 1 90000 | sort -r | tail -n 50 > /out/$NAME',
  "awk 'BEGIN { for (i = 0; i < 700000; i++) sum += i % 7; print sum }' > /out/$NAME",
  'dd if=/dev/urandom bs=64k count=300 2>/dev/null | tee /out/$NAME | md5sum',
  'i=0; while [ $i -lt 120000 ]; do i=$((i + 1)); done; echo $i > /out/$NAME',
  'cat /src/* /src/* | gzip -9 | sha256sum > /out/$NAME',
];

/** A Dockerfile of 24 steps over a few hundred source files. Nothing of it is cached once `seed` has changed. */
export function generatedProject(): Files {
  const runs = Array.from({ length: 20 }, (_, index) => {
    const work = works[index % works.length] ?? '';
    return `RUN ${work.replaceAll('$NAME', `step-${index}`)}`;
  });
  const head = ['FROM busybox', 'COPY seed /seed', 'COPY src /src', 'RUN mkdir /out'];
  return { Dockerfile: `${[...head, ...runs].join('\n')}\n`, seed: '0', ...sourceFiles(200, 8000) };
}

/** Files of about this many bytes of code-like text, always the same ones. */
export function sourceFiles(count: number, bytes: number): Files {
  const entries = Array.from({ length: count }, (_, index) => {
    const name = `src/module-${index % 50}-${Math.floor(index / 50)}.txt`;
    return [name, sourceText(index, bytes)] as const;
  });
  return Object.fromEntries(entries);
}

export function sourceText(seed: number, bytes: number): string {
  let state = seed + 1;
  let text = '';
  while (text.length < bytes) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += `const value${state % 977} = compute(${state.toString(36)});\n`;
  }
  return text;
}
