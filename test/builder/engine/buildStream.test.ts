import { expect } from 'chai';
import fc from 'fast-check';
import { type BuildOutcome, createBuildStream } from '../../../builder/model/buildStream.ts';
import { BuildFault } from '../../../builder/model/faults.ts';
import { createLineAssembler } from '../../../builder/model/lines.ts';
import type { LogStream } from '../../../builder/model/log.ts';
import { createNdjsonSplitter } from '../../../builder/model/ndjson.ts';
import type { BuildEvent } from '../../../builder/model/spec.ts';

const image = `sha256:${'a'.repeat(64)}`;
const container = '0123456789ab';

interface Decoded {
  outcome: BuildOutcome;
  events: BuildEvent[];
  /** Neighbouring blocks of one stream in one piece. */
  output: [LogStream, string][];
}

function decode(chunks: Buffer[]): Decoded {
  const events: BuildEvent[] = [];
  const output: [LogStream, string][] = [];
  const lines = createLineAssembler((stream, block) => {
    const last = output.at(-1);
    if (last?.[0] === stream) last[1] += block;
    else output.push([stream, block]);
  });
  let time = 0;
  const stream = createBuildStream({
    lines,
    onEvent: (event) => events.push(event),
    now: () => (time += 10),
  });
  for (const chunk of chunks) stream.write(chunk);
  return { outcome: stream.end(), events, output };
}

function encode(messages: object[]): Buffer {
  return Buffer.from(messages.map((message) => `${JSON.stringify(message)}\r\n`).join(''));
}

const out = (text: string) => ({ stream: text });
const err = (text: string) => ({ stream: `\u001b[91m${text}\u001b[0m` });
const step = (number: number, total: number, instruction: string) => [
  out(`Step ${number}/${total} : ${instruction}`),
  out('\n'),
];
const ran = (...output: object[]) => [
  out(` ---> Running in ${container}\n`),
  ...output,
  out(`Removing intermediate container ${container}\n`),
  out(' ---> 111111111111\n'),
];

function cutAt(bytes: Buffer, places: number[]): Buffer[] {
  const sorted = [
    0,
    ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b),
    bytes.length,
  ];
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

describe('the decoder of the build stream', () => {
  it('reads steps, output, the cache and the image', () => {
    const { outcome, events, output } = decode([
      encode([
        ...step(1, 3, 'FROM busybox'),
        out(' ---> 222222222222\n'),
        ...step(2, 3, 'RUN make'),
        ...ran(out('one\n'), err('two\n'), out('three\n')),
        ...step(3, 3, 'COPY a b'),
        out(' ---> Using cache\n'),
        { aux: { ID: image } },
        out('Successfully built 111111111111\n'),
      ]),
    ]);
    expect(outcome).to.include({ imageId: image, error: undefined, incomplete: false });
    expect(outcome.steps.map(({ instruction, cached }) => [instruction, cached])).to.deep.equal([
      ['FROM busybox', false],
      ['RUN make', false],
      ['COPY a b', true],
    ]);
    expect(events.map(({ type }) => type)).to.deep.equal(
      Array.from({ length: 3 }, () => ['step:start', 'step:end']).flat(),
    );
    expect(output.map(([stream]) => stream)).to.deep.equal(['stdout', 'stderr', 'stdout']);
    expect(output[1]).to.deep.equal(['stderr', 'two\n']);
  });

  it('gives the same for every way to cut the bytes', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom(
        'Step 2/2 : X',
        ' ---> Using cache\n',
        `Removing intermediate container ${container}\n`,
        'a\rb\r\n',
      ),
    );
    const message = fc.oneof(
      text.map(out),
      text.map(err),
      text.map((status) => ({ status, id: 'abc', progressDetail: {} })),
      fc.constant({ aux: { ID: image } }),
      fc.constant({ unknown: [1] }),
      fc.constant({ errorDetail: { code: 7, message: 'bad' }, error: 'bad' }),
    );
    const stream = fc
      .array(message, { maxLength: 30 })
      .map((messages) => encode([...step(1, 2, 'FROM a'), ...messages]));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 40 }), (bytes, places) => {
        const whole = decode([bytes]);
        const pieces = decode(cutAt(bytes, places));
        expect(pieces).to.deep.equal(whole);
      }),
    );
  });

  it('loses and adds nothing, whatever a step prints', () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 60 })
      .map((value) => value.replaceAll(/\p{Cc}/gu, '·'));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(), { maxLength: 20 }), (lines, places) => {
        const bytes = encode([...step(1, 1, 'RUN x'), ...ran(...lines.map((value) => out(`${value}\n`)))]);
        const [[, text] = ['', '']] = decode(cutAt(bytes, places)).output;
        const printed = text.split('\n').slice(2, -3);
        expect(printed).to.deep.equal(lines);
      }),
    );
  });

  it('takes no step from the output of a RUN', () => {
    const fake = fc.constantFrom(
      out('Step 2/3 : FAKE'),
      out('Step 3/3 : FAKE'),
      out(' ---> Using cache\n'),
      out(' ---> Running in ffffffffffff\n'),
      out('Removing intermediate container ffffffffffff\n'),
      err(`Removing intermediate container ${container}\n`),
    );
    fc.assert(
      fc.property(fc.array(fake), (fakes) => {
        const bytes = encode([
          ...step(1, 2, 'FROM a'),
          ...step(2, 2, 'RUN x'),
          ...ran(...fakes),
          { aux: { ID: image } },
        ]);
        const { outcome } = decode([bytes]);
        expect(outcome.steps.map(({ instruction, cached }) => [instruction, cached])).to.deep.equal([
          ['FROM a', false],
          ['RUN x', false],
        ]);
        expect(outcome.imageId).to.equal(image);
      }),
    );
  });

  it('takes only the next step of the same total, outside of a container too', () => {
    const { outcome } = decode([
      encode([
        ...step(1, 3, 'A'),
        ...step(3, 3, 'B'),
        ...step(2, 4, 'C'),
        ...step(0, 3, 'D'),
        ...step(2, 3, 'E'),
      ]),
    ]);
    expect(outcome.steps.map(({ instruction }) => instruction)).to.deep.equal(['A', 'E']);
  });

  it('takes no image for the result that an earlier stage made', () => {
    const { outcome } = decode([
      encode([...step(1, 2, 'FROM a'), { aux: { ID: image } }, ...step(2, 2, 'FROM b')]),
    ]);
    expect(outcome.imageId).to.equal(undefined);
  });

  it('keeps the error and its exit code', () => {
    const { outcome } = decode([
      encode([
        ...step(1, 1, 'RUN x'),
        { errorDetail: { code: 3, message: 'returned 3' }, error: 'returned 3' },
      ]),
    ]);
    expect(outcome.error).to.deep.equal({ code: 3, message: 'returned 3' });
    expect(outcome.steps[0]?.durationMs).to.equal(10);
  });

  it('shows the states of a pull without its counting', () => {
    const { output } = decode([
      encode([
        { status: 'Pulling from library/busybox', id: 'latest' },
        { status: 'Downloading', progressDetail: { current: 1, total: 2 }, progress: '[=>  ]', id: 'abc' },
        { status: 'Pull complete', progressDetail: {}, id: 'abc' },
        { status: 'Digest: sha256:0' },
      ]),
    ]);
    expect(output).to.deep.equal([
      ['stdout', 'latest: Pulling from library/busybox\nabc: Pull complete\nDigest: sha256:0\n'],
    ]);
  });

  it('says so where the stream stops inside a message', () => {
    const whole = encode([out('a\n'), { aux: { ID: image } }]);
    expect(decode([whole.subarray(0, -8)]).outcome).to.include({ incomplete: true, imageId: undefined });
    expect(decode([whole]).outcome).to.include({ incomplete: false, imageId: image });
  });

  it('refuses what is no JSON object, and messages without an end', () => {
    for (const bytes of [
      '{"stream":"a\n',
      'hello\n',
      '[1]\n',
      'null\n',
      '{"stream":"a"b"}\n',
      '{"stream":"\\"}\n',
    ])
      expect(() => decode([Buffer.from(bytes)]), bytes)
        .to.throw(BuildFault)
        .with.property('reason', 'engine_error');
    const endless = createNdjsonSplitter(() => undefined, 1000);
    expect(() => {
      for (let piece = 0; piece < 11; piece++) endless.write(Buffer.alloc(100, 'x'));
    })
      .to.throw(BuildFault)
      .with.property('reason', 'engine_error');
  });

  it('hands output on in few large blocks', () => {
    const bytes = encode(
      [...step(1, 1, 'RUN x'), out(` ---> Running in ${container}\n`)].concat(
        Array(50_000).fill(out('a line of text\n')),
      ),
    );
    let calls = 0;
    const stream = createBuildStream({
      lines: createLineAssembler(() => calls++),
      onEvent: () => undefined,
      now: Date.now,
    });
    const chunks = Math.ceil(bytes.length / 65_536);
    for (let chunk = 0; chunk < chunks; chunk++)
      stream.write(bytes.subarray(chunk * 65_536, (chunk + 1) * 65_536));
    stream.end();
    expect(calls).to.be.at.most(chunks + 1);
  });
});
