// A service in a folder of its own, and its API as the control socket has it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../host/config/config.ts";
import { silentLog } from "../../host/log/log.ts";
import { createControl } from "../../host/service/control-server.ts";
import { makeDesk } from "../../host/service/desk.ts";
import { openService } from "../../host/service/service.ts";

export type Control = Awaited<ReturnType<typeof openControl>>;

export async function openControl() {
  const folder = mkdtempSync(join(tmpdir(), "dialward-control-"));
  const config = loadConfig(undefined, folder);
  const service = await openService(config, silentLog, () => {}, { create: true });
  const desk = makeDesk(service, config, () => {}, "test");
  return {
    service,
    desk,
    app: createControl(desk, silentLog),
    async close(): Promise<void> {
      await service.close();
      rmSync(folder, { recursive: true });
    },
  };
}
