import { controlCommand } from '../control-command.js';

export const pauseCommand = controlCommand('pause', {
  brief: 'Pause a run after the hosts in hand',
  description: [
    'Pause a run: hosts in hand are finished, no new ones are started, leases are given back. It waits for `ostler resume`',
    'until its pause deadline and aborts then. Without a worker it is recorded and takes effect when one is back.',
    '',
    'Example:',
    '  ostler pause nova-compute --reason "network maintenance until 3"',
  ],
  hosts: false,
});
