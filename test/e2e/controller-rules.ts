import { inventorySchema } from '../../domain/inventory.schema.js';
import { renderSudoers } from '../../domain/sudoers.js';

/** The controllers of the lab. */
export const names = ['controller-1', 'controller-2', 'controller-3'];

/** The sudo rules of the lab's controllers, as `ostler sudoers` prints them with their inventory. */
export function controllerRules(): string {
  const site = inventorySchema.parse({
    cloud: 'lab',
    ssh: { user: 'ops', identityFile: './id' },
    nodes: names.map((name, index) => ({ name, address: `192.0.2.${index + 1}`, roles: ['controller'] })),
  });
  return renderSudoers({ role: 'controller', user: 'ops', site }) ?? '';
}
