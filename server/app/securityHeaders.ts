import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Everything comes from this server or not at all; nothing inline; shown in no frame. */
export function securityHeaders(): RequestHandler {
  return helmet({
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
}
