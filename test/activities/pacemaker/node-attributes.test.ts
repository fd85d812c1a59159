import { describe, expect, it } from 'vitest';
import { nodeAttributes } from '../../../activities/pacemaker/node-attributes.js';
import { UnreadableCluster } from '../../../activities/pacemaker/read-script.js';
import { fixture } from './recorded.js';

describe('the attributes of nodes of Pacemaker 2.1.5, recorded', () => {
  const of = (name: string) => nodeAttributes(fixture(`pacemaker-2.1.5/${name}.xml`));
  const none = { 'controller-1': {}, 'controller-2': {}, 'controller-3': {} };

  it.each(['nodes', 'nodes-after-delete'])('are none in %s', (name) => {
    expect(of(name)).toEqual(none);
  });

  it('have the mark of a run, and the standby', () => {
    expect(of('nodes-with-attributes')).toEqual({
      ...none,
      'controller-2': { ostler: '0123456789abcdef', standby: 'on' },
    });
  });
});

it('of one node alone, and of several sets, are read', () => {
  const set = (pairs: string) => `<instance_attributes id="x">${pairs}</instance_attributes>`;
  const xml = `<nodes><node id="1" uname="a">${set('<nvpair id="1" name="ostler" value="0"/>')}${set('<nvpair id="2" name="x"/>')}</node></nodes>`;
  expect(nodeAttributes(xml)).toEqual({ a: { ostler: '0', x: '' } });
  expect(nodeAttributes('<nodes/>')).toEqual({});
});

it.each([
  ['nothing', ''],
  ['a refusal', 'Permission denied'],
  ['another section', '<constraints/>'],
  ['a document that breaks off', fixture('pacemaker-2.1.5/nodes-with-attributes.xml').slice(0, 200)],
])('%s is refused', (_what, xml) => {
  expect(() => nodeAttributes(xml)).toThrow(UnreadableCluster);
});
