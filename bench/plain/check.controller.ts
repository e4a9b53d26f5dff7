import {
  Body,
  Controller,
  createParamDecorator,
  type ExecutionContext,
  HttpCode,
  Post,
  UseGuards,
} from '@nestjs/common';
import { CheckDto } from './check.dto.js';
import { type Checked, CheckService } from './check.service.js';
import { type Asking, TokenGuard } from './token.guard.js';

/** Gives a method what the guard found. */
export const WhoAsks = createParamDecorator((_: unknown, context: ExecutionContext) => {
  return context.switchToHttp().getRequest<{ asking: Asking }>().asking;
});

/** The same endpoint as ours, written as Nest's documentation teaches it. */
@Controller('provider/v1/consent-checks')
export class CheckController {
  constructor(private readonly checks: CheckService) {}

  @Post()
  @HttpCode(200)
  @UseGuards(TokenGuard)
  check(@WhoAsks() asking: Asking, @Body() dto: CheckDto): Promise<Checked> {
    return this.checks.check(asking, dto);
  }
}
