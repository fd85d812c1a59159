import { aliases, catalogue, modules } from '../../domain/catalogue.js';
import { ALL_MODULES, servicesCalled } from '../../domain/services.js';
import { suggestion } from '../suggest.js';

/**
 * The module or the service that was typed, by its own name or by that of a unit or a resource.
 * @throws {SyntaxError} with the nearest known name
 */
export function parseService(text: string): string {
  if (text === ALL_MODULES || modules.has(text)) return text;
  const [entry] = servicesCalled(text);
  if (entry) return entry.id;
  const near = suggestion(text, [...modules.keys(), ...catalogue.keys(), ...aliases.keys()]);
  throw new SyntaxError(`"${text}" is no module and no service${near === undefined ? '' : `; did you mean ${near}?`}`);
}

const known = [ALL_MODULES, ...new Set([...modules.keys(), ...catalogue.keys()])];

/** The argument of every command about services. */
export const serviceArgument = {
  parse: parseService,
  brief: `A module, such as ${[...modules.keys()].slice(0, 3).join(' or ')}, a service, such as nova-compute, or ${ALL_MODULES}`,
  placeholder: 'MODULE',
  proposeCompletions: (partial: string) => known.filter((name) => name.startsWith(partial)),
};
