import { createHash } from 'node:crypto';
import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiProblems, PublicRoute } from '../shared/open-api.js';
import { CATALOGUE, CatalogueAnswer } from './catalogue.js';

const TAG = `"${createHash('sha256').update(JSON.stringify(CATALOGUE)).digest('base64url').slice(0, 22)}"`;

/** An hour: a release that changes the catalogue is seen soon, and a client asks about once per visit. */
const CACHE = 'public, max-age=3600';

/** What can be chosen, in words. Public: it says nothing about anybody. */
@ApiTags('catalogue')
@Controller('citizen/v1/catalogue')
export class CatalogueController {
  @Get()
  @PublicRoute()
  @ApiOperation({
    summary: 'What can be chosen, in Dutch and English',
    description:
      'Groups with their provider types, data categories, options and the sentence behind each reason. Public, and the same for everybody.',
  })
  @ApiHeader({ name: 'If-None-Match', required: false, description: 'The ETag of the catalogue at hand.' })
  @ApiResponse({ status: 200, description: 'The catalogue; `ETag` tells it apart.', type: CatalogueAnswer })
  @ApiResponse({ status: 304, description: 'The catalogue at hand is the present one.' })
  @ApiProblems()
  read(
    @Headers('if-none-match') known: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): CatalogueAnswer | undefined {
    reply.header('etag', TAG).header('cache-control', CACHE);
    if (!isKnown(known)) return CATALOGUE;
    reply.status(304);
    return undefined;
  }
}

/** RFC 9110 §13.1.2: any of the tags, compared weakly, or `*`. */
function isKnown(known: string | undefined): boolean {
  const tags = (known ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(TAG) || tags.includes('*');
}
