import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type Provider from 'oidc-provider';

/** Where the authorization server lives on our HTTP server. */
export const OAUTH_PATH = '/oauth';

const METADATA = '/.well-known/oauth-authorization-server';

/**
 * Opens the authorization server's three addresses and no other: token, keys and metadata. The request reaches it untouched;
 * headers that earlier hooks put on the reply are kept. To be called before the HTTP server is ready.
 */
export function mountAuthorizationServer(fastify: FastifyInstance, server: Provider): void {
  const answer = server.callback();
  void fastify.register((scope, _options, done) => {
    // The server reads bodies by itself; here nobody may touch the stream.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, parsed) => {
      parsed(null);
    });
    const open = (method: 'GET' | 'POST', url: string, inner: string): void => {
      scope.route({ method, url, handler: (request, reply) => passOn(request, reply, inner, answer) });
    };
    open('POST', `${OAUTH_PATH}/token`, '/token');
    open('GET', `${OAUTH_PATH}/jwks`, '/jwks');
    open('GET', `${OAUTH_PATH}${METADATA}`, METADATA);
    // Where RFC 8414 §3.1 puts the metadata of an issuer that has a path.
    open('GET', `${METADATA}${OAUTH_PATH}`, METADATA);
    done();
  });
}

function passOn(
  request: FastifyRequest,
  reply: FastifyReply,
  path: string,
  answer: ReturnType<Provider['callback']>,
): Promise<void> {
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  reply.hijack();
  // The address of the route, not of the request: logs tell it, and the server makes the addresses it names from it.
  Object.assign(request.raw, { originalUrl: request.routeOptions.url, url: path });
  return answer(request.raw, reply.raw);
}
