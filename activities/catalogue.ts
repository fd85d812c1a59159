import { type CatalogueEntry, catalogue } from '../domain/catalogue.js';
import { invalidRequest } from './failures.js';

/** @throws {ApplicationFailure} InvalidRequest for what is not in this worker's catalogue */
export function entryOf(target: string): CatalogueEntry {
  const entry = catalogue.get(target);
  if (!entry) throw invalidRequest(`${target} is not in this worker's catalogue`);
  return entry;
}
