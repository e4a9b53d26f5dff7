import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { HEADERS } from './headers.js';
import { PROBLEM_TYPE, type ProblemCode, Problems } from './problem.js';
import { WIRE_SENTENCES, wireCodeOf } from './wire-refusal.js';

/** The most bytes a body may have, unless a route says otherwise. */
export const LARGEST_BODY = 100_000;

/** The longest address, query included. */
export const LONGEST_ADDRESS = 4_000;

const LONGEST_PARAMETER = 200;
const LARGEST_HEADERS = 16_384;
const REQUEST_MS = 30_000;
/** Longer than load balancers keep theirs, so that it is never us who close a connection in use. */
const KEEP_ALIVE_MS = 72_000;

/** What the HTTP server is told. */
export interface AdapterOptions {
  readonly publicUrl: string;
  /** Addresses or CIDR ranges of proxies whose X-Forwarded-For is believed; nobody's when left out. */
  readonly trustedProxies?: readonly string[];
}

/** Fastify under Nest, taking JSON bodies and nothing else. */
class DoorAdapter extends FastifyAdapter {
  override registerParserMiddleware(): void {
    const fastify = this.getInstance();
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser(
      'application/json',
      { parseAs: 'string' },
      fastify.getDefaultJsonParser('error', 'error'),
    );
  }
}

/** The HTTP server of the doors, with limits on everything a stranger can make large or slow. */
export function makeDoorAdapter({ publicUrl, trustedProxies = [] }: AdapterOptions): FastifyAdapter {
  const problems = new Problems(publicUrl);
  return new DoorAdapter({
    bodyLimit: LARGEST_BODY,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    http: { maxHeaderSize: LARGEST_HEADERS },
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    requestIdHeader: false,
    return503OnClosing: false,
    // No Express middleware runs here; without it every request is cheaper.
    skipMiddie: true,
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
      refuse(reply, problems, wireCodeOf(error.statusCode ?? 400));
    },
    clientErrorHandler: (error, socket) => {
      refuseOnSocket(error, socket, problems);
    },
  });
}

/** Errors of the router itself: no hook and no filter sees them. */
function refuse(reply: FastifyReply, problems: Problems, code: keyof typeof WIRE_SENTENCES): void {
  const body = problems.of(code, WIRE_SENTENCES[code]);
  void reply
    .status(body.status)
    .headers(HEADERS)
    .header('content-type', PROBLEM_TYPE)
    .send(JSON.stringify(body));
}

const SOCKET_CODES: Readonly<Record<string, ProblemCode & keyof typeof WIRE_SENTENCES>> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TOO_SLOW',
};

/** What could not even be parsed as a request: answered on the bare socket, which then closes. */
function refuseOnSocket(error: { code?: string }, socket: Socket, problems: Problems): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = SOCKET_CODES[error.code ?? ''] ?? 'REQUEST_MALFORMED';
  const body = problems.of(code, WIRE_SENTENCES[code]);
  const text = JSON.stringify(body);
  const headers = {
    ...HEADERS,
    'content-type': PROBLEM_TYPE,
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${body.status} ${body.title}\r\n${lines.join('\r\n')}\r\n\r\n${text}`);
}
