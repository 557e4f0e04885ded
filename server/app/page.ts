import { readdirSync } from 'node:fs';
import express, { type RequestHandler } from 'express';

/** Serves the page's files. They are listed once, so that a request for anything else never touches the disk. */
export function pageFiles(folder: string): RequestHandler {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map(
    (name) => `/${name.replaceAll('\\', '/')}`,
  );
  const known = new Set(['/', ...names]);
  const files = express.static(folder, {
    redirect: false,
    cacheControl: false,
    setHeaders: (response) => response.setHeader('Cache-Control', 'no-cache'),
  });
  return (request, response, next) => {
    if (known.has(request.path)) void files(request, response, next);
    else next();
  };
}
