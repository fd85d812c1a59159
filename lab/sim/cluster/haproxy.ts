/** What the HAProxy of every controller serves; of a database, all but the first server are only there in case. */
export const PROXIES = ['keystone-1', 'nova-api', 'mysqld'] as const;

const COLUMNS =
  'pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime';

/** The HAProxy of one controller, from its start to its end: what is disabled in it is forgotten with it. */
export class Haproxy {
  readonly disabled = new Set<string>();

  /** What it answers to one line on its admin socket. Whatever is wrong, it says so in words. */
  answer(said: string, controllers: readonly { name: string; isOn: boolean }[]): string {
    if (said === 'show stat') return this.statistics(controllers);
    const [, verb, server = ''] = /^(disable|enable) server (\S+)$/.exec(said) ?? [];
    if (!verb) return 'Unknown command.\n\n';
    const [proxy, name] = server.split('/');
    if (!PROXIES.some((one) => one === proxy)) return 'No such backend.\n\n';
    if (!controllers.some((one) => one.name === name)) return 'No such server.\n\n';
    if (verb === 'disable') this.disabled.add(server);
    else this.disabled.delete(server);
    return '\n';
  }

  private statistics(controllers: readonly { name: string; isOn: boolean }[]): string {
    const rows = PROXIES.flatMap((proxy) => {
      const statusOf = ({ name, isOn }: { name: string; isOn: boolean }): string =>
        this.disabled.has(`${proxy}/${name}`) ? 'MAINT' : isOn ? 'UP' : 'DOWN';
      const up = controllers.filter((one) => statusOf(one) === 'UP').length;
      return [
        row(proxy, 'FRONTEND', 'OPEN', ['', '', '']),
        ...controllers.map((one, index) => {
          const isBackup = proxy === 'mysqld' && index > 0;
          return row(proxy, one.name, statusOf(one), ['1', isBackup ? '0' : '1', isBackup ? '1' : '0']);
        }),
        row(proxy, 'BACKEND', up > 0 ? 'UP' : 'DOWN', [`${up}`, `${up}`, '0']),
      ];
    });
    return `# ${COLUMNS},\n${rows.join('\n')}\n\n`;
  }
}

/** `scur` and what is before it, then nothing of interest until the status. */
const row = (proxy: string, server: string, status: string, weights: readonly string[]): string =>
  [proxy, server, '0', '0', '4', '12', '', ...Array(10).fill('0'), status, ...weights, '0', '0', '3600', '0', ''].join(
    ',',
  );
