import { controlCommand } from '../control-command.js';

export const retryCommand = controlCommand('retry', {
  brief: 'Try failed hosts again',
  description: [
    'Try hosts again whose failure is known; without names, all of them. A run never repeats a failed start by itself.',
    'A host that a gate kept the run off (vetoed) is tried again when it is named.',
    '',
    'Examples:',
    '  ostler retry nova-compute --reason "disk was full"',
    '  ostler retry restart/prod/nova-compute@1a2b3c4d compute-7 compute-9 --reason "disk was full"',
  ],
  hosts: true,
});
