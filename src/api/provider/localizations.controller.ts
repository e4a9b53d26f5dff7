import { Body, Controller, Delete, HttpCode, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsObject, IsUUID, ValidateNested } from 'class-validator';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { askerOf, Scopes, SystemGuard } from '../../access/systems/bearer.guard.js';
import type { Localization } from '../../core/localization/localization.js';
import { Localizations } from '../../core/localization/localizations.service.js';
import type { Bsn } from '../../core/person/bsn.js';
import { ApiProblems } from '../shared/open-api.js';
import { IsBsn } from '../shared/validators.js';
import { LocalizationDto } from './answers.dto.js';
import { PartyDto } from './asked.dto.js';
import { CHECK_EXAMPLE } from './examples.js';
import { ASKED } from './expected.js';

const { bsn, holder } = CHECK_EXAMPLE;
const SHOWN = {
  id: '019aa7d2-6f3e-7c10-8a55-3f6f0a5b9c11',
  holder,
  registeredAt: '2026-11-21T09:30:00.000Z',
  renewedAt: '2026-11-21T09:30:00.000Z',
};

/** "My provider holds data about this person." */
class RegistrationDto {
  @ApiProperty({ type: String, pattern: '^\\d{9}$', example: bsn })
  @IsBsn()
  readonly bsn!: Bsn;

  @ApiProperty({ type: PartyDto })
  @IsObject({ message: ASKED.party })
  @ValidateNested({ message: ASKED.party })
  @Type(() => PartyDto)
  readonly holder!: PartyDto;
}

class LocalizationIdDto {
  @IsUUID(undefined, { message: 'Give the id of a localization, a UUID.' })
  readonly id!: string;
}

/** Registering, renewing and ending "my provider holds data about this person". */
@ApiTags('localizations')
@Controller('provider/v1/localizations')
@UseGuards(SystemGuard)
@Scopes('localization:write')
export class LocalizationsController {
  constructor(private readonly localizations: Localizations) {}

  @Post()
  @ApiOperation({
    summary: 'Register or renew that a provider holds data about a person',
    description:
      'The same call again renews the one registration there is. The answer is the same for people with and without an account.',
  })
  @ApiBody({ type: RegistrationDto, examples: { registration: { value: { bsn, holder } } } })
  @ApiCreatedResponse({
    type: LocalizationDto,
    description: 'Registered for the first time, or again after it ended.',
    headers: { Location: { description: 'The address to end it at.', schema: { type: 'string' } } },
    example: SHOWN,
  })
  @ApiOkResponse({ type: LocalizationDto, description: 'Renewed.', example: SHOWN })
  @ApiProblems(
    'INPUT_INVALID',
    'NOT_SIGNED_IN',
    'CLIENT_UNKNOWN',
    'CLIENT_REVOKED',
    'SCOPE_MISSING',
    'NOT_YOUR_PROVIDER',
    'PROVIDER_UNKNOWN',
  )
  async register(
    @Body() registration: RegistrationDto,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LocalizationDto> {
    const { localization, outcome } = await this.localizations.register(askerOf(request), registration);
    reply.status(outcome === 'registered' ? 201 : 200);
    reply.header('location', `/provider/v1/localizations/${localization.id}`);
    return shown(localization);
  }

  @Delete(':id')
  @HttpCode(204)
  @ApiOperation({ summary: 'End a registration', description: 'Ending it again changes nothing.' })
  @ApiParam({ name: 'id', format: 'uuid', example: SHOWN.id })
  @ApiNoContentResponse({ description: 'It has ended.' })
  @ApiProblems(
    'INPUT_INVALID',
    'NOT_SIGNED_IN',
    'CLIENT_UNKNOWN',
    'CLIENT_REVOKED',
    'SCOPE_MISSING',
    'NOT_FOUND',
  )
  end(@Param() { id }: LocalizationIdDto, @Req() request: FastifyRequest): Promise<void> {
    return this.localizations.end(askerOf(request), id);
  }
}

function shown({ id, ura, type, registeredAt, renewedAt }: Localization): LocalizationDto {
  return {
    id,
    holder: { ura, type },
    registeredAt: registeredAt.toISOString(),
    renewedAt: renewedAt.toISOString(),
  };
}
