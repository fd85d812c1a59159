export type {
  Distribution,
  Inventory,
  Node,
  OpenStackSettings,
  Role,
  SshSettings,
} from './inventory.schema.js';
