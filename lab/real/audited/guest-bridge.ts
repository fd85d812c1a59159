import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A bridge that no packet of the lab needs, and the port that gives it its link: both can be switched off without harm. */
export const guestBridge = { bridge: 'br-guests', port: 'guests-port', cable: 'guests-end' };

const always = 'LinkLocalAddressing=no\nConfigureWithoutCarrier=yes\n';
const neverWaitedFor = '[Link]\nRequiredForOnline=no\nActivationPolicy=up\n';

/** Write the bridge onto the disk at `root`, for networkd to make at boot. */
export async function writeGuestBridge(root: string): Promise<void> {
  const { bridge, port, cable } = guestBridge;
  const files = {
    '20-bridge.netdev': `[NetDev]\nName=${bridge}\nKind=bridge\n`,
    '21-port.netdev': `[NetDev]\nName=${port}\nKind=veth\n\n[Peer]\nName=${cable}\n`,
    '20-bridge.network': `[Match]\nName=${bridge}\n\n[Network]\n${always}\n${neverWaitedFor}`,
    '21-port.network': `[Match]\nName=${port}\n\n[Network]\nBridge=${bridge}\n\n${neverWaitedFor}`,
    '22-cable.network': `[Match]\nName=${cable}\n\n[Network]\n${always}\n${neverWaitedFor}`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, 'etc/systemd/network', name), text);
}
