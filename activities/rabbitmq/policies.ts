/**
 * Whether what `rabbitmqctl list_policies` printed has a policy that mirrors queues to every broker, in any version's order of columns.
 * @throws {Error} when it is no list of policies
 */
export function mirrorsQueues(text: string): boolean {
  if (!/^Listing policies\b/m.test(text))
    throw new Error(`RabbitMQ does not answer with its policies: ${text.trim().slice(0, 120) || 'nothing'}`);
  return /\{.*"ha-mode"\s*:\s*"all"/.test(text);
}
