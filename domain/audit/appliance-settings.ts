export type { EqlxAuditSettings, FuelAuditSettings, MongodbAuditSettings } from './appliance-settings.schema.js';
