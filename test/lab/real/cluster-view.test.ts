import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { readView } from '../../../lab/real/pacemaker/cluster-view.js';

const recorded = async (state: string) =>
  readView(await readFile(new URL(`../../fixtures/pacemaker-2.1.5/${state}.xml`, import.meta.url), 'utf8'));

const all = ['controller-1', 'controller-2', 'controller-3'];

it('reads where every instance of a clone runs', async () => {
  const { quorate, online, started } = await recorded('healthy');
  expect({ quorate, online }).toEqual({ quorate: true, online: all });
  expect(started).toEqual({
    vip__management: ['controller-1'],
    vip__public: ['controller-2'],
    p_haproxy: ['controller-2', 'controller-3', 'controller-1'],
  });
});

it('reads a node in standby as online and running nothing', async () => {
  const { online, standby, started } = await recorded('standby');
  expect({ online, standby }).toEqual({ online: all, standby: ['controller-2'] });
  expect(started.p_haproxy?.toSorted()).toEqual(['controller-1', 'controller-3']);
});

it('reads a minority as alone, without quorum and running nothing', async () => {
  expect(await recorded('minority')).toEqual({
    dc: 'controller-3',
    quorate: false,
    online: ['controller-3'],
    standby: [],
    started: {},
  });
});
