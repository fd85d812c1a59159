import { controlCommand } from '../control-command.js';

export const promoteCommand = controlCommand('promote', {
  brief: 'Go on after the canary',
  description: [
    'Go on after the first batch of a run that was started with --promote.',
    '',
    'Example:',
    '  ostler promote nova-compute --reason "canary looks well"',
  ],
  hosts: false,
});
