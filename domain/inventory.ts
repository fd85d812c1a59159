export type {
  Distribution,
  Inventory,
  Node,
  NotifySettings,
  OpenStackSettings,
  Role,
  SshSettings,
} from './inventory.schema.js';
