import { Controller, Get, Param, Query, Req, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { askerOf, Scopes, SystemGuard } from '../../access/systems/bearer.guard.js';
import { requireClientInService } from '../../core/decision/decisions.service.js';
import { Failure } from '../../core/failure.js';
import {
  GROUP_IDS,
  groupOf,
  type GroupId,
  PROVIDER_TYPES,
  type ProviderType,
} from '../../core/provider/catalogue.js';
import type { Provider } from '../../core/provider/provider.js';
import type { Ura } from '../../core/provider/ura.js';
import { Registry } from '../../core/registry.js';
import { ApiProblems } from '../shared/open-api.js';
import { IsGroup, IsProviderType, IsTextLike, IsUra, MayBeLeftOut } from '../shared/validators.js';
import { ProviderDto, ProvidersDto } from './answers.dto.js';

const LARGEST_PAGE = 100;
const DEFAULT_PAGE = 25;
const TEXT = /^.{1,100}$/su;
const TEXT_SENTENCE = 'Give 1 to 100 characters.';
const SHOWN = {
  ura: '00001234',
  name: 'Huisartsenpraktijk De Linde',
  place: 'Zwolle',
  types: ['Z3'],
  groups: ['general-practice'],
};

class ProviderSearchDto {
  @ApiPropertyOptional({ description: 'A part of the name.', minLength: 1, maxLength: 100 })
  @MayBeLeftOut()
  @IsTextLike(TEXT, TEXT_SENTENCE)
  readonly name?: string;

  @ApiPropertyOptional({ description: 'A part of the place.', minLength: 1, maxLength: 100 })
  @MayBeLeftOut()
  @IsTextLike(TEXT, TEXT_SENTENCE)
  readonly place?: string;

  @ApiPropertyOptional({ type: String, description: 'A provider type of the catalogue.', example: 'Z3' })
  @MayBeLeftOut()
  @IsProviderType()
  readonly type?: ProviderType;

  @ApiPropertyOptional({ enum: GROUP_IDS, description: 'A group of the catalogue.' })
  @MayBeLeftOut()
  @IsGroup()
  readonly group?: GroupId;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: LARGEST_PAGE, default: DEFAULT_PAGE })
  @MayBeLeftOut()
  @IsTextLike(/^([1-9]\d?|100)$/, `Give a whole number from 1 to ${String(LARGEST_PAGE)}.`)
  readonly limit?: string;

  @ApiPropertyOptional({ type: String, description: 'Continue after this URA number.', pattern: '^\\d{8}$' })
  @MayBeLeftOut()
  @IsUra()
  readonly after?: Ura;
}

class ProviderUraDto {
  @IsUra()
  readonly ura!: Ura;
}

/** Looking things up in the register of care providers. */
@ApiTags('providers')
@Controller('provider/v1/providers')
@UseGuards(SystemGuard)
@Scopes('provider:read')
export class ProvidersController {
  constructor(private readonly registry: Registry) {}

  @Get()
  @ApiOperation({
    summary: 'Search the register of care providers',
    description: 'By URA number, page by page.',
  })
  @ApiOkResponse({ type: ProvidersDto, example: { providers: [SHOWN], next: '00001234' } })
  @ApiProblems('INPUT_INVALID', 'NOT_SIGNED_IN', 'CLIENT_UNKNOWN', 'CLIENT_REVOKED', 'SCOPE_MISSING')
  async search(@Query() query: ProviderSearchDto, @Req() request: FastifyRequest): Promise<ProvidersDto> {
    const { clientId } = askerOf(request);
    const { name, place, after } = query;
    const limit = Number(query.limit ?? DEFAULT_PAGE);
    const found = await this.registry.inSnapshot(async (records) => {
      await requireClientInService(records, clientId);
      return records.providers.search({ name, place, after, types: typesOf(query), limit: limit + 1 });
    });
    const page = found.slice(0, limit);
    const next = found.length > limit ? page.at(-1)?.ura : undefined;
    return { providers: page.map(shown), ...(next === undefined ? {} : { next }) };
  }

  @Get(':ura')
  @ApiOperation({ summary: 'One care provider', description: 'As the register knows it now.' })
  @ApiParam({ name: 'ura', example: SHOWN.ura })
  @ApiOkResponse({ type: ProviderDto, example: SHOWN })
  @ApiProblems(
    'INPUT_INVALID',
    'NOT_SIGNED_IN',
    'CLIENT_UNKNOWN',
    'CLIENT_REVOKED',
    'SCOPE_MISSING',
    'NOT_FOUND',
  )
  async find(@Param() { ura }: ProviderUraDto, @Req() request: FastifyRequest): Promise<ProviderDto> {
    const { clientId } = askerOf(request);
    const provider = await this.registry.inSnapshot(async (records) => {
      await requireClientInService(records, clientId);
      return records.providers.find(ura);
    });
    if (!provider) throw new Failure('NOT_FOUND', 'The register has no care provider with this URA number.');
    return shown(provider);
  }
}

/** The types that a search allows; none at all when type and group exclude each other. */
function typesOf({ type, group }: ProviderSearchDto): readonly ProviderType[] | undefined {
  if (type === undefined && group === undefined) return undefined;
  return PROVIDER_TYPES.filter(
    (one) => (type === undefined || one === type) && (group === undefined || groupOf(one) === group),
  );
}

function shown({ ura, name, place, types }: Provider): ProviderDto {
  return { ura, name, place, types, groups: [...new Set(types.map(groupOf))] };
}
