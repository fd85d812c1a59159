import { describe, expect, it } from 'vitest';
import { proveDead } from '../../../activities/controllers/dead.js';
import type { Survey } from '../../../domain/controllers.js';
import type { Node } from '../../../domain/inventory.js';
import { withNode } from '../../domain/cluster-samples.js';
import { controllerNodes, facts, seeing, sees, unheard } from '../../domain/controller-samples.js';
import { fakeSite, printed } from './fake-site.js';

const c2 = controllerNodes[1] as Node;
const { signal } = new AbortController();

/** c2 is off: the others see that, and nobody gets an answer from it. */
const gone: Survey = seeing(withNode('c2', { online: false }), { c2: unheard('c2') }).map((one) => {
  const { bootId: _gone, ...rest } = one;
  return one.controller === 'c2' ? rest : one;
});
const noAnswer = async () => printed('124 \n');

const prove = (
  survey: Survey,
  {
    confirmed = true,
    run = noAnswer,
    powerStatus,
  }: Partial<Parameters<typeof fakeSite>[0]> & { confirmed?: boolean } = {},
) =>
  proveDead(fakeSite({ surveys: [survey], run, ...(powerStatus && { powerStatus }) }), c2, survey, confirmed, signal);

describe('a controller is proven dead', () => {
  it('when nobody sees it, nobody reaches it, and a person says that it has no power', async () => {
    expect(await prove(gone)).toEqual({
      proofs: [
        'c2 does not answer over SSH',
        'c1 sees c2 offline',
        'c3 sees c2 offline',
        `c2 does not answer c1 at ${c2.address}`,
        `c2 does not answer c3 at ${c2.address}`,
        'a person says that it has no power',
      ],
      doubts: [],
    });
  });

  it('by the power that the site reads', async () => {
    const { doubts, proofs } = await prove(gone, {
      confirmed: false,
      powerStatus: ['/bin/echo', 'Chassis Power is off'],
    });
    expect(doubts).toEqual([]);
    expect(proofs.at(-1)).toBe('its power is off');
  });
});

describe('a controller is not proven dead', () => {
  it.each<[string, Partial<Parameters<typeof prove>[1]>, Survey, string]>([
    ['while nobody says that it has no power', { confirmed: false }, gone, 'nobody says that it has no power'],
    [
      'while its power is on, whatever a person says',
      { powerStatus: ['/bin/echo', 'Chassis Power is on'] },
      gone,
      'its power is on',
    ],
    ['while its power is not known', { confirmed: false, powerStatus: ['/bin/false'] }, gone, 'its power is not known'],
    [
      'while it refuses a connection',
      { run: async () => printed('1 bash: connect: Connection refused\n') },
      gone,
      'c2 answers c1',
    ],
    ['while it takes a connection', { run: async () => printed('0 \n') }, gone, 'c2 answers c3'],
    [
      'while it answers over SSH',
      {},
      [...gone.filter(({ controller }) => controller !== 'c2'), facts('c2')],
      'c2 answers over SSH',
    ],
    [
      'while one of the others sees it online',
      {},
      gone.map((one) => (one.controller === 'c3' ? { ...one, cluster: sees('c3', withNode('c2', {})) } : one)),
      'c3 sees c2 online',
    ],
    [
      'while nobody says what they see',
      {},
      gone.map((one) => ({ ...one, ...unheard(one.controller) })),
      'no other controller says what it sees',
    ],
  ])('%s', async (_when, options, survey, doubt) => {
    const { doubts } = await prove(survey, options);
    expect(doubts.join('; ')).toContain(doubt);
  });

  it('by what a controller without bash says', async () => {
    const { proofs, doubts } = await prove(gone, {
      run: async () => printed('127 timeout: failed to run command: No such file\n'),
    });
    expect([...proofs, ...doubts].join()).not.toContain(c2.address);
  });
});
