import { type CanActivate, type ExecutionContext, Injectable, UnauthorizedException } from '@nestjs/common';
import { AccessTokens } from '../../src/access/systems/access-token.js';

/** What the guard leaves on the request. */
export interface Asking {
  clientId: string;
  tokenId: string;
}

/** Admits whoever has a good access token. Verified tokens are remembered, as in our own app: this comparison is not about that. */
@Injectable()
export class TokenGuard implements CanActivate {
  constructor(private readonly tokens: AccessTokens) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context
      .switchToHttp()
      .getRequest<{ headers: Record<string, string | undefined>; asking?: Asking }>();
    const [scheme, token] = (request.headers['authorization'] ?? '').split(' ');
    if (scheme !== 'Bearer' || !token) throw new UnauthorizedException();
    const { clientId, tokenId, scopes } = await this.tokens.verify(token);
    if (!scopes.has('consent:check')) throw new UnauthorizedException();
    request.asking = { clientId, tokenId };
    return true;
  }
}
