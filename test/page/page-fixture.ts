import { type Browser, chromium, type Page } from 'playwright-core';
import { type StandIn, startStandIn } from './stand-in.ts';

const flags = [
  '--no-sandbox',
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** For one thing to happen on a page, in milliseconds. */
const longestMs = 30_000;

/** Starts Debian's Chromium with a profile of its own, which goes when it is closed. */
export const openBrowser = (...more: string[]) =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: [...flags, ...more] });

export interface Visit {
  server: StandIn;
  page: Page;
  /** What the page itself did wrong: errors, and what its content security policy had to stop. */
  problems: string[];
  openJob: (id: string, line?: number) => Promise<void>;
  /** Numbers of the lines in the document, top to bottom. */
  lineNumbers: () => Promise<number[]>;
  /** Text of a line that is in the document. */
  lineText: (number: number) => Promise<string>;
  /** Waits until an expression is true in the page. */
  until: (expression: string) => Promise<void>;
  close: () => Promise<void>;
}

export async function visit(browser: Browser): Promise<Visit> {
  const server = await startStandIn();
  const context = await browser.newContext({ viewport: { width: 1200, height: 700 } });
  context.setDefaultTimeout(longestMs);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) problems.push(message.text());
  });
  return {
    server,
    page,
    problems,
    async openJob(id, line) {
      await page.goto(`${server.origin}/#/jobs/${id}${line === undefined ? '' : `/L${line}`}`);
      await page.locator('.log-bar').waitFor();
    },
    lineNumbers: async () => (await page.locator('.row .num').allTextContents()).map(Number),
    lineText: async (number) =>
      (await page
        .locator('.row', { has: page.getByText(String(number), { exact: true }) })
        .locator('.text')
        .textContent()) ?? '',
    until: (expression) =>
      // A page that is being loaded again cannot be asked.
      pollUntil(() => page.evaluate<boolean>(expression).catch(() => false), expression),
    async close() {
      await context.close();
      await server.close();
    },
  };
}

/** Chromium gives up what it loads whenever a network interface comes or goes, as the engine's do with each build. */
export const goTo = (page: Page, url: string) =>
  pollUntil(
    () =>
      page.goto(url).then(
        () => true,
        (error: unknown) => {
          if (/ERR_NETWORK_CHANGED/.test(String(error))) return false;
          throw error;
        },
      ),
    `${url} is loaded`,
  );

/** `count` lines that say their number, from `first` on. */
export const numbered = (first: number, count: number) =>
  Array.from({ length: count }, (_, i) => `line ${first + i}`);

/** Asks until the answer is yes; the page's policy forbids Playwright's own way to wait for an expression. */
export async function pollUntil(question: () => Promise<boolean>, what: string) {
  const deadline = Date.now() + longestMs;
  while (!(await question())) {
    if (Date.now() > deadline) throw new Error(`still not true after ${longestMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
