import { expect } from 'chai';
import { adminToken, type Answer, type Ask, type TestWeb } from '../access/webFixture.ts';
import { checkAnswer } from '../v1/checkAnswer.ts';
import type { Page, Shown } from './executionFixture.ts';

/** Asks the interface of Scale as a client; each answer that went well is compared with its description. */
export interface Asking {
  /** As the administrator, where no key is named. */
  ask(method: string, path: string, options?: Ask): Promise<Answer>;
  get(path: string, options?: Ask): Promise<Shown>;
  page(path: string, options?: Ask): Promise<Page>;
  ids(path: string, options?: Ask): Promise<number[]>;
  /** Expects a refusal of this status, and this sentence where one is given. */
  refused(status: number, path: string, detail?: string, how?: Ask & { method?: string }): Promise<void>;
}

export function asking(web: Pick<TestWeb, 'ask'>): Asking {
  const ask: Asking['ask'] = async (method, path, options = {}) => {
    const answer = await web.ask(method, path, { key: adminToken, ...options });
    if (answer.status < 300) checkAnswer(method, describedPath(path), answer.status, answer.text);
    return answer;
  };
  const get: Asking['get'] = async (path, options) => {
    const { status, text, json } = await ask('GET', path, options);
    expect(status, `GET ${path}: ${text}`).to.equal(200);
    return json;
  };
  const page: Asking['page'] = async (path, options) => (await get(path, options)) as unknown as Page;
  return {
    ask,
    get,
    page,
    ids: async (path, options) => (await page(path, options)).results.map(({ id }) => Number(id)),
    async refused(status, path, detail, { method = 'GET', ...options } = {}) {
      const answer = await ask(method, path, options);
      const what = `${method} ${path}: ${answer.text}`;
      expect(answer.status, what).to.equal(status);
      if (detail !== undefined) expect(answer.json, what).to.deep.equal({ detail });
    },
  };
}

/** As the document has it; of the slashes at its end the check leaves one out. */
function describedPath(path: string): string {
  const [, rest = ''] = /^(?:\/api)?([^?]*)/.exec(path) ?? [];
  return `${/^\/v\d\//.test(rest) ? '' : '/v3'}${rest}/`;
}

export function idOf(value: unknown): number {
  return Number((value as { id: unknown }).id);
}
