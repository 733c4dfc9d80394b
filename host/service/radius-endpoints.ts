// Where RADIUS is answered: where the configuration file says, else as was chosen on the page System.
import type { Config } from "../config/config.ts";
import { RADIUS_HERE } from "../config/schema.ts";
import type { Settings } from "../admin/settings.ts";
import type { ListenOptions } from "../radius/sockets.ts";

const EVERYWHERE: ListenOptions = { listen: "[::]:1812", accounting: "[::]:1813" };

/** Whether the file says more than that it is this machine alone. */
export function isRadiusInFile({ radius }: Pick<Config, "radius">): boolean {
  return radius.listen !== RADIUS_HERE.listen || radius.accounting !== RADIUS_HERE.accounting;
}

/** Where the sockets are bound. */
export function radiusEndpoints(
  config: Pick<Config, "radius">,
  { radius }: Pick<Settings, "radius">,
): ListenOptions {
  return !isRadiusInFile(config) && radius.everywhere ? EVERYWHERE : config.radius;
}
