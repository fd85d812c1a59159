import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Survey } from '../../domain/controllers.js';
import { memberOf } from '../../domain/controllers.js';
import type { Node } from '../../domain/inventory.js';
import { redact } from '../redact.js';
import { knock } from './knock.js';
import type { ControllerSite } from './site.js';

/** How long the site's own command may take; a power controller answers in seconds. */
const POWER_LIMIT_MS = 30_000;

/** What speaks for a controller being gone, or against it. */
export interface DeathProof {
  proofs: string[];
  /** Why it may not be called gone; empty when it may. */
  doubts: string[];
}

/**
 * Proves that a controller is gone: every other controller has lost it and cannot reach it, nor can we, and it has no power, by the site's own
 * command or a person's word. One that still runs would write to what the others take over.
 * @param confirmed a person says that it has no power
 */
export async function proveDead(
  site: ControllerSite,
  node: Node,
  survey: Survey,
  confirmed: boolean,
  signal: AbortSignal,
): Promise<DeathProof> {
  const proofs: string[] = [];
  const doubts: string[] = [];
  const say = (dead: boolean, what: string): void => void (dead ? proofs : doubts).push(what);
  const member = memberOf(survey, node.name);
  const itself = survey.find(({ controller }) => controller === node.name);
  say(
    itself?.bootId === undefined,
    itself?.bootId === undefined ? `${node.name} does not answer over SSH` : `${node.name} answers over SSH`,
  );
  const others = survey.filter(({ controller }) => controller !== node.name);
  for (const { controller, cluster } of others) {
    if (cluster.state !== 'read') continue;
    const seen = cluster.view.nodes.find(({ name }) => name === member);
    const how = seen ? (seen.online ? 'online' : 'offline') : 'nowhere among the nodes';
    say(how === 'offline', `${controller} sees ${node.name} ${how}`);
  }
  if (!others.some(({ cluster }) => cluster.state === 'read')) doubts.push('no other controller says what it sees');
  const reached = await Promise.all(
    others.map(async ({ controller }) => [controller, await knock(site, controller, node.address, signal)] as const),
  );
  for (const [controller, answer] of reached) {
    if (answer === 'not asked') continue;
    say(
      answer === 'silent',
      `${node.name} ${answer === 'silent' ? 'does not answer' : 'answers'} ${controller} at ${node.address}`,
    );
  }
  const command = site.inventory.cluster.powerStatus;
  const power = command && (await powerOf(command, node.name));
  if (power === 'off') proofs.push('its power is off');
  else if (power === 'on') doubts.push('its power is on');
  else if (confirmed) proofs.push('a person says that it has no power');
  else
    doubts.push(
      power
        ? `its power is ${power}: look yourself and say --confirm-off`
        : 'nobody says that it has no power: configure cluster.powerStatus in ostler.yaml, or look yourself and say --confirm-off',
    );
  return { proofs, doubts };
}

/** What the site's own command says of a node's power: `off`, `on`, or why that is not known. */
async function powerOf([program = '', ...args]: readonly string[], node: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, [...args, node], {
      timeout: POWER_LIMIT_MS,
      killSignal: 'SIGKILL',
    });
    const [isOff, isOn] = [/\boff\b/i.test(stdout), /\bon\b/i.test(stdout)];
    if (isOff !== isOn) return isOff ? 'off' : 'on';
    return `not known (${redact(stdout.trim()).slice(0, 100)})`;
  } catch (error) {
    return `not known: ${program} failed (${(error as { code?: string | number }).code ?? 'killed'})`;
  }
}
