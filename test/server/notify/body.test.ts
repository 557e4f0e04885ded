import { expect } from 'chai';
import { notificationBody } from '../../../server/room/notify/body.ts';
import type { Run } from '../../../server/words/run.ts';

const now = Date.UTC(2026, 10, 22, 9, 30, 0, 5);
const run = (wish: Partial<Run> = {}): Run =>
  ({
    id: 'r',
    jobId: 'j',
    project: 'acme',
    state: 'completed',
    attempt: 2,
    error: null,
    result: null,
    ...wish,
  }) as Run;
const read = (text: string) => JSON.parse(text) as Record<string, unknown>;
const head = { run_id: 'r', job_id: 'j', project_id: 'acme', status: 'completed', attempt: 2 };
const timestamp = '2026-11-22T09:30:00.005Z';

describe('what a webhook is told', () => {
  it('is who ended, how, and when', () => {
    expect(read(notificationBody(run(), null, now))).to.deep.equal({ ...head, timestamp });
    const failed = run({ state: 'dead_letter', error: 'endpoint returned 500: "no"' });
    expect(read(notificationBody(failed, null, now))).to.deep.equal({
      ...head,
      status: 'dead_letter',
      error: 'endpoint returned 500: "no"',
      timestamp,
    });
  });

  it('is also what the endpoint answered, to the last digit', () => {
    const text = notificationBody(run(), '{"id":12345678901234567890}', now);
    expect(text).to.include('"attempt":2,"result":{"id":12345678901234567890},"timestamp"');
    for (const output of ['[1,2]', '"done"', 'null', '3', 'true', ' [] '])
      expect(read(notificationBody(run(), output, now))['result']).to.deep.equal({
        value: JSON.parse(output) as unknown,
      });
  });

  it('is what was built, without layers and steps', () => {
    const image = {
      id: 'sha256:a',
      tags: ['acme/site:main'],
      bytes: 5,
      platform: 'linux/amd64',
      layers: [{ instruction: 'RUN true', bytes: 1 }],
      steps: [],
      labels: { a: 'b' },
    };
    const built = run({ result: { commit: 'c0ffee', images: [image] } });
    expect(read(notificationBody(built, null, now))['result']).to.deep.equal({
      commit: 'c0ffee',
      images: [
        { id: 'sha256:a', tags: ['acme/site:main'], bytes: 5, platform: 'linux/amd64', labels: { a: 'b' } },
      ],
    });
  });

  it('is never longer than a mebibyte', () => {
    const long = JSON.stringify({ text: 'ü'.repeat(524_288) });
    const text = notificationBody(run({ error: 'x'.repeat(100_000) }), long, now);
    expect(read(text)).to.include({ ...head, result_omitted: true, timestamp });
    expect(text.length).to.be.below(20_000);
    const fits = JSON.stringify({ text: 'ü'.repeat(524_000) });
    expect(read(notificationBody(run(), fits, now))).not.to.have.property('result_omitted');
  });
});
