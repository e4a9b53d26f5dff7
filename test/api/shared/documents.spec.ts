import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { ApiOkResponse, ApiProperty } from '@nestjs/swagger';
import request from 'supertest';
import { AUDITOR_DOOR } from '../../../src/api/auditor/auditor.module.js';
import { CITIZEN_DOOR } from '../../../src/api/citizen/citizen.module.js';
import { PROVIDER_DOOR } from '../../../src/api/provider/provider.module.js';
import { brokenReferencesIn } from './documents.js';
import { openApp, type OpenedApp } from './open-app.js';

interface Operation {
  readonly parameters?: readonly unknown[];
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content?: Readonly<Record<string, object>> }>
  >;
}

interface Schema {
  readonly properties?: Readonly<
    Record<string, { readonly type?: string; readonly additionalProperties?: unknown }>
  >;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

let opened: OpenedApp;

beforeAll(async () => {
  opened = await openApp({ doors: [CITIZEN_DOOR, PROVIDER_DOOR, AUDITOR_DOOR] });
});
afterAll(() => opened.close());

describe.each(['citizen', 'provider', 'auditor'])('the document of the %s door', (door) => {
  let document: Document;
  let operations: readonly (readonly [name: string, method: string, operation: Operation])[];

  beforeAll(async () => {
    document = (await request(opened.server).get(`/${door}/openapi.json`)).body as Document;
    operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => [`${method} ${path}`, method, operation] as const),
    );
  });

  it('names nothing that is not there', () => {
    expect(brokenReferencesIn(document)).toEqual([]);
    expect(JSON.stringify(document)).toContain('#/components/schemas/ProblemDto');
  });

  it('tells of every route the problems that every route of its kind has', () => {
    for (const [name, method, { responses, parameters = [] }] of operations) {
      const needed = ['406', '500', '503'];
      if (method !== 'get' || parameters.length > 0) needed.push('400');
      if (method !== 'get') needed.push('413', '415');
      expect([name, Object.keys(responses)]).toEqual([name, expect.arrayContaining(needed)]);
    }
  });

  it('describes every refusal as a problem, and has no words of its own left over', () => {
    for (const [name, , operation] of operations) {
      for (const [status, { content, description }] of Object.entries(operation.responses)) {
        if (Number(status) < 400) continue;
        expect([name, status, Object.keys(content ?? {})]).toEqual([
          name,
          status,
          ['application/problem+json'],
        ]);
        expect(description).not.toBe('');
      }
      expect(Object.keys(operation).filter((key) => key.startsWith('x-'))).toEqual([]);
    }
  });

  it('gives every field a type of its own', () => {
    for (const [schema, { properties = {} }] of Object.entries(document.components.schemas)) {
      const vague = Object.entries(properties).filter(
        ([, { type, additionalProperties }]) => type === 'object' && additionalProperties === undefined,
      );
      expect([schema, vague.map(([field]) => field)]).toEqual([schema, []]);
    }
  });
});

describe('the judge of live answers', () => {
  class ThingDto {
    @ApiProperty()
    readonly name!: string;
  }

  @Controller('lying/v1')
  class LyingController {
    @Get('type')
    @ApiOkResponse({ type: ThingDto })
    type(): object {
      return { name: 3 };
    }

    @Get('more')
    @ApiOkResponse({ type: ThingDto })
    more(): object {
      return { name: 'a', secret: 1 };
    }

    @Get('right')
    @ApiOkResponse({ type: ThingDto })
    right(): object {
      return { name: 'a' };
    }

    @Get('nothing')
    nothing(): never {
      throw new Error('boom');
    }
  }

  @Module({ controllers: [LyingController] })
  class LyingDoor {}

  const LYING = {
    name: 'lying',
    title: 'Lies',
    description: 'For tests.',
    module: LyingDoor,
    admits: 'people',
  } as const;

  const closingAfter = async (path: string): Promise<void> => {
    const app = await openApp({ doors: [LYING] });
    await request(app.server).get(`/lying/v1${path}`);
    await app.close();
  };

  it('finds a field of another type, and one that no document has', async () => {
    await expect(closingAfter('/type')).rejects.toThrow('get /type 200 differs at /name');
    await expect(closingAfter('/more')).rejects.toThrow('"additionalProperty":"secret"');
  });

  it('finds nothing wrong with what is as documented, also a problem', async () => {
    await closingAfter('/right');
    await closingAfter('/nothing');
  });
});

describe('references', () => {
  it('that lead nowhere are found', () => {
    const document = { a: { $ref: '#/components/schemas/A' }, components: { schemas: { B: {} } } };
    expect(brokenReferencesIn(document)).toEqual(['#/components/schemas/A']);
  });
});
