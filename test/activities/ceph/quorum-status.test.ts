import { expect, it } from 'vitest';
import { parseQuorumStatus } from '../../../activities/ceph/quorum-status.js';
import { fixture } from '../pacemaker/recorded.js';

const monitors = ['node-1', 'node-2', 'node-3'];

it.each([
  ['firefly', monitors],
  ['two-of-three', ['node-1', 'node-3']],
])('reads who is in quorum, of %s', (name, quorum) => {
  expect(parseQuorumStatus(fixture(`ceph/${name}.json`))).toEqual({ monitors, quorum, leader: 'node-1' });
});

it.each([
  ['nothing', '', /JSON/],
  ['a refusal', 'Permission denied', /JSON/],
  ['a document that breaks off', '{"quorum_names":["node-1"', /JSON/],
  ['a document of something else', '{"health":{}}', /^the status of Ceph is not as expected at quorum_names: [^\n]*$/],
])('%s is refused in one line', (_what, text, message) => {
  expect(() => parseQuorumStatus(text)).toThrow(message);
});
