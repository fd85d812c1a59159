import { controlCommand } from '../control-command.js';

export const resumeCommand = controlCommand('resume', {
  brief: 'Let a paused run go on',
  description: ['Let a paused run go on.', '', 'Example:', '  ostler resume nova-compute --reason "network is back"'],
  hosts: false,
});
