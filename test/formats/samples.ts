// Files as other programs write them, with the secrets of the RFCs in them: a sample or more for each format. What a
// program writes was read from its documentation and its own tests, which the formats' files name.
import { HEX, SECRET, type Options } from "./read.ts";

export interface Sample {
  format: string;
  what: string;
  text: string;
  options?: Options;
  /** What becomes of each row: its user, or the fate of the others. */
  rows: ({ name: string } & Record<string, unknown>)[];
}

const secret = SECRET;
const BYTES = [...Buffer.from(HEX, "hex")];
const MOTP = "0123456789abcdef0123456789abcdef";
const uri = (kind: string, label: string, more: string): string =>
  `otpauth://${kind}/${label}?secret=${SECRET}${more}`;

export const SAMPLES: Sample[] = [
  {
    format: "json",
    what: "our own rows",
    text: JSON.stringify({ users: [{ name: "ada", secret }] }),
    rows: [{ name: "ada", secret }],
  },
  {
    format: "csv",
    what: "a spreadsheet",
    text: `name;secret\nada;${SECRET}\n`,
    rows: [{ name: "ada", secret }],
  },
  {
    format: "otpauth",
    what: "URIs of an app",
    text: `${uri("totp", "ACME:ada", "&issuer=ACME&algorithm=SHA1&digits=6&period=30")}\n`,
    rows: [{ name: "ada", secret, period: 30 }],
  },
  {
    format: "pskc",
    what: "a container of a token maker",
    text: `<?xml version="1.0"?><pskc:KeyContainer xmlns:pskc="urn:ietf:params:xml:ns:keyprov:pskc" Version="1.0"><pskc:KeyPackage><pskc:DeviceInfo><pskc:Manufacturer>ACME</pskc:Manufacturer><pskc:SerialNo>2600000001</pskc:SerialNo></pskc:DeviceInfo><pskc:Key Id="2600000001" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp"><pskc:AlgorithmParameters><pskc:Suite>HmacSHA1</pskc:Suite><pskc:ResponseFormat Length="6" Encoding="DECIMAL" CheckDigits="false"/></pskc:AlgorithmParameters><pskc:Data><pskc:Secret><pskc:PlainValue>MTIzNDU2Nzg5MDEyMzQ1Njc4OTA=</pskc:PlainValue></pskc:Secret><pskc:Time><pskc:PlainValue>0</pskc:PlainValue></pskc:Time><pskc:TimeInterval><pskc:PlainValue>60</pskc:PlainValue></pskc:TimeInterval></pskc:Data></pskc:Key></pskc:KeyPackage></pskc:KeyContainer>`,
    rows: [{ name: "2600000001", secret, period: 60, algorithm: "sha1" }],
  },
  {
    format: "google-authenticator",
    what: "a file of the PAM module",
    text: `${SECRET}\n" RATE_LIMIT 3 30 1700000000\n" WINDOW_SIZE 17\n" DISALLOW_REUSE\n" TOTP_AUTH\n12345678\n`,
    options: { name: "ada" },
    rows: [{ name: "ada", secret, period: 30 }],
  },
  {
    format: "oath",
    what: "pam_oath's users.oath",
    text: `HOTP/T30/6\tada\t-\t${HEX}\nHOTP/E\tbob\t1234\t${HEX}\t4\t338314\t2026-01-01T00:00:00L\n`,
    rows: [
      { name: "ada", period: 30 },
      { name: "bob", counter: 5, password: "1234" },
    ],
  },
  {
    format: "mod-authn-otp",
    what: "the users file of Apache's module",
    text: `HOTP ada 1234 ${HEX} 5 0 338314 2026-01-01T00:00:00L 192.0.2.1\nMOTP bob 4711 ${MOTP}\n`,
    rows: [
      { name: "ada", counter: 5 },
      { name: "bob", factor: "motp", pin: "4711" },
    ],
  },
  {
    format: "freeradius",
    what: "a users file",
    text: `ada Cleartext-Password := "opensesame", TOTP-Secret := "${SECRET}"\n\tReply-Message := "hello"\n\nDEFAULT Auth-Type := Reject\n`,
    rows: [
      { name: "ada", mode: "password+code", password: "opensesame" },
      { name: "DEFAULT", fate: "left" },
    ],
  },
  {
    format: "token-list",
    what: "privacyIDEA: serial, key, type, digits, period or counter",
    text: `tok1, ${HEX}, hotp, 6, 10\ntok2, ${HEX}, totp, 6, 30\ntok3, ${HEX}, totp, 8, 60\ntok4, ${HEX.slice(0, 32).repeat(2)}, totp\ntok5, ${HEX}, ocra, OCRA-1:HOTP-SHA1-6:QN08\n`,
    rows: [
      { name: "tok1", factor: "hotp", secret, counter: 10, algorithm: "sha1" },
      { name: "tok2", factor: "totp", secret, period: 30 },
      { name: "tok3", digits: 8, period: 60 },
      { name: "tok4", algorithm: "sha256", period: 30 },
      { name: "tok5", fate: "refused" },
    ],
  },
  {
    format: "token-list",
    what: "privacyIDEA's export with its users",
    text: `# version: 2\nada, users, example, tok1, ${HEX}, totp, 6, 30\n`,
    rows: [{ name: "ada", secret, period: 30 }],
  },
  {
    format: "token-list",
    what: "LinOTP: a hash in the sixth column",
    text: `#\nhtok1, ${HEX}, hotp, 8 ,,sha256,\nttok2, ${HEX}, totp, 8, 60, sha512\nhtok3, ${HEX}, hotp, 8, , s\n`,
    rows: [
      { name: "htok1", digits: 8, counter: 0, algorithm: "sha256" },
      { name: "ttok2", period: 60, algorithm: "sha512" },
      { name: "htok3", fate: "refused" },
    ],
  },
  {
    format: "token-list",
    what: "Feitian: serial number and seed, the rest on the delivery note",
    text: `2600001234567\t${HEX}\n2600001234568\t${HEX}\n`,
    options: { factor: "totp", period: 60 },
    rows: [
      { name: "2600001234567", secret, factor: "totp", period: 60 },
      { name: "2600001234568", period: 60 },
    ],
  },
  {
    format: "multiotp",
    what: "its list of tokens",
    text: `ABCDEF012300;multiOTP demo;HOTP;${HEX};6;0\nABCDEF012301;multiOTP demo;TOTP;${HEX};6;30\nABCDEF012302;multiOTP demo;mOTP;${MOTP};6;10\n`,
    rows: [
      { name: "ABCDEF012300", factor: "hotp", secret, counter: 0 },
      { name: "ABCDEF012301", factor: "totp", period: 30 },
      { name: "ABCDEF012302", fate: "refused" },
    ],
  },
  {
    format: "yubico",
    what: "the traditional log",
    text: `LOGGING START,11.12.13 18:55\nOATH-HOTP,11.12.13 18:55,1,cccccccccccc,,${HEX},,,0,0,0,8,0,0,0,0,0,0\nYubico OTP,11.12.13 16:43,1,cccccccirblh,b321173a2fb8,00112233445566778899aabbccddeeff,,,0,0,0,0,0,0,0,0,0,1\n`,
    rows: [
      { name: undefined as unknown as string, fate: "left" },
      { name: "cccccccccccc", factor: "hotp", secret, digits: 8, counter: 0 },
      { name: "cccccccirblh", fate: "refused" },
    ],
  },
  {
    format: "yubico",
    what: "the format of its own",
    text: `# OATH mode\n508326,,0,${HEX},,2013-12-12T08:41:07,\n508327,cccccccccccc,83cebdfb7b93,00112233445566778899aabbccddeeff,,2013-12-12T08:43:17,\n`,
    rows: [
      { name: "508326", secret, digits: 6 },
      { name: "508327", fate: "refused" },
    ],
  },
  {
    format: "opnsense",
    what: "OPNsense's config.xml",
    text: `<?xml version="1.0"?>\n<opnsense><system><hostname>fw</hostname><user uuid="6d0d1f0a"><uid>0</uid><name>root</name><disabled>0</disabled><scope>system</scope><password>$2y$11$hash</password><otp_seed/></user><user uuid="5b0c"><uid>2000</uid><name>ada</name><disabled>0</disabled><scope>user</scope><password>$2y$11$hash</password><otp_seed>${SECRET}</otp_seed></user></system></opnsense>`,
    options: { allowWeaker: true },
    rows: [
      { name: "root", fate: "left" },
      { name: "ada", factor: "totp", secret },
    ],
  },
  {
    format: "opnsense",
    what: "pfSense's config.xml with the package freeradius",
    text: `<?xml version="1.0"?>\n<pfsense><version>23.3</version><system><user><name>admin</name><bcrypt-hash>$2y$10$hash</bcrypt-hash></user></system><installedpackages><freeradius><config><sortable></sortable><varusersusername>ada</varusersusername><varuserspassword></varuserspassword><varuserspasswordencryption>Cleartext-Password</varuserspasswordencryption><varusersmotpenable>on</varusersmotpenable><varusersauthmethod>motp</varusersauthmethod><varusersmotpinitsecret>${MOTP}</varusersmotpinitsecret><varusersmotppin>4711</varusersmotppin><varusersmotpoffset>0</varusersmotpoffset></config><config><varusersusername>bob</varusersusername><varusersmotpenable>on</varusersmotpenable><varusersauthmethod>googleauth</varusersauthmethod><varusersmotpinitsecret>${SECRET}</varusersmotpinitsecret><varusersmotppin>4712</varusersmotppin></config></freeradius></installedpackages></pfsense>`,
    rows: [
      { name: "admin", fate: "left" },
      { name: "ada", factor: "motp", secret: MOTP, pin: "4711" },
      { name: "bob", factor: "totp", secret, mode: "password+code", password: "4712" },
    ],
  },
  {
    format: "nethsecurity",
    what: "/etc/config/users",
    text: `config local 'main'\n\toption description 'Main local database'\n\nconfig user 'ns_ada'\n\toption name 'ada'\n\toption database 'main'\n\toption password '$6$hash'\n\toption openvpn_enabled '1'\n\toption openvpn_2fa '${SECRET}'\n\toption openvpn_ipaddr '10.0.0.7'\n\nconfig user 'ns_bob'\n\toption name 'bob'\n\toption database 'main'\n\toption openvpn_enabled '0'\n\toption openvpn_2fa '${SECRET}'\n\nconfig user 'ns_carl'\n\toption name 'carl'\n`,
    rows: [
      { name: "ada", factor: "totp", secret },
      { name: "bob", enabled: false },
      { name: "carl", fate: "left" },
    ],
  },
  {
    format: "pritunl",
    what: "the users of an organisation",
    text: JSON.stringify([
      {
        id: "5f0",
        organization: "5e9",
        name: "ada",
        email: null,
        groups: [],
        pin: false,
        type: "client",
        auth_type: "local",
        otp_secret: SECRET,
        disabled: false,
        bypass_secondary: false,
      },
      {
        id: "5f1",
        organization: "5e9",
        name: "bob",
        pin: false,
        type: "client",
        otp_secret: SECRET,
        disabled: true,
      },
      { id: "5f2", organization: "5e9", name: "server", type: "server", otp_secret: SECRET },
    ]),
    rows: [
      { name: "ada", factor: "totp", secret },
      { name: "bob", enabled: false },
      { name: "server", fate: "left" },
    ],
  },
  {
    format: "openvpn-as",
    what: "sacli UserPropGet",
    text: JSON.stringify({
      __DEFAULT__: { prop_autologin: "false", type: "user_default" },
      admin: { type: "user_connect" },
      ada: {
        conn_group: "Admin",
        pvt_google_auth_secret: SECRET,
        pvt_google_auth_secret_locked: "true",
        type: "user_compile",
      },
    }),
    options: { allowWeaker: true },
    rows: [
      { name: "__DEFAULT__", fate: "left" },
      { name: "admin", fate: "left" },
      { name: "ada", factor: "totp", secret, active: true },
    ],
  },
  {
    format: "aegis",
    what: "a plain vault",
    text: JSON.stringify({
      version: 1,
      header: { slots: null, params: null },
      db: {
        version: 2,
        entries: [
          {
            type: "totp",
            uuid: "3ae6f1ad",
            name: "ada",
            issuer: "ACME",
            icon: null,
            info: { secret, algo: "SHA256", digits: 7, period: 20 },
          },
          {
            type: "hotp",
            uuid: "0a8c0571",
            name: "bob",
            issuer: "ACME",
            icon: null,
            info: { secret, algo: "SHA1", digits: 6, counter: 50 },
          },
          {
            type: "motp",
            uuid: "0a8c0572",
            name: "dora",
            issuer: "",
            info: { secret: "AERUKZ4JVPG66AJDIVTYTK6N54", algo: "MD5", digits: 6, period: 10, pin: "4711" },
          },
          {
            type: "steam",
            uuid: "5b11ae3b",
            name: "carl",
            issuer: "Boeing",
            info: { secret, algo: "SHA1", digits: 5, period: 30 },
          },
        ],
      },
    }),
    rows: [
      { name: "ada", factor: "totp", secret, algorithm: "sha256", digits: 7, period: 20 },
      { name: "bob", factor: "hotp", counter: 50 },
      { name: "dora", factor: "motp", secret: MOTP, pin: "4711" },
      { name: "carl", fate: "refused" },
    ],
  },
  {
    format: "2fas",
    what: "a backup of schema 4",
    text: JSON.stringify({
      services: [
        {
          name: "ACME",
          secret,
          updatedAt: 1702934567518,
          otp: {
            link: uri("totp", "ACME:ada", "&issuer=ACME"),
            label: "ada",
            account: "ada",
            issuer: "ACME",
            digits: 6,
            period: 30,
            algorithm: "SHA1",
            tokenType: "TOTP",
            source: "Link",
          },
          order: { position: 0 },
        },
        {
          name: "ACME",
          secret,
          otp: { account: "bob", digits: 8, algorithm: "SHA512", counter: 10300, tokenType: "HOTP" },
        },
      ],
      groups: [],
      updatedAt: 1702934782660,
      schemaVersion: 4,
      appOrigin: "android",
    }),
    rows: [
      { name: "ada", factor: "totp", secret, period: 30 },
      { name: "bob", factor: "hotp", algorithm: "sha512", digits: 8, counter: 10300 },
    ],
  },
  {
    format: "andotp",
    what: "a plain backup",
    text: JSON.stringify([
      {
        secret: `${SECRET}`,
        issuer: "ACME",
        label: "ada",
        digits: 6,
        type: "TOTP",
        algorithm: "SHA1",
        thumbnail: "Default",
        last_used: 1608146844162,
        used_frequency: 0,
        period: 30,
        tags: [],
      },
      { secret, label: "ACME - bob", digits: 6, type: "HOTP", algorithm: "SHA1", counter: 1, tags: [] },
      { secret, issuer: "Boeing", label: "carl", digits: 5, type: "STEAM", algorithm: "SHA1", tags: [] },
    ]),
    rows: [
      { name: "ada", factor: "totp", secret },
      { name: "bob", factor: "hotp", counter: 1 },
      { name: "carl", fate: "refused" },
    ],
  },
  {
    format: "freeotp-plus",
    what: "its JSON, the counter that of the last code",
    text: JSON.stringify({
      tokenOrder: ["ACME:ada", "ACME:bob"],
      tokens: [
        {
          algo: "SHA1",
          counter: 0,
          digits: 6,
          issuerExt: "ACME",
          issuerInt: "ACME",
          label: "ada",
          period: 30,
          secret: BYTES,
          type: "TOTP",
        },
        {
          algo: "SHA256",
          counter: 49,
          digits: 7,
          issuerExt: "ACME",
          issuerInt: "ACME",
          label: "bob",
          period: 30,
          secret: [-19, 64, -59, -18, -5, -20, -50, 34],
          type: "HOTP",
        },
      ],
    }),
    rows: [
      { name: "ada", factor: "totp", secret },
      { name: "bob", factor: "hotp", counter: 50, algorithm: "sha256" },
    ],
  },
  {
    format: "bitwarden",
    what: "JSON",
    text: JSON.stringify({
      encrypted: false,
      folders: [],
      items: [
        {
          id: "ffde",
          type: 1,
          name: "ACME",
          notes: null,
          login: {
            uris: null,
            username: "ada",
            password: "x",
            totp: uri("totp", "ACME:other", "&issuer=ACME"),
          },
        },
        { id: "ffdf", type: 1, name: "ACME 2", login: { username: null, totp: SECRET } },
        { id: "ffe0", type: 1, name: "none", login: { username: "eve", totp: null } },
        { id: "ffe1", type: 2, name: "a note", notes: "x" },
        { id: "ffe2", type: 1, name: "Steam", login: { username: "carl", totp: `steam://${SECRET}` } },
      ],
    }),
    rows: [
      { name: "ada", factor: "totp", secret },
      { name: "ACME 2", factor: "totp", secret },
      { name: "eve", fate: "left" },
      { name: "a note", fate: "left" },
      { name: "carl", fate: "refused" },
    ],
  },
  {
    format: "bitwarden",
    what: "CSV",
    text: `folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp\n,,login,Test 1,,,0,,,,"${uri("totp", "ACME:ada", "&issuer=ACME")}"\n,,login,Test 2,,,0,,bob,x,${SECRET}\n`,
    rows: [
      { name: "ada", secret },
      { name: "bob", secret },
    ],
  },
  {
    format: "proton",
    what: "a plain export",
    text: JSON.stringify({
      version: 1,
      entries: [
        {
          id: "a19e",
          content: {
            uri: uri("totp", "ACME:ada", "&issuer=ACME&algorithm=SHA1&digits=6&period=30"),
            entry_type: "Totp",
            name: "ada",
          },
          note: null,
        },
      ],
    }),
    rows: [{ name: "ada", secret }],
  },
  {
    format: "stratum",
    what: "a plain backup",
    text: JSON.stringify({
      Authenticators: [
        {
          Type: 2,
          Icon: null,
          Issuer: "ACME",
          Username: "ada",
          Secret: SECRET,
          Pin: null,
          Algorithm: 2,
          Digits: 8,
          Period: 50,
          Counter: 0,
          Ranking: 0,
        },
        {
          Type: 1,
          Issuer: "ACME",
          Username: "bob",
          Secret: SECRET,
          Algorithm: 0,
          Digits: 6,
          Period: 30,
          Counter: 50,
        },
        {
          Type: 3,
          Issuer: "ACME",
          Username: "dora",
          Secret: MOTP,
          Pin: "4711",
          Algorithm: 0,
          Digits: 6,
          Period: 10,
          Counter: 0,
        },
        {
          Type: 4,
          Issuer: "Boeing",
          Username: "carl",
          Secret: SECRET,
          Algorithm: 0,
          Digits: 5,
          Period: 30,
          Counter: 0,
        },
      ],
      Categories: [],
      AuthenticatorCategories: [],
      CustomIcons: [],
    }),
    rows: [
      { name: "ada", factor: "totp", secret, algorithm: "sha512", digits: 8, period: 50 },
      { name: "bob", factor: "hotp", counter: 50 },
      { name: "dora", factor: "motp", secret: MOTP, pin: "4711" },
      { name: "carl", fate: "refused" },
    ],
  },
];

/** Encrypted exports, each with the app that must be named. */
export const ENCRYPTED: { app: RegExp; format: string; text: string }[] = [
  {
    app: /Aegis/,
    format: "aegis",
    text: JSON.stringify({ version: 1, header: { slots: [{ type: 1 }], params: {} }, db: "AAECAw==" }),
  },
  {
    app: /2FAS/,
    format: "2fas",
    text: JSON.stringify({ services: [], schemaVersion: 4, servicesEncrypted: "AAEC:AwQ=:BQY=" }),
  },
  { app: /andOTP/, format: "andotp", text: "-----BEGIN PGP MESSAGE-----\n\nhQEMA\n" },
  {
    app: /Bitwarden/,
    format: "bitwarden",
    text: JSON.stringify({ encrypted: true, passwordProtected: true, salt: "x", data: "2.x" }),
  },
  { app: /Proton/, format: "proton", text: JSON.stringify({ version: 1, salt: "AAEC", content: "AwQF" }) },
  {
    app: /Ente/,
    format: "ente",
    text: JSON.stringify({
      version: 1,
      kdfParams: { memLimit: 4096, opsLimit: 3, salt: "x" },
      encryptedData: "x",
      encryptionNonce: "x",
    }),
  },
  { app: /Stratum/, format: "stratum", text: "AUTHENTICATORPRO\u0000\u0001\u0002" },
  { app: /Stratum/, format: "stratum", text: "AuthenticatorPro\u0000\u0001\u0002" },
];
