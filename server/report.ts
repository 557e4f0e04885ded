import { type DestinationStream, destination, type Logger, pino, stdSerializers } from 'pino';
import type { Environment } from './config/environment.ts';

/** From this level on a line is written at once: perhaps nothing comes after it. */
const urgent = 40;
/** What is gathered at most, in characters. */
const gatheredLength = 16_000;

/** The server's own log on stdout: a JSON object a line, or words for a person. */
export function createReport({ logLevel, logFormat }: Pick<Environment, 'logLevel' | 'logFormat'>): Logger {
  const options = { level: logLevel, base: null, serializers: { error: stdSerializers.err } };
  return pino(options, logFormat === 'json' ? gathered() : textLines());
}

/** Lines wait so long for others, in milliseconds. */
const gatherMs = 5;

/** Lines are written together with those that come right after: a line by itself costs as much as the answer that it tells of. */
function gathered(): DestinationStream {
  const out = destination({ dest: 1, sync: true, minLength: gatheredLength });
  let isDue = false;
  const flush = () => {
    isDue = false;
    out.flush();
  };
  process.on('exit', flush);
  const stream = {
    // Who has it is told the level of each line before the line.
    [pino.symbols.needsMetadataGsym]: true,
    lastLevel: 0,
    write(line: string) {
      out.write(line);
      if (stream.lastLevel >= urgent) return flush();
      if (!isDue) setTimeout(flush, gatherMs);
      isDue = true;
    },
  };
  return stream;
}

function textLines(): DestinationStream {
  const out = destination({ dest: 1, sync: true });
  return { write: (line) => out.write(`${asText(JSON.parse(line) as Record<string, unknown>)}\n`) };
}

const levels: Record<string, string> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

function asText({ level, time, msg, ...fields }: Record<string, unknown>): string {
  const words = Object.entries(fields).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [new Date(Number(time)).toISOString(), (levels[String(level)] ?? '').padEnd(5), msg, ...words].join(
    ' ',
  );
}
