import { afterEach, expect, it, vi } from 'vitest';
import { archiveFrom } from '../../../lab/real/apt-sources.js';
import { installPackages } from '../../../lab/real/install.js';
import { missingPackages, realLabMissing } from '../../../lab/real/missing.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('misses nothing on a machine that runs these tests', () => {
  expect(realLabMissing()).toBeUndefined();
});

it('says in one line what is not installed and how to get it', () => {
  vi.stubEnv('PATH', '/nowhere');
  const line = realLabMissing();
  expect(line).toMatch(/systemd-container.* not installed; get them with: npm run lab -- install$/);
  expect(line).not.toContain('\n');
});

it('shows what it would install and installs nothing when the answer is no', async () => {
  vi.stubEnv('PATH', '/nowhere');
  const lines: string[] = [];
  const asked: string[] = [];
  const agree = async (packages: readonly string[]) => {
    asked.push(...packages);
    return false;
  };
  expect(await installPackages({ agree, print: (line) => lines.push(line) })).toBe(false);
  expect(asked).toEqual(missingPackages());
  expect(lines.join('\n')).toContain(`apt-get install --yes --no-install-recommends ${asked.join(' ')}`);
  expect(lines.at(-1)).toBe('Nothing was installed.');
});

it('takes the release, its updates and its security suite from apt, and no other source', () => {
  const targets = [
    'https://mirror.example/debian/ bookworm main',
    'https://mirror.example/debian/ bookworm contrib',
    'https://mirror.example/debian/ bookworm-backports main',
    'https://mirror.example/security/ bookworm-security main',
    'https://packages.example/node nodistro main',
    '',
  ].join('\n');
  expect(archiveFrom('bookworm', targets)).toEqual({
    suite: 'bookworm',
    mirror: 'https://mirror.example/debian/',
    components: ['main', 'contrib'],
    sourceLines: [
      'deb https://mirror.example/debian/ bookworm main contrib',
      'deb https://mirror.example/security/ bookworm-security main',
    ],
  });
});

it('says so when apt has no source for the running release', () => {
  expect(() => archiveFrom('trixie', 'https://mirror.example/debian/ bookworm main\n')).toThrow(/no source for trixie/);
});
