import { RouteConfig } from '@nestjs/platform-fastify';

/** What a route says about itself beyond its method and address. */
export interface RouteFacts {
  /** The media type it answers; application/json when it says nothing. */
  readonly produces?: string;
  /** The most bytes its body may have; the server's own limit when it says nothing. */
  readonly largestBody?: number;
}

/** Says that a route answers another media type than JSON. The type "any/any" (two stars) is for redirects, which suit everyone. */
export function Produces(type: string): MethodDecorator {
  return RouteConfig({ produces: type } satisfies RouteFacts);
}

/** Says that a route takes larger bodies than others. */
export function LargestBody(bytes: number): MethodDecorator {
  return RouteConfig({ largestBody: bytes } satisfies RouteFacts);
}

/** Whether an Accept header (RFC 9110 §12.5.1) lets a media type pass: of the ranges that match, the narrowest decides. */
export function accepts(accept: string, type: string): boolean {
  if (accept === '*/*' || type === '*/*') return true;
  const wanted = new Map(accept.split(',').map(readRange));
  const narrowestFirst = [type, `${type.split('/', 1)[0] ?? ''}/*`, '*/*'];
  const deciding = narrowestFirst.find((range) => wanted.has(range));
  return deciding !== undefined && wanted.get(deciding) === true;
}

/** A media range, and whether it is wanted at all. */
function readRange(part: string): readonly [string, boolean] {
  const [range = '', ...parameters] = part.split(';').map((one) => one.trim().toLowerCase());
  return [range, !parameters.some((one) => /^q=0(\.0*)?$/.test(one))];
}
