import { DEFAULT_LEVEL, type AssuranceLevel } from './identity-people.js';

/** What a visitor of the demo identity provider does. */
export type Pick = { readonly person: string; readonly level?: AssuranceLevel } | 'cancel';

const MOST_STEPS = 10;

/**
 * Does by plain HTTP what a person does at the demo identity provider: goes to `location` (where the registry sent the browser),
 * picks somebody or cancels, and gives the address back at the registry that the browser is sent to, unvisited.
 */
export async function pickAtIdentityProvider(location: string, pick: Pick): Promise<string> {
  const visit = new Visit(new URL(location).origin);
  const page = await visit.follow(location);
  if (page.status !== 200)
    throw new Error(`the identity provider answered with status ${String(page.status)}`);
  const form = new URLSearchParams(
    pick === 'cancel' ? { cancel: 'yes' } : { person: pick.person, level: pick.level ?? DEFAULT_LEVEL },
  );
  const back = await visit.follow(page.url, { method: 'POST', body: form });
  if (back.status !== 0)
    throw new Error(`the identity provider kept the visitor, with status ${String(back.status)}`);
  return back.url;
}

/** A browser's stay at one site: keeps its cookies, follows its redirects, stops at the border. */
class Visit {
  private readonly cookies = new Map<string, string>();

  constructor(private readonly origin: string) {}

  /** Status 0: the redirects led off the site, to `url`. */
  async follow(address: string, first: RequestInit = {}): Promise<{ status: number; url: string }> {
    let url = address;
    let how = first;
    for (let step = 0; step < MOST_STEPS; step += 1) {
      const answer = await fetch(url, {
        ...how,
        redirect: 'manual',
        headers: { cookie: this.cookieHeader() },
      });
      await answer.arrayBuffer();
      this.keepCookies(answer);
      const next = answer.headers.get('location');
      if (next === null) return { status: answer.status, url };
      url = new URL(next, url).href;
      how = {};
      if (new URL(url).origin !== this.origin) return { status: 0, url };
    }
    throw new Error('the identity provider redirects without end');
  }

  private cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  private keepCookies(answer: Response): void {
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1);
      const [name = '', ...value] = pair.split('=');
      if (value.join('=') === '') this.cookies.delete(name);
      else this.cookies.set(name, value.join('='));
    }
  }
}
