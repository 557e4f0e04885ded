import type { Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';

type Header = readonly [name: string, value: string];

/** Everything comes from this server or not at all; nothing inline; shown in no frame. */
export function securityHeaders(): RequestHandler {
  let headers: readonly Header[] | undefined;
  return (request, response, next) => {
    headers ??= headersOf(request, response);
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}

/** They are the same for every answer: worked out once. */
function headersOf(request: Request, response: Response): Header[] {
  const headers: Header[] = [];
  const setHeader = (name: string, value: unknown) => headers.push([name, String(value)]);
  const listening = Object.create(response, { setHeader: { value: setHeader } }) as Response;
  protect(request, listening, () => undefined);
  return headers;
}

const protect = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
      frameAncestors: ["'none'"],
    },
  },
  // TLS is the proxy's affair: it knows whether the name may be pinned to it.
  strictTransportSecurity: false,
});
