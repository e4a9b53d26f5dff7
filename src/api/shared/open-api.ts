import { type INestApplication, type Type } from '@nestjs/common';
import {
  ApiExtension,
  ApiProperty,
  ApiPropertyOptional,
  DocumentBuilder,
  getSchemaPath,
  type OpenAPIObject,
  SwaggerModule,
} from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import { SYSTEM_SECURITY } from '../../access/systems/bearer.guard.js';
import { SCOPES } from '../../core/client/client.js';
import { API_VERSION } from './headers.js';
import { PROBLEM_TYPE, type ProblemCode, problemKinds, slugOf } from './problem.js';
import { WIRE_SENTENCES } from './wire-refusal.js';

/** A door as its document describes it. */
export interface DoorDescription {
  /** The first part of its addresses. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly module: Type;
  /** People come with a session cookie, systems with an access token. */
  readonly admits: 'people' | 'systems';
}

/** Who runs the registry, and where it is. */
export interface Publisher {
  readonly publicUrl: string;
  readonly operator: { readonly name: string; readonly email: string; readonly url: string };
}

class FieldErrorDto {
  @ApiProperty({ description: 'The path of the field in the input.', example: 'holder.ura' })
  readonly field!: string;

  @ApiProperty({ description: 'What is expected.', example: 'A URA number is a text of eight digits.' })
  readonly message!: string;
}

/** A refusal as the documents show it. */
export class ProblemDto {
  @ApiProperty({ format: 'uri', description: 'Names the kind of problem; can be opened.' })
  readonly type!: string;

  @ApiProperty({ description: 'The kind of problem in words; the same for every problem of this kind.' })
  readonly title!: string;

  @ApiProperty({ type: 'integer', description: 'The HTTP status.' })
  readonly status!: number;

  @ApiProperty({ description: 'What to do about it.' })
  readonly detail!: string;

  @ApiProperty({ enum: problemKinds().map(({ code }) => code), description: 'The stable code.' })
  readonly code!: string;

  @ApiPropertyOptional({ type: [FieldErrorDto], description: 'Every field that is not right.' })
  readonly errors?: readonly FieldErrorDto[];

  @ApiPropertyOptional({ description: 'Names the line in our log that tells more.' })
  readonly trace?: string;
}

/** Says which problems a route can answer with, besides those that every route of its kind has. */
export function ApiProblems(...codes: readonly ProblemCode[]): MethodDecorator & ClassDecorator {
  return ApiExtension(PROBLEMS, codes);
}

const PROBLEMS = 'x-problems';

/** The problems of every route. Those of connections (408, 414, 431) are told once, in the description of the door. */
const OF_EVERY_ROUTE: readonly ProblemCode[] = ['NOT_ACCEPTABLE', 'DEFECT', 'UNAVAILABLE'];

/** The problems of every route that takes a body, or could be sent one. */
const OF_EVERY_CHANGE: readonly ProblemCode[] = [
  'REQUEST_MALFORMED',
  'BODY_TOO_LARGE',
  'MEDIA_TYPE_UNSUPPORTED',
];

const CONNECTION_PROBLEMS =
  'Any address may also answer 408 (REQUEST_TOO_SLOW), 414 (ADDRESS_TOO_LONG), 417 (EXPECTATION_FAILED) and 431 (HEADERS_TOO_LARGE).';

/** Says that a route needs no sign-in. */
export function PublicRoute(): MethodDecorator & ClassDecorator {
  return ApiExtension('x-public', true);
}

/** Tells the problems of an operation: those it says itself, and those of its kind. */
function tellProblems(operation: Operation, method: string): void {
  const own = (operation[PROBLEMS] ?? []) as readonly ProblemCode[];
  Reflect.deleteProperty(operation, PROBLEMS);
  const takesInput = method !== 'get' || (operation.parameters ?? []).length > 0;
  const codes = new Set<ProblemCode>([
    ...own,
    ...OF_EVERY_ROUTE,
    ...(takesInput ? (['REQUEST_MALFORMED'] as const) : []),
    ...(method === 'get' ? [] : OF_EVERY_CHANGE),
  ]);
  const kinds = problemKinds().filter(({ code }) => codes.has(code));
  const responses = (operation.responses ??= {});
  const told = Object.keys(responses).filter((status) => Number(status) >= 400);
  for (const status of new Set([...told, ...kinds.map((kind) => String(kind.status))])) {
    const ofStatus = kinds.filter((kind) => String(kind.status) === status);
    responses[status] = withProblems(responses[status], Number(status), ofStatus);
  }
}

interface ToldResponse {
  readonly description?: string;
  readonly content?: Readonly<Record<string, object>>;
}

/** A response as a route described it, with what every problem has; what the route itself says stays, and stays alone. */
function withProblems(
  told: ToldResponse | undefined,
  status: number,
  kinds: readonly { code: ProblemCode; title: string }[],
): ToldResponse {
  const described = kinds.map(({ code, title }) => `${code}: ${title}`).join('; ');
  return {
    ...told,
    description: [told?.description, described].filter((text) => text !== undefined && text !== '').join(' '),
    content: {
      [PROBLEM_TYPE]: {
        ...(told?.content?.[PROBLEM_TYPE] ?? {
          schema: { $ref: getSchemaPath(ProblemDto) },
          ...(kinds.length > 0 && { examples: examplesOf(status, kinds) }),
        }),
      },
    },
  };
}

function examplesOf(
  status: number,
  kinds: readonly { code: ProblemCode; title: string }[],
): Readonly<Record<string, object>> {
  const examples = kinds.map(({ code, title }) => {
    const detail = code in WIRE_SENTENCES ? WIRE_SENTENCES[code as keyof typeof WIRE_SENTENCES] : `${title}.`;
    const type = `https://registry.example/problems/${slugOf(code)}`;
    return [code, { summary: title, value: { type, title, status, detail, code } }] as const;
  });
  return Object.fromEntries(examples);
}

/** Opens a door's document at `/<door>/openapi.json` and its readable page at `/<door>/docs`, without sign-in. */
export function openDocuments(
  app: INestApplication,
  fastify: FastifyInstance,
  door: DoorDescription,
  publisher: Publisher,
): void {
  const document = documentOf(app, door, publisher);
  const text = JSON.stringify(document);
  fastify.get(`/${door.name}/openapi.json`, (_request, reply) =>
    reply.header('content-type', 'application/json; charset=utf-8').send(text),
  );
  SwaggerModule.setup(`${door.name}/docs`, app, document, { raw: false, customSiteTitle: door.title });
}

/** The OpenAPI document of one door: only its own routes, relative to its base address. */
export function documentOf(
  app: INestApplication,
  door: DoorDescription,
  publisher: Publisher,
): OpenAPIObject {
  const scanned = SwaggerModule.createDocument(app, headingOf(door, publisher), {
    include: [door.module],
    extraModels: [ProblemDto],
  });
  const base = `/${door.name}/v1`;
  const paths = Object.entries(scanned.paths).map(([path, item]) => [path.slice(base.length), item] as const);
  const document = { ...scanned, paths: Object.fromEntries(paths) };
  for (const { path, method, operation } of operationsOf(document)) {
    secure(operation, { isPublic: path.startsWith('/sign-in'), isChange: method !== 'get' }, door);
    tellProblems(operation, method);
    announceVersion(operation);
  }
  const tags = new Set(operationsOf(document).flatMap(({ operation }) => operation.tags ?? []));
  return { ...document, tags: [...tags].map((name) => ({ name })) };
}

function headingOf(door: DoorDescription, { publicUrl, operator }: Publisher): Omit<OpenAPIObject, 'paths'> {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.0.3')
    .setTitle(door.title)
    .setDescription(`${door.description} ${CONNECTION_PROBLEMS}`)
    .setVersion(API_VERSION)
    .setContact(operator.name, operator.url, operator.email)
    .setLicense('EUPL-1.2', 'https://eupl.eu/1.2/en/')
    .addServer(`${publicUrl}/${door.name}/v1`);
  return door.admits === 'systems' ? forSystems(builder, publicUrl).build() : forPeople(builder).build();
}

function forSystems(builder: DocumentBuilder, publicUrl: string): DocumentBuilder {
  const scopes = Object.fromEntries(SCOPES.map((scope) => [scope, `May use routes that need ${scope}`]));
  const clientCredentials = { tokenUrl: `${publicUrl}/oauth/token`, scopes };
  return builder
    .addOAuth2({ type: 'oauth2', flows: { clientCredentials } }, SYSTEM_SECURITY)
    .addSecurityRequirements(SYSTEM_SECURITY);
}

function forPeople(builder: DocumentBuilder): DocumentBuilder {
  return builder
    .addCookieAuth('__Host-session', { type: 'apiKey', in: 'cookie' }, 'session')
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: 'X-Requested-By',
        description: 'With every change: consent-registry. A form on another site can not send it.',
      },
      'antiForgery',
    )
    .addSecurityRequirements('session');
}

interface Operation {
  security?: Record<string, string[]>[];
  tags?: readonly string[];
  parameters?: readonly unknown[];
  responses?: Record<string, ToldResponse | undefined>;
  [extension: `x-${string}`]: unknown;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

function operationsOf(
  document: OpenAPIObject,
): readonly { path: string; method: string; operation: Operation }[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method] as Operation | undefined;
      return operation ? [{ path, method, operation }] : [];
    }),
  );
}

function secure(
  operation: Operation,
  { isPublic, isChange }: { isPublic: boolean; isChange: boolean },
  door: DoorDescription,
): void {
  if (isPublic || operation['x-public'] === true) operation.security = [];
  else if (door.admits === 'people' && isChange) operation.security = [{ session: [], antiForgery: [] }];
  delete operation['x-public'];
}

function announceVersion(operation: Operation): void {
  const header = {
    description: 'The full version of this API.',
    schema: { type: 'string', example: API_VERSION },
  };
  for (const response of Object.values(operation.responses ?? {})) {
    if (response && !('$ref' in response)) {
      const own = 'headers' in response ? (response.headers as object) : {};
      Object.assign(response, { headers: { ...own, 'API-Version': header } });
    }
  }
}
