import { createHmac } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';

/** One line of a known_hosts file; `line` counts from 1, `key` is the public key's base64 blob. */
export interface KnownHostLine {
  file: string;
  line: number;
  type: string;
  key: string;
}

/** Everything known_hosts files say about one host. */
export interface KnownKeys {
  trusted: KnownHostLine[];
  revoked: KnownHostLine[];
  /** `@cert-authority` lines, which we do not support. */
  authorities: KnownHostLine[];
}

/** How known_hosts names a host: bare on port 22, `[host]:port` elsewhere (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
function knownHostName(host: string, port: number): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/** The names under which a target may stand in known_hosts: its inventory name and its address. */
export function knownHostNames(target: { name: string; address: string; port: number }): string[] {
  return [...new Set([knownHostName(target.name, target.port), knownHostName(target.address, target.port)])];
}

/**
 * Reads known_hosts files: plain and hashed names, `[host]:port`, wildcards, negation, `@revoked` and
 * `@cert-authority`. A file is parsed once and again only when it changes; a host's lookup is remembered with it, since
 * each hashed line costs one HMAC per name. A file that does not exist knows nobody.
 */
export class KnownHosts {
  readonly #files = new Map<string, { stamp: string; index: KnownHostsIndex }>();

  /** All lines for any of `names` (as `knownHostNames` makes them). Throws what reading the file throws, but ENOENT. */
  lookup(files: readonly string[], names: readonly string[]): KnownKeys {
    const found: KnownKeys = { trusted: [], revoked: [], authorities: [] };
    for (const file of files) {
      const index = this.#index(file);
      if (!index) continue;
      for (const { list, line } of index.find(names)) found[list].push(line);
    }
    return found;
  }

  #index(file: string): KnownHostsIndex | undefined {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat) return undefined;
    const stamp = `${stat.ino}:${stat.size}:${stat.mtimeMs}`;
    const cached = this.#files.get(file);
    if (cached?.stamp === stamp) return cached.index;
    const index = new KnownHostsIndex(file, readFileSync(file, 'utf8'));
    this.#files.set(file, { stamp, index });
    return index;
  }
}

interface Entry {
  list: keyof KnownKeys;
  line: KnownHostLine;
}

const LIST_OF_MARKER: Record<string, keyof KnownKeys> = { '@revoked': 'revoked', '@cert-authority': 'authorities' };

/** One parsed file, by the three ways a line can name its hosts. */
class KnownHostsIndex {
  readonly #plain = new Map<string, Entry[]>();
  readonly #patterns: { wanted: RegExp[]; unwanted: RegExp[]; entry: Entry }[] = [];
  readonly #hashed: { salt: Buffer; digest: string; entry: Entry }[] = [];
  readonly #found = new Map<string, Entry[]>();

  constructor(file: string, text: string) {
    text.split('\n').forEach((content, at) => {
      this.#add(content.trim().split(/\s+/), file, at + 1);
    });
  }

  find(names: readonly string[]): Entry[] {
    const key = names.join(' ');
    let entries = this.#found.get(key);
    if (!entries) {
      entries = [...new Set(names.flatMap((name) => this.#match(name)))];
      this.#found.set(key, entries);
    }
    return entries;
  }

  #add(fields: string[], file: string, line: number): void {
    const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
    const [hosts, type, key] = fields;
    const list = marker === undefined ? 'trusted' : LIST_OF_MARKER[marker];
    if (!hosts || hosts.startsWith('#') || !type || !key || !list) return;
    const entry: Entry = { list, line: { file, line, type, key } };

    if (hosts.startsWith('|1|')) {
      const [, , salt = '', digest = ''] = hosts.split('|');
      this.#hashed.push({ salt: Buffer.from(salt, 'base64'), digest, entry });
    } else if (/[*?!]/.test(hosts)) {
      const patterns = hosts.toLowerCase().split(',');
      this.#patterns.push({
        wanted: patterns.filter((pattern) => !pattern.startsWith('!')).map(globToRegExp),
        unwanted: patterns
          .filter((pattern) => pattern.startsWith('!'))
          .map((pattern) => globToRegExp(pattern.slice(1))),
        entry,
      });
    } else {
      for (const host of hosts.toLowerCase().split(',')) {
        const entries = this.#plain.get(host);
        if (entries) entries.push(entry);
        else this.#plain.set(host, [entry]);
      }
    }
  }

  #match(name: string): Entry[] {
    return [
      ...(this.#plain.get(name) ?? []),
      ...this.#patterns
        .filter(({ wanted, unwanted }) => wanted.some((p) => p.test(name)) && !unwanted.some((p) => p.test(name)))
        .map(({ entry }) => entry),
      ...this.#hashed
        .filter(({ salt, digest }) => createHmac('sha1', salt).update(name).digest('base64') === digest)
        .map(({ entry }) => entry),
    ];
  }
}

function globToRegExp(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`);
}
