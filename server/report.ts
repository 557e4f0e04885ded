import { type DestinationStream, destination, type Logger, pino, stdSerializers } from 'pino';
import type { Environment } from './config/environment.ts';

/** The server's own log on stdout: a JSON object a line, or words for a person. */
export function createReport({ logLevel, logFormat }: Pick<Environment, 'logLevel' | 'logFormat'>): Logger {
  const options = { level: logLevel, base: null, serializers: { error: stdSerializers.err } };
  return pino(options, logFormat === 'json' ? destination({ dest: 1, sync: true }) : textLines());
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
