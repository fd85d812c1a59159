import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import {
  inventoryJsonSchema,
  inventoryJsonSchemaText,
  jsonSchemaFile,
  knownKeys,
} from '../../inventory/json-schema.js';

describe('the JSON Schema of the inventory', () => {
  /** After a change of the schema: `npx vitest run test/inventory/json-schema.test.ts -u`. */
  it('is committed as docs/ostler.schema.json just as it is generated now', async () => {
    await expect(inventoryJsonSchemaText()).toMatchFileSnapshot('../../docs/ostler.schema.json');
  });

  it('is found where it is', async () => {
    expect(JSON.parse(await readFile(jsonSchemaFile(), 'utf8'))).toEqual(inventoryJsonSchema());
  });

  it('asks for what has no default and refuses unknown keys', () => {
    expect(inventoryJsonSchema()).toMatchObject({
      required: ['cloud', 'ssh', 'nodes'],
      additionalProperties: false,
      properties: { ssh: { required: ['user'] }, nodes: { items: { required: ['name', 'address', 'roles'] } } },
    });
  });

  it('knows the keys of every place, those of each form of a union together', () => {
    expect(knownKeys(['nodes', 3, 'ssh', 'proxyJump'])).toContain('identityFile');
    expect(knownKeys(['openstack'])).toEqual(expect.arrayContaining(['cloudsYaml', 'authUrl']));
    expect(knownKeys(['maxUnavailable'])).toContain('compute');
    expect(knownKeys(['no', 'such', 'place'])).toEqual([]);
  });
});
