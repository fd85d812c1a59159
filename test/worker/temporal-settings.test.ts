import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSConfig } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporalSettings } from '../../worker/temporal-settings.js';

let folder: string;
let env: Record<string, string>;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ostler-settings-'));
  const file = join(folder, 'temporal.toml');
  writeFileSync(
    file,
    [
      '[profile.default]',
      'address = "from-file:7233"',
      'namespace = "file"',
      '[profile.cloud]',
      'address = "cloud.example.org:7233"',
      'api_key = "k3y"',
      '[profile.mutual.tls]',
      `client_cert_path = "${join(folder, 'client.pem')}"`,
      `client_key_path = "${join(folder, 'client.key')}"`,
      'server_name = "temporal.example.org"',
    ].join('\n'),
  );
  writeFileSync(join(folder, 'client.pem'), 'certificate');
  writeFileSync(join(folder, 'client.key'), 'key');
  env = { TEMPORAL_CONFIG_FILE: file };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('where the Temporal server is', () => {
  it('is the choice, then TEMPORAL_*, then temporal.toml, then this machine', () => {
    const variables = { ...env, TEMPORAL_ADDRESS: 'from-env:7233' };
    expect(temporalSettings({ address: 'chosen:7233', namespace: 'mine' }, variables)).toMatchObject({
      connection: { address: 'chosen:7233' },
      namespace: 'mine',
    });
    expect(temporalSettings({}, variables)).toMatchObject({
      connection: { address: 'from-env:7233' },
      namespace: 'file',
    });
    expect(temporalSettings({}, env)).toMatchObject({ connection: { address: 'from-file:7233' }, namespace: 'file' });
    expect(temporalSettings({}, { TEMPORAL_CONFIG_FILE: '/dev/null' })).toMatchObject({
      connection: { address: 'localhost:7233' },
      namespace: 'default',
    });
  });

  it('brings its API key, and TLS with it', () => {
    expect(temporalSettings({ profile: 'cloud' }, env).connection).toMatchObject({ apiKey: 'k3y', tls: true });
  });

  it('brings a client certificate', () => {
    const { tls } = temporalSettings({ profile: 'mutual' }, env).connection;
    expect(tls).toMatchObject({ serverNameOverride: 'temporal.example.org' });
    const { crt, key } = (tls as TLSConfig).clientCertPair as { crt: Uint8Array; key: Uint8Array };
    expect([crt, key].map((bytes) => Buffer.from(bytes).toString())).toEqual(['certificate', 'key']);
  });

  it('is refused when the profile does not exist', () => {
    expect(() => temporalSettings({ profile: 'nowhere' }, env)).toThrow(/nowhere/);
  });
});
