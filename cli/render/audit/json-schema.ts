import { z } from 'zod';
import { auditReportSchema } from '../../../domain/audit/report.schema.js';

/** The text of docs/audit-report.schema.json: what `ostler audit --json` prints, as JSON Schema (draft 2020-12). */
export function auditJsonSchemaText(): string {
  const schema = z.toJSONSchema(auditReportSchema, { io: 'output' });
  return `${JSON.stringify({ ...schema, title: 'Report of ostler audit --json' }, null, 2)}\n`;
}
