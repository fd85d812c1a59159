import { controlCommand } from '../control-command.js';

export const skipCommand = controlCommand('skip', {
  brief: 'Leave hosts out of a run',
  description: [
    'Leave hosts out of a run: failed ones, so that it goes on, or hosts that have not had their turn. Without names, all',
    'failed hosts.',
    '',
    'Example:',
    '  ostler skip nova-compute compute-7 --reason "goes to repair"',
  ],
  hosts: true,
});
