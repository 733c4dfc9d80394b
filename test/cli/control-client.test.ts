// What a command makes of the service's answers: whatever names are in them, wherever they are cut.
import fc from "fast-check";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { askService } from "../../host/cli/control-client.ts";
import { CONTROL_SOCKET } from "../../host/service/control-api.ts";
import { anyCharacter, runs } from "../runs.ts";

let folder: string;
let server: Server;
/** The next answer: its bytes in pieces, and whether it comes to its end. */
let answer: { pieces: Buffer[]; whole: boolean };
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "dialward-control-"));
  server = createServer(async (request, response) => {
    request.resume();
    if (request.url === "/") return void response.writeHead(404).end();
    const { pieces, whole } = answer;
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    for (const piece of pieces) await new Promise((sent) => response.write(piece, sent));
    if (whole) response.end();
    else response.destroy();
  });
  await new Promise<void>((resolve) => server.listen(join(folder, CONTROL_SOCKET), resolve));
});
afterEach(async () => {
  await new Promise((closed) => server.close(closed));
  rmSync(folder, { recursive: true });
});

/** `text` in pieces of at most `most` bytes. */
function inPieces(text: string, most: number): Buffer[] {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / most) }, (_, i) =>
    bytes.subarray(i * most, (i + 1) * most),
  );
}

const name = fc.string({ unit: fc.oneof(anyCharacter, fc.constantFrom("\u2028", "\u2029", "\u0085")) });
const GONE = { code: "busy", message: expect.stringContaining("has ended meanwhile") };

test("rows come as they were sent, or it is said that some are missing", async () => {
  const desk = (await askService(folder))!;
  const names = fc.array(name, { maxLength: 20 });
  const holds = async (sent: string[], most: number, cut: number | undefined): Promise<void> => {
    const lines = [...sent.map((one) => ({ row: { name: one } })), { result: null }];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    const pieces = inPieces(text, most);
    answer =
      cut === undefined
        ? { pieces, whole: true }
        : { pieces: pieces.slice(0, cut % pieces.length), whole: cut % 2 === 0 };
    const came: unknown[] = [];
    const reading = (async () => {
      for await (const row of desk.users.list()) came.push(row);
    })();
    if (cut === undefined) await reading;
    else await expect(reading).rejects.toMatchObject(GONE);
    const all = sent.map((one) => ({ name: one }));
    expect(came).toEqual(cut === undefined ? all : all.slice(0, came.length));
  };
  const most = fc.integer({ min: 1, max: 200 });
  await fc.assert(fc.asyncProperty(names, most, fc.option(fc.nat(), { nil: undefined }), holds), runs(30));
});

test("an answer that is cut short is none", async () => {
  const desk = (await askService(folder))!;
  answer = { pieces: [Buffer.from('{"profile":')], whole: false };
  await expect(desk.users.get("alice")).rejects.toMatchObject(GONE);
  answer = { pieces: [Buffer.from('{"progress":1}\n')], whole: true };
  await expect(desk.users.import([])).rejects.toMatchObject(GONE);
});
