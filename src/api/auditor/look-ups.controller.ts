import { Body, Controller, HttpCode, Logger, Post, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CsrfGuard } from '../../access/sign-in/csrf.guard.js';
import {
  AuditorGuard,
  SignedInAuditor,
  type SignedInAsAuditor,
} from '../../access/sign-in/signed-in.guard.js';
import { type AuditedEntry, Auditors, type LookUp } from '../../core/audit/auditors.service.js';
import { Failure } from '../../core/failure.js';
import { ApiProblems } from '../shared/open-api.js';
import { Produces } from '../shared/route.js';
import { invalidInput } from '../shared/validation.pipe.js';
import { EntryDto, LookedUpDto, shown } from './entry.dto.js';
import { ENTRY_EXAMPLE, LOOK_UP_EXAMPLE } from './examples.js';
import { ExportDto, LookUpDto } from './look-up.dto.js';
import { type Streamed, writeLines } from './ndjson.js';

/** The longest stretch of time in one look: twice the legal term of the log. */
const MOST_YEARS = 10;

/** Looking into the log. Every look is itself an entry before anything is shown, and visible to the person it is about. */
@ApiTags('log')
@Controller('auditor/v1')
@UseGuards(CsrfGuard, AuditorGuard)
export class LookUpsController {
  private readonly log = new Logger(LookUpsController.name);

  constructor(private readonly auditors: Auditors) {}

  @Post('look-ups')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Search the log',
    description: 'Newest first, page by page. Needs a case number and a reason; leaves an entry of its own.',
  })
  @ApiBody({ type: LookUpDto, examples: { month: { summary: 'One provider', value: LOOK_UP_EXAMPLE } } })
  @ApiOkResponse({
    type: LookedUpDto,
    example: { entryId: '019aa7d2-6f3e-7c10-8a55-3f6f0a5b9c12', entries: [ENTRY_EXAMPLE] },
  })
  @ApiProblems('INPUT_INVALID', 'CASE_MISSING', 'NOT_SIGNED_IN', 'NOT_ALLOWED')
  async lookUp(
    @SignedInAuditor() { subject, name }: SignedInAsAuditor,
    @Body() body: LookUpDto,
  ): Promise<LookedUpDto> {
    const { before, limit } = body;
    const wanted = { ...wantedIn(body), before, limit };
    const found = await namingCaseFields(() => this.auditors.lookUp({ subject, name }, caseIn(body), wanted));
    return {
      entryId: found.entryId,
      entries: found.entries.map((entry) => shown(entry, 'utf8')),
      ...(found.next === undefined ? {} : { next: found.next }),
    };
  }

  @Post('exports')
  @HttpCode(200)
  @Produces('application/x-ndjson')
  @ApiOperation({
    summary: 'Export everything that matches',
    description:
      'Newline-delimited JSON, newest first: one entry a line, each with the bytes of its leaf in base64. Only a stream that ' +
      'ends with {"complete":true,"count":N,"entryId":…} is whole; one that breaks off ends with {"error":…}.',
  })
  @ApiBody({ type: ExportDto, examples: { month: { summary: 'One provider', value: LOOK_UP_EXAMPLE } } })
  @ApiOkResponse({
    description: 'The entries, one a line.',
    content: {
      'application/x-ndjson': {
        schema: { type: 'string' },
        example: `${JSON.stringify(ENTRY_EXAMPLE)}\n{"complete":true,"count":1}\n`,
      },
    },
  })
  @ApiProblems('INPUT_INVALID', 'CASE_MISSING', 'NOT_SIGNED_IN', 'NOT_ALLOWED')
  async export(
    @SignedInAuditor() { subject, name }: SignedInAsAuditor,
    @Body() body: ExportDto,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const wanted = wantedIn(body);
    const started = await namingCaseFields(() =>
      this.auditors.export({ subject, name }, caseIn(body), wanted),
    );
    reply.header('content-type', 'application/x-ndjson');
    reply.header('content-disposition', 'attachment; filename="entries.ndjson"');
    reply.hijack();
    reply.raw.writeHead(200, withoutBlanks(reply.getHeaders()));
    const { entryId } = started;
    this.tell(await writeLines(reply.raw, linesOf(started.pages), { entryId }), entryId);
  }

  private tell(streamed: Streamed, entryId: string): void {
    if (streamed.outcome === 'complete') return;
    const why =
      streamed.outcome === 'failed' ? `failed: ${String(streamed.error)}` : 'was left by its reader';
    this.log.warn(`export ${entryId} ${why} after ${String(streamed.count)} entries`);
  }
}

async function* linesOf(pages: AsyncIterable<readonly AuditedEntry[]>): AsyncGenerator<readonly EntryDto[]> {
  for await (const page of pages) yield page.map((entry) => shown(entry, 'base64'));
}

function caseIn({ case: { caseNumber, reason } }: Pick<LookUpDto, 'case'>): {
  caseNumber: string;
  reason: string;
} {
  return { caseNumber, reason };
}

function wantedIn(body: ExportDto): Omit<LookUp, 'before' | 'limit'> {
  const { bsn, ura, clientId, kinds, outcome } = body;
  const from = new Date(body.from);
  const to = new Date(body.to);
  const years = (to.getTime() - from.getTime()) / (366 * 24 * 60 * 60_000);
  if (years <= 0) throw invalidInput({ to: 'The end lies after the beginning.' });
  if (years > MOST_YEARS) throw invalidInput({ to: `At most ${String(MOST_YEARS)} years at a time.` });
  return { from, to, bsn, ura, clientId, kinds, outcome };
}

/** The core knows a case by itself; here its fields lie within the body. */
async function namingCaseFields<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'CASE_MISSING') throw error;
    const { fields = {} } = error.facts;
    const named = Object.entries(fields).map(([field, sentence]) => [`case.${field}`, sentence]);
    throw new Failure(error.code, error.message, { fields: Object.fromEntries(named) as typeof fields });
  }
}

function withoutBlanks(headers: ReturnType<FastifyReply['getHeaders']>): Record<string, string | string[]> {
  const given = Object.entries(headers).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    given.map(([name, value]) => [name, Array.isArray(value) ? value : String(value)]),
  );
}
