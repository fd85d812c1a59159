import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { initialInventory } from '../../inventory/init.js';
import { loadSite } from '../../inventory/site.js';
import { failureOf, folderWith } from './scratch.js';

const named = (cloud: string): string => initialInventory({ cloud });

describe('the inventory of this machine', () => {
  it('is the one that is named, then that of the environment, then that of the folder, then that of the user', async () => {
    const folder = await folderWith({
      'named.yaml': named('by-flag'),
      'env.yaml': named('by-environment'),
      'here/ostler.yaml': named('by-folder'),
      'config/ostler/ostler.yaml': named('by-user'),
    });
    const here = join(folder, 'here');
    const env = { OSTLER_INVENTORY: join(folder, 'env.yaml'), XDG_CONFIG_HOME: join(folder, 'config') };
    const user = { XDG_CONFIG_HOME: join(folder, 'config') };
    const clouds = [
      loadSite('../named.yaml', here, env),
      loadSite(undefined, here, env),
      loadSite(undefined, here, user),
      loadSite(undefined, folder, user),
    ];
    expect((await Promise.all(clouds)).map(({ cloud }) => cloud)).toEqual([
      'by-flag',
      'by-environment',
      'by-folder',
      'by-user',
    ]);
  });

  it('is missed with every place that was looked at', async () => {
    const folder = await folderWith({});
    expect(
      await failureOf(() => loadSite(undefined, folder, { XDG_CONFIG_HOME: join(folder, 'config') })),
    ).toMatchObject({
      kind: 'missing',
      message: `ostler.yaml: not found; looked at ${folder}/ostler.yaml, ${folder}/config/ostler/ostler.yaml, /etc/ostler/ostler.yaml; \`ostler init\` writes one, --inventory and OSTLER_INVENTORY name another`,
    });
  });

  it('is not looked for elsewhere when the one that is named is not there', async () => {
    const folder = await folderWith({ 'ostler.yaml': named('prod') });
    expect((await failureOf(() => loadSite('other.yaml', folder, {}))).message).toBe(
      `${folder}/other.yaml: there is no such file; \`ostler init\` writes one to start from`,
    );
  });
});
