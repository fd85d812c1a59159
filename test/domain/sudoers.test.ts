import { expect, it } from 'vitest';
import { renderSudoers } from '../../domain/sudoers.js';
import { controllerNodes } from './controller-samples.js';
import { anInventory } from './samples.js';

const lines = (more: object = {}): string[] =>
  (renderSudoers({ role: 'controller', user: 'ops', ...more }) as string).split('\n');
const site = anInventory(controllerNodes);

it('escapes what sudoers would read as more than a letter, and leaves the pattern of the intent', () => {
  const rules = lines({ site }).filter((line) => line.startsWith('ops '));
  const head = 'ops ALL=(root) NOPASSWD: ';
  const run = '/usr/bin/systemd-run --unit ostler-';
  const intent = '[0-9a-f]'.repeat(16);
  expect(rules).toContain(
    `${head}${run}${intent} --remain-after-exit /usr/sbin/cibadmin -D -oconstraints -X<rsc_location id\\="cli-prefer-vip__public" node\\="c2"/>`,
  );
  expect(rules).toContain(
    `${head}${run}${intent} --remain-after-exit /usr/sbin/crm_attribute -N c2 -n ostler -v ${intent}`,
  );
  for (const rule of rules) expect(rule.slice(head.length)).not.toMatch(/(?<!\\)[,:=]/);
});

it('says on top how an act is told from any other', () => {
  expect(lines({ site }).join('\n')).toContain('PID 1 refuses the');
});

it('lets every program run without a terminal', () => {
  const programs = new Set(
    lines({ site })
      .filter((line) => line.startsWith('ops '))
      .map((line) => line.split('NOPASSWD: ')[1]?.split(' ', 1)[0]),
  );
  for (const program of programs) expect(lines({ site })).toContain(`Defaults!${program} !requiretty`);
});

it.each(['', 'Ops', 'ops ALL', '#0', 'a\nb'])('refuses the user %j', (user) => {
  expect(() => renderSudoers({ role: 'controller', user })).toThrow(RangeError);
});
