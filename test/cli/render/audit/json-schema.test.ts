import { describe, expect, expectTypeOf, it } from 'vitest';
import type { z } from 'zod';
import { auditJsonSchemaText } from '../../../../cli/render/audit/json-schema.js';
import type { AuditReport } from '../../../../domain/audit/report.js';
import { auditReportSchema } from '../../../../domain/audit/report.schema.js';
import { calmReport, hostileReport, largeSample, sampleReport } from './samples.js';

describe('the JSON Schema of a report', () => {
  /** After a change of the schema: `npx vitest run test/cli/render/audit/json-schema.test.ts -u`. */
  it('is committed as docs/audit-report.schema.json just as it is generated now', async () => {
    await expect(auditJsonSchemaText()).toMatchFileSnapshot('../../../../docs/audit-report.schema.json');
  });

  it.each([
    ['with trouble', sampleReport],
    ['without', calmReport],
    ['with hostile texts', hostileReport],
    ['of a thousand nodes', largeSample().report],
  ])('describes a report %s, and nothing of it is lost', (_, report) => {
    expect(auditReportSchema.parse(report)).toEqual(report);
  });

  it('describes every field that a report has', () => {
    type Fields<T> = T extends readonly (infer One)[]
      ? Fields<One>[]
      : T extends object
        ? { [K in keyof T as string extends K ? never : K]-?: Fields<T[K]> }
        : unknown;
    expectTypeOf<Fields<z.infer<typeof auditReportSchema>>>().toEqualTypeOf<Fields<AuditReport>>();
  });

  it('lets fields be added, and refuses a report without its own', () => {
    expect(auditReportSchema.safeParse({ ...sampleReport, added: 'later' }).success).toBe(true);
    const { findings: _, ...lacking } = sampleReport;
    expect(auditReportSchema.safeParse(lacking).success).toBe(false);
  });
});
