import type { FastifyInstance } from 'fastify';
import type { Registry } from '../../core/registry.js';
import { PROBLEM_TYPE, problemKinds, type Problems, slugOf } from './problem.js';

const PATIENCE_MS = 2_000;

/**
 * GET /health: 200 when the registry answers a trivial read within two seconds, 503 otherwise. Says nothing about why, nor
 * about anything the registry holds.
 */
export function openHealth(fastify: FastifyInstance, registry: Registry, problems: Problems): void {
  fastify.get('/health', async (_request, reply) => {
    if (await answers(registry)) return { status: 'up' };
    const body = problems.of('UNAVAILABLE', 'The registry does not answer at this moment.');
    return reply.status(body.status).header('content-type', PROBLEM_TYPE).send(JSON.stringify(body));
  });
}

/** GET /problems/{code}: what the `type` of a problem points to. */
export function openProblemPages(fastify: FastifyInstance): void {
  const pages = new Map(
    problemKinds().map(({ code, status, title }) => [slugOf(code), { code, status, title }]),
  );
  fastify.get<{ Params: { code: string } }>('/problems/:code', (request, reply) => {
    const page = pages.get(request.params.code);
    if (page) return reply.send(page);
    reply.callNotFound();
    return reply;
  });
}

async function answers(registry: Registry): Promise<boolean> {
  const read = registry.inSnapshot((records) => records.providers.search({ limit: 1 }));
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no answer in time')), PATIENCE_MS);
  });
  try {
    await Promise.race([read, tooLate]);
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
