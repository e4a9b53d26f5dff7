import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyBodyParser, FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { HEADERS } from './headers.js';
import { isUtf8, saysTwice } from './json.js';
import { PROBLEM_TYPE, Problems, type WireCode } from './problem.js';
import { WIRE_SENTENCES, wireCodeOf, WireRefusal } from './wire-refusal.js';

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

type JsonParser = FastifyBodyParser<string>;

/** Fastify under Nest, taking JSON bodies and nothing else. */
class DoorAdapter extends FastifyAdapter {
  override registerParserMiddleware(): void {
    const fastify = this.getInstance();
    fastify.removeAllContentTypeParsers();
    fastify.addContentTypeParser(
      'application/json',
      { parseAs: 'string' },
      readJson(fastify.getDefaultJsonParser('error', 'error')),
    );
  }
}

/** The HTTP server of the doors, with limits on everything a stranger can make large or slow. */
export function makeDoorAdapter({ publicUrl, trustedProxies = [] }: AdapterOptions): FastifyAdapter {
  const problems = new Problems(publicUrl);
  const adapter = new DoorAdapter({
    bodyLimit: LARGEST_BODY,
    routerOptions: { maxParamLength: LONGEST_PARAMETER },
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    // A missing Host is refused by the doors themselves, as a problem.
    http: { maxHeaderSize: LARGEST_HEADERS, requireHostHeader: false },
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
  // Without a listener Node answers any Expect but 100-continue by itself, with nothing to read.
  adapter.getHttpServer().on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    const { status, text } = written('EXPECTATION_FAILED', problems);
    const headers = { ...HEADERS, 'content-type': PROBLEM_TYPE, 'content-length': Buffer.byteLength(text) };
    response.writeHead(status, { ...headers, connection: 'close' }).end(text);
  });
  return adapter;
}

/** Takes JSON as RFC 8259 §8.1 has it on the wire (UTF-8, not compressed), with each name once within an object. */
function readJson(parse: JsonParser): JsonParser {
  return (request, body, done) => {
    const { 'content-encoding': encoding = 'identity', 'content-type': type = '' } = request.headers;
    if (encoding.toLowerCase() !== 'identity' || !isUtf8(type)) {
      done(new WireRefusal('MEDIA_TYPE_UNSUPPORTED'));
      return;
    }
    void parse(request, body, (error, value: unknown) => {
      if (error) done(error);
      else if (saysTwice(body, value)) done(new WireRefusal('REQUEST_MALFORMED'));
      else done(null, value);
    });
  };
}

/** Errors of the router itself: no hook and no filter sees them. */
function refuse(reply: FastifyReply, problems: Problems, code: WireCode): void {
  const { status, text } = written(code, problems);
  void reply.status(status).headers(HEADERS).header('content-type', PROBLEM_TYPE).send(text);
}

function written(code: WireCode, problems: Problems): { status: number; title: string; text: string } {
  const body = problems.of(code, WIRE_SENTENCES[code]);
  return { status: body.status, title: body.title, text: JSON.stringify(body) };
}

const SOCKET_CODES: Readonly<Record<string, WireCode>> = {
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
  const { status, title, text } = written(code, problems);
  const headers = {
    ...HEADERS,
    'content-type': PROBLEM_TYPE,
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${lines.join('\r\n')}\r\n\r\n${text}`);
}
