import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { type ContainerWorld, openContainerWorld, sh } from './containerWorld.ts';

const rounds = 8;

/** Numbers on both streams, some a second, and a result. */
const chatter = (
  lines: number,
) => `i=0; while [ $i -lt ${lines} ]; do i=$((i+1)); echo "out $i"; echo "err $i" >&2;
  [ $((i % 25)) = 0 ] && sleep 0.02; done; echo "{\\"last\\":$i}"`;

/** The same numbers for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function expectEachOnce(log: readonly string[], lines: number): void {
  for (const stream of ['out', 'err']) {
    const start = `${stream} `;
    const numbers = log.flatMap((line) => (line.startsWith(start) ? [Number(line.slice(start.length))] : []));
    const wrong = numbers.findIndex((number, index) => number !== index + 1);
    const near = wrong < 0 ? '' : JSON.stringify(numbers.slice(Math.max(0, wrong - 3), wrong + 4));
    expect(wrong, `${stream}: near ${near}`).to.equal(-1);
    expect(numbers).to.have.length(lines);
  }
}

describe('a server that is killed again and again', () => {
  let world: ContainerWorld;
  before(async () => {
    world = await openContainerWorld({ env: { DOCKER_BUILDER_CONCURRENCY: String(rounds) } });
  });
  after(() => world.close());

  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 32));
  it(`has every line of its containers once, in one attempt each (SEED=${seed})`, async () => {
    const random = randomOf(seed);
    const started: { id: string; lines: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      const lines = 10 + Math.floor(random() * 3000);
      const id = await world.start({ ...sh(chatter(lines)), result: 'last_line' });
      started.push({ id, lines });
      await world.printed(id, /^out 1$/);
      await pause(random() * 700);
      await world.server.restart();
    }
    for (const { id, lines } of started) {
      expect(await world.ended(id)).to.deep.include({
        status: 'completed',
        attempt: 1,
        result: { last: lines },
      });
      expectEachOnce(await world.log(id), lines);
      const attempts = await world.attempts(id);
      expect(attempts.map(({ number, state, exit_code: code }) => [number, state, code])).to.deep.equal([
        [1, 'succeeded', 0],
      ]);
      expect(attempts[0]?.phases.map(({ phase, exitCode }) => [phase, exitCode])).to.deep.equal([
        ['clone', 0],
        ['build', 0],
        ['push', 0],
      ]);
    }
    await world.nothingLeft();
  });
});
