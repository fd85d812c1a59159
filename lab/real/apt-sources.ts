import { readFile } from 'node:fs/promises';
import { must } from './process.js';

/** The distribution's own archive as this machine's apt is configured to use it. */
export interface Archive {
  /** Release codename, for example `bookworm`. */
  suite: string;
  /** Mirror that carries the release itself. */
  mirror: string;
  components: string[];
  /** `deb` lines for the release, its updates and its security suite. */
  sourceLines: string[];
}

/**
 * Read the distribution's archive from the machine's apt configuration (one-line and deb822 files alike: apt itself
 * parses them). Third-party sources and backports are left out. Rejects when no source carries the running release.
 */
export async function configuredArchive(): Promise<Archive> {
  const suite = codename(await readFile('/etc/os-release', 'utf8'));
  const format = '$(REPO_URI) $(RELEASE) $(COMPONENT)';
  const targets = await must(['apt-get', 'indextargets', '--format', format, 'Created-By: Packages']);
  return archiveFrom(suite, await withMirrorFilesRead(targets));
}

/** Pure part of {@link configuredArchive}: `targets` has one `URI RELEASE COMPONENT` per line. */
export function archiveFrom(suite: string, targets: string): Archive {
  const sources = new Map<string, Set<string>>();
  for (const line of targets.split('\n')) {
    const [uri, release, component] = line.split(' ');
    if (!uri || !release || !component) continue;
    if (![suite, `${suite}-updates`, `${suite}-security`].includes(release)) continue;
    const key = `${uri} ${release}`;
    sources.set(key, (sources.get(key) ?? new Set()).add(component));
  }
  const main = [...sources].find(([key]) => key.endsWith(` ${suite}`));
  if (!main) {
    throw new Error(
      `apt has no source for ${suite}, the release of this machine: the lab builds its hosts from it. ` +
        'Add one to /etc/apt/sources.list or sources.list.d and run it again.',
    );
  }
  const [key, components] = main;
  const sourceLines = [...sources].map(([source, parts]) => `deb ${source} ${[...parts].join(' ')}`);
  return { suite, mirror: key.slice(0, key.indexOf(' ')), components: [...components], sourceLines };
}

function codename(osRelease: string): string {
  const name = /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(osRelease)?.[1];
  if (!name) throw new Error('/etc/os-release names no VERSION_CODENAME: the lab needs Debian or Ubuntu');
  return name;
}

/** apt knows `mirror+file:` lists, debootstrap does not: take the first mirror of the list. */
async function withMirrorFilesRead(targets: string): Promise<string> {
  const lists = new Set([...targets.matchAll(/^mirror\+file:(\S+?)\/? /gm)].map((match) => match[1] ?? ''));
  let read = targets;
  for (const list of lists) {
    const first = /^\s*(https?:\S+)/m.exec(await readFile(list, 'utf8'))?.[1];
    if (first) read = read.replaceAll(new RegExp(`^mirror\\+file:${list}/?(?= )`, 'gm'), first);
  }
  return read;
}
