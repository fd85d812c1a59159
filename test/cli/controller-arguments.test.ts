import { expect, it } from 'vitest';
import { ostler } from './fixtures/operator.js';

const why = ['--cloud', 'prod', '--reason', 'OPS-7'];
const failover = (...flags: string[]) => ['failover', 'controller-2', ...why, ...flags];
const move = (...flags: string[]) => ['vip', 'move', 'vip__public', ...why, ...flags];

it.each<[string, string[], RegExp]>([
  ['no controller', ['failover', ...why], /NODE/],
  ['two controllers', ['failover', 'controller-1', 'controller-2', ...why], /controller-2/],
  [
    'a controller that is no name',
    ['failover', 'controller_2;id', ...why],
    /"controller_2;id".*must be the name of a host/,
  ],
  ['two ends of a hold', failover('--hold', '2h', '--until-returned'), /--hold and --until-returned both say when/],
  ['an end for a dead one', failover('--hold', '2h', '--dead'), /nobody knows when a dead controller can come back/],
  ['a hold of more than a day', failover('--hold', '25h'), /a hold of 1 d 1 h is longer than 1 d[\s\S]*--hold-limit/],
  ['a hold of more than its limit', failover('--hold', '2h', '--hold-limit', '1h'), /a hold of 2 h is longer than 1 h/],
  ['a limit of no hold', failover('--hold-limit', '2h'), /--hold-limit limits a hold, and there is none/],
  ['a hold without a unit', failover('--hold', '2'), /--hold "2": must be a duration with its unit/],
  ['an endless hold', failover('--hold', 'forever'), /--hold "forever"/],
  ['a word for nobody dead', failover('--confirm-off'), /--confirm-off says that a dead controller[\s\S]*add --dead/],
  ['a gate that cannot be forced', failover('--force', 'quorum'), /quorum[\s\S]*failure/],
  ['no reason', ['failover', 'controller-2', '--cloud', 'prod', '--yes'], /a reason is required/],
  ['no cloud', ['failover', 'controller-2', '--reason', 'x'], /which cloud/],
  ['a question and no terminal', failover(), /no terminal to ask "Take controller-2 of prod out of service\?"/],
  ['a plan that is none', failover('--expect', 'latest'), /--expect "latest"/],
  ['a return of nobody', ['return', ...why], /NODE/],
  ['a return with a hold', ['return', 'controller-2', ...why, '--hold', '2h'], /--hold/],
  ['a return without a reason', ['return', 'controller-2', '--cloud', 'prod'], /a reason is required/],
  ['a move to nowhere', move(), /--to/],
  ['a move to what is no host', move('--to', 'a b'), /--to "a b": must be the name of a host/],
  [
    'a move of what is no resource',
    ['vip', 'move', 'vip;id', '--to', 'controller-1', ...why],
    /the name of a resource/,
  ],
  ['a move of nothing', ['vip', 'move', '--to', 'controller-1', ...why], /VIP/],
  [
    'a move that nobody agrees to',
    move('--to', 'controller-1'),
    /no terminal to ask "Move vip__public of prod to controller-1\?"/,
  ],
  ['an address without a verb', ['vip', 'vip__public'], /no command "vip__public"/],
])('%s is refused with 2, before anything is connected to', async (_what, argv, message) => {
  const { code, out, err } = await ostler(argv, { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
  expect(err).toMatch(message);
  expect(out).toBe('');
  expect(code).toBe(2);
});
