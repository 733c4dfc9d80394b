// OpenVPN's management socket over TCP, with the password that OpenVPN asks Dialward for.
import { afterAll, beforeAll } from "vitest";
import type { Lab } from "./lab.ts";
import { testLogin } from "./logins.ts";
import { logIn, openLab, startServer } from "./openvpn-client.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab("server-management.conf", {
    "management /etc/openvpn/dialward.sock unix":
      "management 127.0.0.1 7505 /etc/openvpn/management-password",
    'socket = "/etc/openvpn/dialward.sock"':
      'socket = "127.0.0.1:7505"\npasswordFile = "/etc/openvpn/management-password"',
  });
  lab.write("openvpn/management-password", "open sesame\n", 0o600);
  await startServer(lab);
  await lab.until("Dialward has found OpenVPN", () => /connected to OpenVPN/.test(lab.dialwardLog()));
});
afterAll(() => lab?.close());

testLogin(
  "OpenVPN's management socket over TCP",
  () => lab,
  ({ name }, password) => logIn(lab, { user: name, password }),
);
