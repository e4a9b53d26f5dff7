import { Controller, Get, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sessionSecretOf, setSessionCookie, setSignInCookie, signInSecretOf } from './cookies.js';
import { type Role, SignIn } from './sign-in.js';

type QueryParameters = Readonly<Record<string, unknown>>;

/** Sends the browser on. The address carries a one-time code or state: it is neither kept nor told to the next site. */
function sendTo(location: string, reply: FastifyReply): FastifyReply {
  return reply
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'no-referrer')
    .redirect(location, 303);
}

/** Sign-in as a browser does it: there and back by redirects. One subclass per door gives it its place. */
abstract class SignInController {
  protected abstract readonly role: Role;
  protected abstract readonly signIn: SignIn;

  protected async sendThere(
    query: QueryParameters,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { returnTo, language } = query;
    const wish = { returnTo, language, browserSecret: signInSecretOf(request), address: request.ip };
    const { location, browserSecret } = await this.signIn.begin(this.role, wish);
    setSignInCookie(reply, browserSecret);
    await sendTo(location, reply);
  }

  protected async welcomeBack(
    query: QueryParameters,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const { secret, returnTo } = await this.signIn.complete(this.role, {
      query,
      browserSecret: signInSecretOf(request),
      formerSession: sessionSecretOf(request),
      address: request.ip,
    });
    setSessionCookie(reply, secret);
    await sendTo(returnTo, reply);
  }
}

const RETURN_TO = {
  name: 'returnTo',
  required: false,
  description: 'Where to go after signing in: a path on this site; anything else is ignored.',
  example: '/choices',
} as const;
const LANGUAGE = {
  name: 'language',
  required: false,
  enum: ['nl', 'en'],
  description: 'The language in which the identity provider addresses the person.',
};
const THERE = {
  status: 303,
  description: 'Go to the identity provider; a cookie ties the answer to this browser.',
};
const BACK = {
  status: 303,
  description: 'Signed in: the session cookie is set. Go on to the wished-for path.',
};
const UNAVAILABLE = { status: 503, description: 'The identity provider can not be reached (UNAVAILABLE).' };
const TOO_MANY = {
  status: 429,
  description: 'Too many sign-ins begun from one network address (TOO_MANY_TRIES); see Retry-After.',
};
const REFUSED = {
  status: 403,
  description: 'Not signed in (SIGN_IN_REFUSED or ASSURANCE_TOO_LOW); start again.',
};

/** Where citizens sign in. */
@ApiTags('sign-in')
@Controller('citizen/v1/sign-in')
export class CitizenSignInController extends SignInController {
  protected readonly role = 'citizen';

  constructor(protected readonly signIn: SignIn) {
    super();
  }

  @Get()
  @ApiOperation({ summary: 'Start signing in; a browser opens this address' })
  @ApiQuery(RETURN_TO)
  @ApiQuery(LANGUAGE)
  @ApiResponse(THERE)
  @ApiResponse(TOO_MANY)
  @ApiResponse(UNAVAILABLE)
  start(
    @Query() query: QueryParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.sendThere(query, request, reply);
  }

  @Get('callback')
  @ApiOperation({ summary: 'Come back from the identity provider; only that provider sends browsers here' })
  @ApiResponse(BACK)
  @ApiResponse(REFUSED)
  @ApiResponse(UNAVAILABLE)
  callback(
    @Query() query: QueryParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.welcomeBack(query, request, reply);
  }
}

/** Where auditors sign in. */
@ApiTags('sign-in')
@Controller('auditor/v1/sign-in')
export class AuditorSignInController extends SignInController {
  protected readonly role = 'auditor';

  constructor(protected readonly signIn: SignIn) {
    super();
  }

  @Get()
  @ApiOperation({ summary: 'Start signing in; a browser opens this address' })
  @ApiQuery(RETURN_TO)
  @ApiQuery(LANGUAGE)
  @ApiResponse(THERE)
  @ApiResponse(TOO_MANY)
  @ApiResponse(UNAVAILABLE)
  start(
    @Query() query: QueryParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.sendThere(query, request, reply);
  }

  @Get('callback')
  @ApiOperation({ summary: 'Come back from the identity provider; only that provider sends browsers here' })
  @ApiResponse(BACK)
  @ApiResponse(REFUSED)
  @ApiResponse(UNAVAILABLE)
  callback(
    @Query() query: QueryParameters,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    return this.welcomeBack(query, request, reply);
  }
}
