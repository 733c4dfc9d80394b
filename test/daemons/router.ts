// Before the daemons' tests with a router behind them: builds dialward-radiusd and its tool, once for all files.
import { buildDaemon, PROCESSORS, translate } from "../engines/toolchain.ts";

export default function setup(): void {
  translate();
  buildDaemon(PROCESSORS.find(({ name }) => name === "x86-64")!);
}
