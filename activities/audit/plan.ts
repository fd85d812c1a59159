import type { Check } from '../../domain/audit/check.js';
import { checks as allChecks, checksCalled } from '../../domain/audit/checks.js';
import { REACHABLE } from '../../domain/audit/report.js';
import type { AuditPlan, AuditRequest } from '../../domain/audit/request.js';
import { auditRequestSchema } from '../../domain/audit/request.schema.js';
import type { Node } from '../../domain/inventory.js';
import { channelsOf } from '../../domain/notifications.js';
import { parseSelection, SelectionError, select } from '../../domain/selection.js';
import { didYouMean } from '../../inventory/suggest.js';
import { invalidRequest, invalidSelection } from '../failures.js';
import type { CloudSite } from './cloud-checks.js';
import { systemsOf } from './systems.js';

/**
 * What an audit will ask. A selection of nodes narrows it to checks of these nodes; checks of the cloud are then asked only by name.
 * @throws {ApplicationFailure} InvalidRequest for a check or a node that there is not, and for nothing at all to ask
 */
export function planAudit(site: CloudSite, request: AuditRequest): AuditPlan {
  const parsed = auditRequestSchema.safeParse(request);
  if (!parsed.success)
    throw invalidRequest(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const { inventory } = site;
  if (request.cloud !== inventory.cloud)
    throw invalidRequest(`this worker holds the inventory of ${inventory.cloud}, not of ${request.cloud}`);

  const named = request.checks && namedChecks(request.checks);
  const isWanted = ({ id }: Check): boolean => (named ? named.has(id) : !inventory.audit.off.includes(id));
  const nodes = selectedNodes(inventory.nodes, request.on);
  const nodeChecks = [...allChecks.values()].filter(
    (check) => check.scope === 'node' && isWanted(check) && nodes.some((node) => fits(check, node)),
  );
  const asked = systemsOf(inventory)
    .filter(({ isAt }) => isAt?.(inventory) ?? true)
    .map(({ system, checks }) => ({
      system,
      checks: checks
        .filter((check) => isWanted(check) && inventory.nodes.some((node) => fits(check, node)))
        .map(({ id }) => id),
    }))
    .filter(({ checks }) => checks.length > 0 && (request.on === undefined || named !== undefined));
  if (nodeChecks.length === 0 && asked.length === 0)
    throw invalidRequest('there is nothing to ask: none of these checks fits the inventory');

  const needsNodes = nodeChecks.length > 0;
  return {
    nodeChecks: needsNodes ? [...new Set([REACHABLE, ...nodeChecks.map(({ id }) => id)])] : [],
    nodes: needsNodes
      ? nodes
          .filter((node) => nodeChecks.some((check) => fits(check, node)))
          .map(({ name, roles }) => ({ name, roles }))
      : [],
    systems: asked,
    samples: inventory.audit.samples,
    channels: channelsOf(inventory.notify).map(({ name }) => name),
  };
}

const fits = ({ roles }: Check, node: Node): boolean => node.roles.some((role) => roles.includes(role));

function namedChecks(names: readonly string[]): Set<string> {
  return new Set(
    names.flatMap((name) => {
      const found = checksCalled(name);
      if (found.length > 0) return found.map(({ id }) => id);
      const known = [...allChecks.values()].flatMap(({ id, module }) => [id, module]);
      throw invalidRequest(
        `there is no check ${name}${didYouMean(name, known) ?? '; `ostler audit checks` lists those that there are'}`,
      );
    }),
  );
}

function selectedNodes(nodes: readonly Node[], on: string | undefined): readonly Node[] {
  if (on === undefined) return nodes;
  try {
    return select(parseSelection(on), nodes);
  } catch (error) {
    if (error instanceof SelectionError) throw invalidSelection(error);
    throw error;
  }
}
