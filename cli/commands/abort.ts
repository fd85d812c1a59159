import { controlCommand } from '../control-command.js';

export const abortCommand = controlCommand('abort', {
  brief: 'End a run early and restore what it changed',
  description: [
    'End a run: hosts in hand are finished, no new ones are started, everything that was changed for the time of the run is',
    'restored. Without a worker it is recorded and takes effect when one is back.',
    '',
    'Example:',
    '  ostler abort nova-compute --reason "wrong package"',
  ],
  hosts: false,
});
