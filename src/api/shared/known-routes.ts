import type { FastifyInstance, RouteOptions } from 'fastify';

/** Remembers which methods each address takes, so that a wrong method is told from a wrong address (RFC 9110 §15.5.6). */
export class KnownRoutes {
  private readonly routes = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  /** Listens to every route that is opened from now on. */
  listenTo(fastify: FastifyInstance): void {
    fastify.addHook('onRoute', (route) => {
      this.add(route);
    });
  }

  /** The methods that an address (without its query) takes; none when there is nothing. */
  methodsAt(path: string): readonly string[] {
    const methods = [...this.routes.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((route) => [...route.methods]);
    return [...new Set(methods)].sort();
  }

  private add({ url, method }: Pick<RouteOptions, 'url' | 'method'>): void {
    if (url.includes('*')) return;
    const route = this.routes.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
    for (const one of [method].flat()) route.methods.add(one);
    this.routes.set(url, route);
  }
}

function patternOf(url: string): RegExp {
  const parts = url.split('/').map((part) => (part.startsWith(':') ? '[^/]+' : escape(part)));
  return new RegExp(`^${parts.join('/')}$`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
