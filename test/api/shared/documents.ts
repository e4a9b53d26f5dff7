import { Ajv, type ValidateFunction } from 'ajv';
import { isMoment } from '../../../src/api/shared/validators.js';
import { isDay } from '../../../src/core/person/age.js';

/** An answer as it left the server. */
export interface LiveAnswer {
  readonly method: string;
  /** The address as the route was opened with, such as /citizen/v1/me/versions/:number. */
  readonly route: string;
  readonly status: number;
  readonly type: string;
  readonly body: unknown;
}

interface Described {
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}

interface Operation {
  readonly responses: Readonly<Record<string, Described | undefined>>;
}

/** The parts of an OpenAPI document that answers are judged by. */
export interface DoorDocument {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation | undefined>> | undefined>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, object>> };
}

/** Problems of connections, told once for all routes in the description of the door. */
const OF_CONNECTIONS = [408, 414, 417, 431];

/** Judges live answers by the document of their door. */
export class DocumentedDoor {
  private readonly base: string;
  private readonly judges = new Map<string, ValidateFunction>();
  private readonly ajv = new Ajv({
    strict: false,
    allErrors: true,
    formats: {
      uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
      byte: /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/,
      uri: (text: string) => URL.canParse(text),
      email: /^[^@\s]+@[^@\s]+$/,
      date: isDay,
      'date-time': isMoment,
    },
  });

  constructor(private readonly document: DoorDocument) {
    this.base = new URL(document.servers[0]?.url ?? '').pathname;
    this.ajv.addSchema({ $id: 'door', components: closed(document.components ?? {}) });
  }

  /** What is wrong with an answer by the document; nothing for addresses of other doors. */
  faultsOf({ method, route, status, type, body }: LiveAnswer): readonly string[] {
    if (!route.startsWith(`${this.base}/`) || OF_CONNECTIONS.includes(status)) return [];
    const path = route.slice(this.base.length).replace(/:(\w+)/g, '{$1}');
    const asked = method === 'HEAD' ? 'get' : method.toLowerCase();
    const name = `${asked} ${path} ${String(status)}`;
    const described = this.document.paths[path]?.[asked]?.responses[String(status)];
    if (!described) return [`${name} is not documented`];
    if (body === undefined) return [];
    const schema = described.content?.[type]?.schema;
    if (!schema) return [`${name} is not documented to answer ${type}`];
    const judge = this.judgeOf(`${name} ${type}`, schema);
    if (judge(body)) return [];
    return (judge.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${name} differs at ${instancePath || '/'}: ${message ?? ''} ${JSON.stringify(params)}`,
    );
  }

  /** What is wrong with a thing by a schema that the document names. */
  faultsOfSchema(name: string, thing: unknown): readonly string[] {
    const judge = this.judgeOf(name, { $ref: `#/components/schemas/${name}` });
    return judge(thing) ? [] : (judge.errors ?? []).map(({ instancePath }) => `${name}${instancePath}`);
  }

  private judgeOf(name: string, schema: object): ValidateFunction {
    const known = this.judges.get(name);
    if (known) return known;
    const judge = this.ajv.compile(closed(schema));
    this.judges.set(name, judge);
    return judge;
  }
}

/**
 * A part of an OpenAPI 3.0 document as JSON Schema that takes no field beyond those described. A problem may carry more, as RFC 9457
 * says.
 */
function closed(part: object): object {
  const text = JSON.stringify(part).replaceAll('"#/components/', '"door#/components/');
  return JSON.parse(text, (key, value: unknown) => {
    if (typeof value !== 'object' || value === null || key === 'properties') return value;
    const isOpen = key.endsWith('ProblemDto') || 'additionalProperties' in value;
    return 'properties' in value && !isOpen ? { ...value, additionalProperties: false } : value;
  }) as object;
}

/** Every reference in a document that leads nowhere. */
export function brokenReferencesIn(document: object): readonly string[] {
  const found: string[] = [];
  JSON.stringify(document, (key, value: unknown) => {
    if (key === '$ref' && typeof value === 'string' && !leadsSomewhere(document, value)) found.push(value);
    return value;
  });
  return found;
}

function leadsSomewhere(document: object, reference: string): boolean {
  let part: unknown = document;
  for (const name of reference.split('/').slice(1)) {
    part = typeof part === 'object' && part !== null ? (part as Record<string, unknown>)[name] : undefined;
  }
  return part !== undefined;
}
