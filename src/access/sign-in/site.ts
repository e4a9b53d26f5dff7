/** Characters that may stand in a path as sent: no spaces, no controls, no backslash (browsers read it as a slash). */
const PLAIN_PATH = /^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/;

const LONGEST_PATH = 1_000;

/** The address under which browsers reach the registry (setting PUBLIC_URL). */
export class Site {
  /** Scheme, host and port, as browsers write it in the `Origin` header. */
  readonly origin: string;

  /** Throws when the address carries more than an origin: cookies named `__Host-` always cover the whole host. */
  constructor(publicUrl: string) {
    const url = new URL(publicUrl);
    if (url.pathname !== '/' || url.search !== '' || url.hash !== '') {
      throw new Error(`PUBLIC_URL has no path of its own: write ${url.origin}`);
    }
    this.origin = url.origin;
  }

  /** The whole address of a path on this site. */
  addressOf(path: string): string {
    return `${this.origin}${path}`;
  }

  /** Whether following this text from a page of ours stays on this site (ASVS 3.7.2: no open redirect). */
  isOwnPath(text: unknown): text is string {
    if (typeof text !== 'string' || text.length > LONGEST_PATH || !PLAIN_PATH.test(text)) return false;
    return URL.canParse(text, this.origin) && new URL(text, this.origin).origin === this.origin;
  }
}
