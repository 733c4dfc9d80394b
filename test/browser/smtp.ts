// An SMTP server for one mail at a time (RFC 5321): takes whatever it is given, and keeps it.
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";

export interface SmtpServer {
  port: number;
  /** The next mail: its recipient and its text, with quoted-printable undone. */
  mail(): Promise<{ to: string; text: string }>;
  close(): void;
}

export async function startSmtp(): Promise<SmtpServer> {
  let hear: (mail: { to: string; text: string }) => void = () => {};
  let next = new Promise<{ to: string; text: string }>((resolve) => (hear = resolve));
  const server = createServer((socket) => {
    let held = "";
    let to = "";
    let data = false;
    socket.write("220 here\r\n");
    socket.on("data", (chunk) => {
      held += chunk;
      for (;;) {
        const end = held.indexOf(data ? "\r\n.\r\n" : "\r\n");
        if (end < 0) return;
        const line = held.slice(0, end);
        held = held.slice(end + (data ? 5 : 2));
        if (data) {
          data = false;
          const text = line
            .replace(/=\r\n/g, "")
            .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
          hear({ to, text });
          next = new Promise((resolve) => (hear = resolve));
          socket.write("250 kept\r\n");
        } else if (/^DATA/i.test(line)) {
          data = true;
          socket.write("354 go on\r\n");
        } else {
          to = /^RCPT TO:<([^>]*)>/i.exec(line)?.[1] ?? to;
          socket.write(/^QUIT/i.test(line) ? "221 bye\r\n" : "250 ok\r\n");
        }
      }
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, mail: () => next, close: () => server.close() };
}
