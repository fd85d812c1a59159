import type { AckRequest, AuditRecord, RecordAnswer } from '../../domain/audit/ledger.js';

/** Updates of a cloud's ledger of findings, and the query that reads it. */
export const ledgerUpdates = { record: 'record', acknowledge: 'acknowledge' } as const;
export const ledgerQueries = { state: 'state' } as const;

export type { AckRequest, AuditRecord, RecordAnswer };
