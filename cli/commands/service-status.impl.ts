import { worst } from '../../domain/severity.js';
import { cloudOf, type OstlerContext, printJson, withTemporal } from '../context.js';
import { EXIT_FOR } from '../exit.js';
import { servicesText } from '../render/services.js';
import { readServices } from '../runs/read-services.js';
import type { ServiceStatusFlags } from './service-status.js';

/** `ostler service status`: asks, prints, and sets the exit code: 0, 3 or 4. */
export async function serviceStatus(this: OstlerContext, flags: ServiceStatusFlags, target: string): Promise<void> {
  const cloud = await cloudOf(this, flags);
  const services = await withTemporal(this, flags, ({ client }) =>
    readServices(this, client, { cloud, target, on: flags.on }),
  );
  const severity = worst(services);
  if (flags.json) printJson(this, { cloud, target, severity, services });
  else this.io.stdout(`${servicesText(cloud, services, { colour: this.io.isColour })}\n`);
  this.process.exitCode = EXIT_FOR[severity];
}
