import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseInventory, siteOf } from '../../inventory/load.js';
import { type OpenStackCredentials, openStackCredentials, type ReadCredentials } from '../../inventory/openstack.js';
import { failureOf, folderWith } from './scratch.js';

const HEAD = `cloud: prod
ssh: { user: ops, agent: true }
nodes: [{ name: c1, address: 10.0.0.1, roles: [compute] }]
`;

const reader = (section: string, folder: string): ReadCredentials | undefined =>
  openStackCredentials(siteOf(parseInventory(HEAD + section, 'ostler.yaml'), join(folder, 'ostler.yaml')));

const credentials = async (section: string, folder: string): Promise<OpenStackCredentials | undefined> =>
  reader(section, folder)?.();

const named = (cloud = 'prod'): string => `openstack: { cloudsYaml: clouds.yaml, cloud: ${cloud} }\n`;

const CLOUDS = `clouds:
  prod:
    auth:
      auth_url: https://vip:5000/v3
      username: ops
      password: hunter2
      project_name: admin
      user_domain_name: Users
      project_domain_name: Projects
    region_name: RegionOne
    interface: internalURL
    cacert: ca.pem
    verify: false
    identity_api_version: 3
  small:
    auth: { auth_url: "https://vip:5000/v3", username: ops, password: hunter2, project_name: admin }
`;

describe('OpenStack credentials', () => {
  it('are none when the inventory names none', () => {
    expect(reader('', '/')).toBeUndefined();
  });

  it('are read each time as they are then, and not before', async () => {
    const folder = await folderWith({});
    const section = 'openstack: { authUrl: "https://vip:5000", username: ops, password: "file:pw", project: admin }\n';
    const read = reader(section, folder);
    for (const password of ['before', 'after']) {
      await writeFile(join(folder, 'pw'), password, { mode: 0o600 });
      expect(await read?.()).toMatchObject({ password });
    }
  });

  it('are read from an entry of a clouds.yaml', async () => {
    const folder = await folderWith({ 'clouds.yaml': CLOUDS });
    expect(await credentials(named(), folder)).toEqual({
      authUrl: 'https://vip:5000/v3',
      username: 'ops',
      password: 'hunter2',
      project: 'admin',
      userDomain: 'Users',
      projectDomain: 'Projects',
      region: 'RegionOne',
      interface: 'internal',
      caFile: join(folder, 'ca.pem'),
      verify: false,
    });
    expect(await credentials(named('small'), folder)).toEqual({
      authUrl: 'https://vip:5000/v3',
      username: 'ops',
      password: 'hunter2',
      project: 'admin',
      userDomain: 'Default',
      projectDomain: 'Default',
      interface: 'public',
      verify: true,
    });
  });

  it('take the password from the secure.yaml beside it', async () => {
    const folder = await folderWith({
      'clouds.yaml': CLOUDS.replace('      password: hunter2\n', ''),
      'secure.yaml': 'clouds: { prod: { auth: { password: apart } } }\n',
    });
    expect(await credentials(named(), folder)).toMatchObject({ username: 'ops', password: 'apart' });
  });

  it('are taken from the inventory, the password from where it is kept', async () => {
    const folder = await folderWith({ pw: 'hunter2\n' });
    const section =
      'openstack: { authUrl: "https://vip:5000/v3", username: ops, password: "file:pw", project: admin, region: R }\n';
    expect(await credentials(section, folder)).toEqual({
      authUrl: 'https://vip:5000/v3',
      username: 'ops',
      password: 'hunter2',
      project: 'admin',
      userDomain: 'Default',
      projectDomain: 'Default',
      region: 'R',
      interface: 'internal',
      verify: true,
    });
  });

  it.each<[string, string, string, (file: string) => string]>([
    ['has no such cloud', CLOUDS, 'prd', (file) => `${file} has no cloud prd; did you mean prod?`],
    ['has no such cloud of its own', CLOUDS, 'toString', (file) => `${file} has no cloud toString`],
    [
      'lacks something',
      CLOUDS.replace('      username: ops\n', ''),
      'prod',
      (file) =>
        `${file}: clouds.prod cannot be used: auth.username is missing or not of the form that password authentication with Keystone v3 needs`,
    ],
    [
      'has another way to log in',
      CLOUDS.replace('    auth:\n', '    auth_type: v3applicationcredential\n    auth:\n'),
      'prod',
      (file) =>
        `${file}: clouds.prod cannot be used: auth_type is missing or not of the form that password authentication with Keystone v3 needs`,
    ],
    [
      'is no clouds.yaml',
      'password: hunter2\n',
      'prod',
      (file) => `${file} has no map \`clouds\` of maps; is it a clouds.yaml?`,
    ],
    [
      'is no YAML',
      'clouds:\n  prod: "hunter2\n',
      'prod',
      (file) => `${file}:3: not valid YAML: missing closing "quote`,
    ],
  ])('are refused when the clouds.yaml %s, without its content', async (_what, text, cloud, message) => {
    const folder = await folderWith({ 'clouds.yaml': text });
    const error = await failureOf(() => credentials(named(cloud), folder));
    expect(error.message).toBe(message(join(folder, 'clouds.yaml')));
    expect(error.message).not.toContain('hunter2');
  });

  it('are refused when others may read them, or there are none', async () => {
    const folder = await folderWith({ 'clouds.yaml': CLOUDS });
    const file = join(folder, 'clouds.yaml');
    await chmod(file, 0o644);
    expect((await failureOf(() => credentials(named(), folder))).message).toBe(
      `${file} is open to other users (mode 0644); run \`chmod o= ${file}\``,
    );
    const empty = await folderWith({});
    expect((await failureOf(() => credentials(named(), empty))).message).toBe(`${empty}/clouds.yaml does not exist`);
  });
});
